import type { AnalysedRun, PowerCurve } from '../../model/analysis/analysis.js';
import { pictureOf, type Picture } from '../charts/picture.js';
import type { Place, PowerSpec } from '../charts/spec.js';
import { left, right } from '../run/tables.js';
import { counted, formatCount, formatPercent, marginText } from '../text/format.js';
import { metricShort } from '../words/names.js';
import { runTitle } from '../words/run.js';
import { placedIn } from './arms.js';

/** More lines than this hide each other: the widest are shown. */
const MOST_LINES = 4;

/** The smallest change that fewer or more blocks would find; `null` where no comparison has an interval. */
export function powerPicture(analysed: AnalysedRun, id: string): Picture | null {
  const { power, margin } = analysed.analysis;
  const [first] = power;
  if (first === undefined) return null;
  const own = power.filter(({ metric }) => metric === first.metric);
  const widest = [...own].sort((a, b) => smallest(b) - smallest(a)).slice(0, MOST_LINES);
  const curves = own.filter((curve) => widest.includes(curve));
  const spec = powerOf(analysed, curves, id);
  return pictureOf('power', spec, {
    sentence: powerSentence(widest[0] ?? first, margin, own.length),
    numbers: {
      title: spec.title,
      columns: [
        right('Blocks'),
        ...curves.flatMap(({ arm }) => [right(`${arm}, 80 of 100`), right(`${arm}, 90 of 100`)]),
        left('This run'),
      ],
      rows: first.points.map(({ blocks }, index) => [
        formatCount(blocks),
        ...curves.flatMap(({ points }) =>
          [points[index]?.detectable80, points[index]?.detectable90].map((share) => formatPercent(share ?? 0, 2)),
        ),
        nearest(first) === index ? `nearest to its ${formatCount(first.blocks)}` : '',
      ]),
    },
  });
}

/** By the law of the curve: a change falls with the root of the blocks. */
function smallest({ points, blocks }: PowerCurve): number {
  const [one] = points;
  return one === undefined ? 0 : Math.expm1(Math.log1p(one.detectable80) * Math.sqrt(one.blocks / blocks));
}

const nearest = ({ points, blocks }: PowerCurve): number =>
  points.reduce(
    (found, one, index) =>
      Math.abs(Math.log(one.blocks / blocks)) < Math.abs(Math.log((points[found]?.blocks ?? 1) / blocks))
        ? index
        : found,
    0,
  );

function powerOf(analysed: AnalysedRun, curves: readonly PowerCurve[], id: string): PowerSpec {
  const { margin } = analysed.analysis;
  const { kind } = analysed.run.plan.scenario;
  const placed = placedIn(analysed);
  const places = (curve: PowerCurve): readonly Place[] =>
    curve.points.map(({ blocks, detectable80 }) => [blocks, 100 * detectable80]);
  const all = curves.flatMap(places);
  const metric = metricShort(curves[0]?.metric ?? 'cpu', kind);
  return {
    kind: 'power',
    id,
    title: `${runTitle(analysed)}: what more blocks show`,
    subtitle: `The smallest change in ${metric} that 80 of 100 such runs find, \
by the spread of this run. Both axes are logarithmic. Circles: this run.`,
    xTitle: kind === 'parallel' ? 'batches' : 'blocks',
    yTitle: 'smallest change found, %',
    x: { min: 10, max: Math.max(1000, ...all.map(([blocks]) => blocks)) },
    y: { min: stepBelow(Math.min(...all.map(([, y]) => y))), max: stepAbove(Math.max(...all.map(([, y]) => y))) },
    lines: curves.map((curve) => ({
      ...placed(curve.arm),
      label: `${curve.arm}: ${formatPercent(smallest(curve), 2)} with ${formatCount(curve.blocks)}`,
      points: places(curve),
    })),
    here: curves.map((curve) => ({
      ...placed(curve.arm),
      label: '',
      at: [curve.blocks, 100 * smallest(curve)],
    })),
    guides: [{ label: `margin ${marginText(margin)}`, y: 100 * margin }],
  };
}

const STEPS = [1, 2, 5, 10];
const power10 = (value: number): number => 10 ** Math.floor(Math.log10(value));
const stepAbove = (value: number): number =>
  (STEPS.find((step) => step * power10(value) >= value) ?? 10) * power10(value);
const stepBelow = (value: number): number =>
  ([...STEPS].reverse().find((step) => step * power10(value) <= value) ?? 1) * power10(value);

/** Told of the arm that needs the most blocks, by its name where there are others. */
function powerSentence(curve: PowerCurve, margin: number, arms: number): string {
  const own = smallest(curve);
  const needed = Math.ceil(curve.blocks * (Math.log1p(own) / Math.log1p(margin)) ** 2);
  const found = `${counted(curve.blocks, 'block')} find a change of ${formatPercent(own, 2)}${
    arms > 1 ? ` of ${curve.arm}` : ''
  } in 80 of 100 runs`;
  return needed <= curve.blocks
    ? `${found}; half of that takes four times as many.`
    : `${found}; a change of the margin, ${formatPercent(margin)}, takes about ${formatCount(
        Number(needed.toPrecision(2)),
      )}.`;
}
