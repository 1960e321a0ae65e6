import type { AnalysedRun } from '../../model/analysis/analysis.js';
import { barAxis } from '../charts/axis.js';
import { numbersOf } from '../charts/numbers.js';
import { pictureOf, type Picture } from '../charts/picture.js';
import type { BarsSpec } from '../charts/spec.js';
import { totalText } from '../run/tables.js';
import { chartSeconds, formatChange, signed } from '../text/format.js';
import { publishedChartPercent, type PublishedCase } from '../run/published.js';
import { engineWords, rolesOf, runTitle, totalWords } from '../words/run.js';

/**
 * The published case and the run that repeats it, as the published charts show them: BEFORE and AFTER. The measured
 * bars are left out where an arm has no total.
 */
export function publishedPictures(analysed: AnalysedRun, published: PublishedCase, prefix: string): readonly Picture[] {
  const theirs = publishedBars(published, `published-${published.id}`);
  const own = measuredBars(analysed, `${prefix}bars`);
  return [
    pictureOf('published', theirs, {
      sentence: `Published in 2021: ${signed(publishedChartPercent(published), 2)} % from before to after, without \
spread.`,
      numbers: numbersOf(theirs),
    }),
    ...(own === null
      ? []
      : [pictureOf('published', own, { sentence: measuredSentence(own), numbers: numbersOf(own) })]),
  ];
}

/** The run as BEFORE and AFTER; `null` without such arms, or where one has no total. */
export function measuredBars(analysed: AnalysedRun, id: string): BarsSpec | null {
  const { baseline, compared } = rolesOf(analysed);
  if (!['before', 'after'].every((name) => name === baseline || compared.includes(name))) return null;
  const rows = ['before', 'after'].flatMap((name): readonly BarsSpec['rows'][number][] => {
    const arm = analysed.analysis.arms.find((one) => one.arm === name);
    if (arm === undefined || arm.totalSeconds === null) return [];
    return [
      {
        label: name.toUpperCase(),
        text: `${totalText(arm)} s`,
        role: name === baseline ? 'baseline' : 'compared',
        place: 0,
        value: arm.totalSeconds,
        low: arm.totalSecondsLow,
        high: arm.totalSecondsHigh,
      },
    ];
  });
  if (rows.length < 2) return null;
  return {
    kind: 'bars',
    id,
    title: `Measured: ${runTitle(analysed)}`,
    subtitle: `${engineWords(analysed.run.plan.engine)}. Lines: 95 % interval of each arm alone.`,
    axisTitle: totalWords(analysed),
    axis: barAxis(rows.flatMap(({ value, high }) => [value, high ?? 0])),
    rows,
  };
}

function measuredSentence({ rows: [before, after] }: BarsSpec): string {
  if (before === undefined || after === undefined || before.value === 0) return 'Nothing was measured.';
  return `Measured here: ${formatChange(Math.log(after.value / before.value))} from before to after.`;
}

/** The published case, with the values its chart prints. */
export function publishedBars(published: PublishedCase, id: string): BarsSpec {
  const { chartBeforeSeconds, afterSeconds, architecture, mode, containers } = published;
  const rows = [
    { label: 'BEFORE', value: chartBeforeSeconds, role: 'baseline' as const },
    { label: 'AFTER', value: afterSeconds, role: 'compared' as const },
  ];
  return {
    kind: 'bars',
    id,
    title: `Published: ${architecture} ${mode}`,
    subtitle: 'iSulad, 2021. Single numbers: no interval was published.',
    axisTitle: `seconds for ${containers} containers`,
    axis: barAxis(rows.map(({ value }) => value)),
    rows: rows.map((row) => ({ ...row, text: `${chartSeconds(row.value)} s`, place: 0, low: null, high: null })),
  };
}
