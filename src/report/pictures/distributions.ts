import type { AnalysedRun, ArmSeries, RunSeries } from '../../model/analysis/analysis.js';
import { timedThing } from '../../model/run/scenario.js';
import { dotAxis } from '../charts/axis.js';
import { pictureOf, type Picture } from '../charts/picture.js';
import type { DistributionRow, DistributionSpec } from '../charts/spec.js';
import { left, right, type Table } from '../run/tables.js';
import {
  chartUnit,
  counted,
  formatCount,
  formatTime,
  plain,
  sentenceCase,
  threeDigitDecimals,
} from '../text/format.js';
import { aThing } from '../words/names.js';
import { rolesOf, runSubtitle, runTitle } from '../words/run.js';
import { placedIn } from './arms.js';

/** Outliers farther than so many times the reach of the others would flatten everything else. */
const FARTHEST = 2;

/** How the starts of each arm are spread; `null` where no start was timed. */
export function distributionsPicture(analysed: AnalysedRun, id: string): Picture | null {
  const { series } = analysed.analysis;
  if (series === null) return null;
  const spec = distributionsOf(analysed, series, id);
  return pictureOf('distributions', spec, {
    sentence: distributionsSentence(analysed, series),
    numbers: distributionsTable(spec.title, series),
  });
}

/** `CPU time of a start`, `makespan`: what one value of the series is. */
function valueWords({ run }: AnalysedRun, { metric }: RunSeries): string {
  const { scenario } = run.plan;
  const isBatch = scenario.kind === 'parallel';
  const one = timedThing(scenario);
  if (metric === 'wall') return isBatch ? 'makespan of a batch' : `wall time of ${aThing(one)}`;
  return isBatch ? `CPU time of ${aThing(one)}, mean of a batch` : `CPU time of ${aThing(one)}`;
}

/** `starts`, `execs`; of a server, means over the requests of a load. */
const allThings = ({ run }: AnalysedRun): string => {
  const thing = timedThing(run.plan.scenario);
  return thing === 'exec' ? 'execs' : thing === 'request' ? 'loads' : 'starts';
};

function distributionsOf(analysed: AnalysedRun, series: RunSeries, id: string): DistributionSpec {
  const [unit, divisor] = unitFor(series);
  const most = axisEnd(series) / divisor;
  const placed = placedIn(analysed);
  const rows = series.arms.map((arm): DistributionRow => {
    const scaled = (ns: number): number => ns / divisor;
    const outliers = arm.outliers.map(scaled);
    const far = outliers.filter((value) => value > most);
    return {
      ...placed(arm.arm),
      label: arm.arm,
      text: rowText(arm, [unit, divisor]),
      p25: scaled(arm.p25),
      median: scaled(arm.median),
      p75: scaled(arm.p75),
      low: scaled(arm.low),
      high: scaled(arm.high),
      density:
        arm.density === null
          ? null
          : {
              from: scaled(arm.density.from),
              step: scaled(arm.density.step),
              heights: arm.density.heights.map((height) => height * divisor),
            },
      outliers: outliers.filter((value) => value <= most),
      beyond: far.length === 0 ? '' : `${far.length} farther, up to ${formatTime(Math.max(...far) * divisor)}`,
    };
  });
  const beyond = rows.filter((row) => row.beyond !== '').map((row) => `${row.label}: ${row.beyond}`);
  return {
    kind: 'distribution',
    id,
    title: `${runTitle(analysed)}: all ${allThings(analysed)}`,
    subtitle: `${runSubtitle(analysed)}. Shape: how often each value occurs. Thick: the middle half. Stroke: median. \
Rings: outliers, beyond 3 interquartile ranges.${beyond.length === 0 ? '' : ` Not on the axis: ${beyond.join('; ')}.`}`,
    axisTitle: `${valueWords(analysed, series)}, ${unit} (lower is better)`,
    axis: dotAxis(rows.flatMap(({ low, high, outliers, density }) => [low, high, ...outliers, ...endsOf(density)])),
    rows,
  };
}

/** Where a violin begins and ends; its smooth edge can lie below zero, where no time is. */
const endsOf = (density: DistributionRow['density']): readonly number[] =>
  density === null
    ? []
    : [Math.max(0, density.from), density.from + Math.max(0, density.heights.length - 1) * density.step];

const unitFor = ({ arms }: RunSeries): readonly [unit: string, divisor: number] =>
  chartUnit(Math.max(...arms.map(({ median }) => median)));

/** Up to where the axis goes: over everything, unless outliers lie much farther than all others. */
function axisEnd({ arms }: RunSeries): number {
  const usual = Math.max(...arms.map(({ high }) => high));
  const all = Math.max(usual, ...arms.flatMap(({ outliers }) => outliers));
  return all > FARTHEST * usual ? FARTHEST * usual : all;
}

/** `median 38.3 ms, half 36.2 to 40.2, 1 outlier` */
function rowText(
  { median, p25, p75, outlierCount }: ArmSeries,
  [unit, divisor]: readonly [unit: string, divisor: number],
): string {
  const decimals = threeDigitDecimals(p75 / divisor);
  const [middle, from, to] = [median, p25, p75].map((ns) => plain(ns / divisor, decimals));
  const outliers = outlierCount === 0 ? '' : `, ${counted(outlierCount, 'outlier')}`;
  return `median ${middle} ${unit}, half ${from} to ${to}${outliers}`;
}

function distributionsSentence(analysed: AnalysedRun, series: RunSeries): string {
  const { baseline, compared } = rolesOf(analysed);
  const [base, arm] = [baseline, compared[0]].map((name) => series.arms.find((one) => one.arm === name));
  const outliers = series.arms.reduce((sum, one) => sum + one.outlierCount, 0);
  const all = series.arms.reduce((sum, one) => sum + one.count, 0);
  const kept =
    outliers === 0
      ? `none of ${formatCount(all)} values is an outlier.`
      : `${formatCount(outliers)} of ${formatCount(all)} values ${
          outliers === 1 ? 'is an outlier' : 'are outliers'
        }; all are kept.`;
  if (base === undefined || arm === undefined) return sentenceCase(kept);
  const apart = arm.high < base.low || base.high < arm.low;
  return `${
    apart
      ? `${arm.arm} and ${base.arm} do not overlap, outliers aside`
      : arm.p75 < base.p25 || base.p75 < arm.p25
        ? `The middle halves of ${arm.arm} and ${base.arm} do not overlap`
        : `${arm.arm} and ${base.arm} overlap: single ${allThings(analysed)} do not tell them apart`
  }; ${kept}`;
}

const distributionsTable = (title: string, { arms }: RunSeries): Table => ({
  title,
  columns: [
    left('Arm'),
    right('Values'),
    right('Smallest, outliers aside'),
    right('25 %'),
    right('Median'),
    right('75 %'),
    right('Largest, outliers aside'),
    right('Outliers'),
    right('Largest of all'),
  ],
  rows: arms.map(({ arm, count, low, p25, median, p75, high, outlierCount, outliers }) => [
    arm,
    formatCount(count),
    ...[low, p25, median, p75, high].map(formatTime),
    formatCount(outlierCount),
    formatTime(Math.max(high, ...outliers)),
  ]),
});
