import type { AnalysedRun, Comparison, ControlCheck, Estimate, Verdict } from '../../model/analysis/analysis.js';
import { emulationOfHost } from '../../model/run/emulation.js';
import { isTimed } from '../../model/analysis/judgement.js';
import type { ArmDefinition, Scenario } from '../../model/run/scenario.js';
import { dotAxis } from '../charts/axis.js';
import { numbersOf } from '../charts/numbers.js';
import { pictureOf, type Picture } from '../charts/picture.js';
import type { Axis, Role, Row, RowsSpec, Tone } from '../charts/spec.js';
import { counted, effectOf, estimateText, marginText, sentence } from '../text/format.js';
import { publishedChartPercent, publishedFor, publishedPercent } from '../run/published.js';
import { metricShort, metricWords } from '../words/names.js';
import {
  engineWords,
  otherByFamily,
  rolesOf,
  runSubtitle,
  runTitle,
  VERDICT_WORDS,
  verdictWords,
} from '../words/run.js';

/** What the changes of one or several runs are, with what was read off the dots. */
export function changePicture(runs: readonly AnalysedRun[], id: string, title: string): Picture {
  const spec = changeRows(runs, id, title);
  return pictureOf('change', spec, { sentence: changeSentence(runs), numbers: numbersOf(spec) });
}

interface Deciding {
  readonly comparison: Comparison;
  readonly kind: Scenario['kind'];
  readonly margin: number;
}

/** More arms than this are counted by verdict, not named. */
const MOST_NAMED = 3;

function changeSentence(runs: readonly AnalysedRun[]): string {
  const deciding = runs.flatMap(({ run, analysis }): readonly Deciding[] => {
    const timed = analysis.comparisons.filter(({ metric }) => isTimed(metric));
    const first = [...new Set(timed.map(({ arm }) => arm))].flatMap((arm) => {
      const own = timed.filter((one) => one.arm === arm);
      return own.find(({ estimate }) => estimate !== null) ?? own.slice(0, 1);
    });
    return first.map((comparison) => ({ comparison, kind: run.plan.scenario.kind, margin: analysis.margin }));
  });
  if (runs.length === 1 && deciding.length <= MOST_NAMED)
    return sentence(deciding.map(armWords).join('; ') || 'Nothing is compared');
  const verdicts = [...new Set(deciding.map(({ comparison }) => comparison.verdict))];
  const count = (verdict: Verdict): number =>
    deciding.filter(({ comparison }) => comparison.verdict === verdict).length;
  return `Of ${counted(deciding.length, 'compared arm')}: ${verdicts
    .map((verdict) => `${count(verdict)} ${verdict === 'described' ? 'without a verdict' : VERDICT_WORDS[verdict]}`)
    .join(', ')}.`;
}

/** `CPU time of after changes by −42.1 % [−42.9, −41.3]: faster` */
const armWords = ({ comparison, kind, margin }: Deciding): string =>
  `${metricWords(comparison.metric, kind)} of ${comparison.arm} changes by ${estimateText(
    comparison.estimate,
  )}: ${verdictWords(comparison, margin)}`;

/** The colour of a verdict. */
const TONES: Readonly<Record<Verdict, Tone | undefined>> = {
  faster: 'faster',
  slower: 'slower',
  equivalent: 'equal',
  inconclusive: 'open',
  invalid: 'invalid',
  described: 'open',
  functional: 'open',
};

/**
 * Percent change of every compared arm, with the published change marked where it belongs; of one run also the A/A
 * check.
 */
export function changeRows(runs: readonly AnalysedRun[], id: string, title: string): RowsSpec {
  const many = runs.length > 1;
  const all = runs.flatMap((analysed) =>
    runChangeRows(analysed, many ? `${runTitle(analysed)}, ${engineWords(analysed.run.plan.engine)}: ` : ''),
  );
  const rows = largestRows(all);
  const margin = runs[0]?.analysis.margin ?? 0;
  const band = [-100 * (1 - 1 / (1 + margin)), 100 * margin] as const;
  const marked = rows.some(({ marks }) => marks.length > 0);
  const [only] = runs;
  return {
    kind: 'rows',
    id,
    title,
    rows,
    axis: changeAxis([0, ...band, ...rows.flatMap(drawnValues)]),
    noEffect: { margin: band },
    subtitle:
      `${only === undefined || many ? '' : `${runSubtitle(only)}. `}Lines: 95 % interval. ` +
      `Green band: ${marginText(margin)}, the margin of equivalence.${toneWords(rows)}` +
      (rows.length < all.length
        ? ` Of ${counted(all.length, 'change')} the ${rows.length} that are largest either way.`
        : '') +
      (rows.some(({ role }) => role === 'control') ? ' The control is a copy and should agree.' : '') +
      (marked ? ' Orange diamond: the published change.' : ''),
    axisTitle: 'change in % (left of 0 is faster)',
  };
}

/** A picture of more rows is higher than any screen, and in the end than any canvas. */
const MOST_ROWS = 100;

/** Of very many rows those with the largest changes, in the order of all. */
function largestRows(rows: readonly Row[]): readonly Row[] {
  if (rows.length <= MOST_ROWS) return rows;
  const size = ({ value }: Row): number => Math.abs(value ?? 0);
  const largest = new Set([...rows].sort((a, b) => size(b) - size(a)).slice(0, MOST_ROWS));
  return rows.filter((row) => largest.has(row));
}

/** What the colours of these rows mean, in both themes. */
const TONE_WORDS: Readonly<Record<Tone, string>> = {
  faster: 'Green: faster.',
  slower: 'Red: slower.',
  equal: 'Blue: equivalent.',
  open: 'Brown: no verdict.',
  invalid: 'Purple: invalid.',
};

const toneWords = (rows: readonly Row[]): string =>
  [...new Set(rows.flatMap(({ tone }) => (tone === undefined ? [] : [` ${TONE_WORDS[tone]}`])))].join('');

/** A time cannot be below 0: the axis ends at -100 %. */
function changeAxis(values: readonly number[]): Axis {
  const axis = dotAxis(values);
  return { ...axis, min: Math.max(axis.min, -100) };
}

const drawnValues = ({ value, low, high, marks }: Row): readonly number[] =>
  [value, low, high, ...marks].filter((one) => one !== null);

function runChangeRows(analysed: AnalysedRun, prefix: string): readonly Row[] {
  const { control } = rolesOf(analysed);
  const kind = analysed.run.plan.scenario.kind;
  const compared = analysed.analysis.comparisons
    .filter(({ metric }) => isTimed(metric))
    .map((comparison) =>
      row(comparison.estimate, {
        label: `${prefix}${comparison.arm}, ${metricShort(comparison.metric, kind)}`,
        role: 'compared',
        tone: TONES[comparison.verdict],
        ending: [
          verdictWords(comparison, analysed.analysis.margin),
          ...(otherByFamily(comparison) === null ? [] : ['not after Holm']),
        ].join(', '),
        marks: publishedMarks(analysed, comparison),
      }),
    );
  const checks = analysed.analysis.controls
    .filter(({ metric }) => isTimed(metric))
    .map((check) =>
      row(check.estimate, {
        label: `${prefix}${control ?? 'control'}, ${metricShort(check.metric, kind)}`,
        role: 'control',
        tone: check.state === 'invalid' ? 'invalid' : undefined,
        ending: CHECK_WORDS[check.state],
        marks: [],
      }),
    );
  return prefix === '' ? [...compared, ...checks] : compared;
}

const CHECK_WORDS: Readonly<Record<ControlCheck['state'], string>> = {
  ok: 'agrees',
  warning: 'differs (warning)',
  invalid: 'differs (invalid)',
  unknown: 'not checked',
};

interface RowWords {
  readonly label: string;
  readonly role: Role;
  readonly tone: Tone | undefined;
  readonly ending: string;
  readonly marks: readonly number[];
}

function row(estimate: Estimate | null, { label, role, tone, ending, marks }: RowWords): Row {
  const shared = { label, role, marks, ...(tone === undefined ? {} : { tone }) };
  if (estimate === null) return { ...shared, text: 'no complete block', value: null, low: null, high: null };
  const { percent, low, high } = effectOf(estimate);
  return { ...shared, text: `${estimateText(estimate)}  ${ending}`, value: percent, low, high };
}

/**
 * The published figure is a wall time of "all architectures" against "the host's": it is shown for that comparison
 * only, and not for times of an emulator.
 */
function publishedMarks({ run }: AnalysedRun, { arm, baseline, metric }: Comparison): readonly number[] {
  const { scenario } = run.plan;
  const published = publishedFor(scenario);
  const policyOf = (name: string): string | undefined =>
    scenario.arms.find((one: ArmDefinition) => one.name === name)?.policy;
  if (
    published === undefined ||
    metric !== 'wall' ||
    emulationOfHost(run.host) !== null ||
    // Nothing was cached there.
    scenario.arms.find((one) => one.name === arm)?.cache === 'warm' ||
    policyOf(baseline) !== 'all' ||
    policyOf(arm) !== 'host'
  )
    return [];
  return [...new Set([publishedPercent(published), publishedChartPercent(published)])];
}
