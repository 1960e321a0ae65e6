import type { AddedTime, AnalysedRun } from '../../model/analysis/analysis.js';
import { instructionsOf } from '../../model/filter/instructions.js';
import { timedThing, type TimedThing } from '../../model/run/scenario.js';
import { dotAxis } from '../charts/axis.js';
import { numbersOf } from '../charts/numbers.js';
import { pictureOf, type Picture } from '../charts/picture.js';
import type { CurvePoint, ScatterSpec } from '../charts/spec.js';
import { amountText, chartUnit, formatCount, negated, sentence } from '../text/format.js';
import { placedIn } from './arms.js';
import { overheadCurve } from '../workload/workload-curve.js';
import { aThing } from '../words/names.js';
import { rolesOf, runSubtitle, runTitle } from '../words/run.js';

/** What filters cost: a start by the length of its filter, and a program by its rate of calls. */
export function pricePictures(analysed: AnalysedRun, prefix: string): readonly Picture[] {
  return [lengthPicture(analysed, `${prefix}price`), overheadPicture(analysed, `${prefix}overhead`)].filter(
    (picture) => picture !== null,
  );
}

/** The overhead of a program by its rate of calls; `null` where no program ran or no call was priced. */
function overheadPicture(analysed: AnalysedRun, id: string): Picture | null {
  const spec = overheadCurve(analysed, id);
  if (spec === null) return null;
  const told =
    spec.points.length === 0
      ? `Lines: ${spec.lines.map(({ label }) => label).join('; ')}`
      : `Calls cost the program: ${spec.points.map(pointWords).join(', ')}`;
  return pictureOf('price', spec, { sentence: sentence(told), numbers: numbersOf(spec) });
}

const pointWords = ({ label, words }: CurvePoint): string => `${label.split(':')[0] ?? ''} ${words}`;

/** An arm whose filter was counted, with what it adds to a start of the baseline. */
interface Priced {
  readonly added: AddedTime;
  readonly instructions: number;
}

/**
 * What starts cost more or less, against the instructions that their filter has; `null` where the baseline's filter was
 * not seen or no arm has another length.
 */
function lengthPicture(analysed: AnalysedRun, id: string): Picture | null {
  const { baseline } = rolesOf(analysed);
  const { series, added } = analysed.analysis;
  const base = lengthOf(analysed, baseline);
  if (base === null || series === null) return null;
  const priced = added.flatMap((one): readonly Priced[] => {
    const instructions = lengthOf(analysed, one.arm);
    return one.metric !== series.metric || one.baseline !== baseline || instructions === null
      ? []
      : [{ added: one, instructions }];
  });
  if (priced.every(({ instructions }) => instructions === base)) return null;
  const spec = lengthSpec(analysed, { id, baseline, base, priced });
  return pictureOf('price', spec, {
    sentence: lengthSentence(priced, { baseline, base }, timedThing(analysed.run.plan.scenario)),
    numbers: numbersOf(spec),
  });
}

/** The instructions of the filter as seen in a container; `null` where it was not seen. */
function lengthOf({ run }: AnalysedRun, arm: string): number | null {
  const evidence = run.evidence.find((one) => one.arm === arm);
  const count = evidence === undefined ? null : instructionsOf(evidence);
  return count?.state === 'seen' ? count.instructions : null;
}

interface Length {
  readonly id: string;
  readonly baseline: string;
  readonly base: number;
  readonly priced: readonly Priced[];
}

function lengthSpec(analysed: AnalysedRun, { id, baseline, base, priced }: Length): ScatterSpec {
  const [unit, divisor] = chartUnit(Math.max(...priced.map(({ added }) => Math.abs(added.ns))));
  const scaled = (ns: number | null): number | null => (ns === null ? null : ns / divisor);
  const points = priced.map(({ added, instructions }) => ({
    label: added.arm,
    x: instructions,
    y: added.ns / divisor,
    low: scaled(added.low),
    high: scaled(added.high),
  }));
  const placed = placedIn(analysed);
  const one = timedThing(analysed.run.plan.scenario);
  const name = priced[0]?.added.metric === 'cpu' ? 'CPU time' : 'wall time';
  return {
    kind: 'scatter',
    id,
    title: `${runTitle(analysed)}: price against instructions`,
    subtitle: `${runSubtitle(analysed)}. What ${aThing(one)} adds to one of ${baseline} (hollow, 0 by definition), \
with 95 % intervals, over the length of its loaded filter.`,
    xTitle: 'instructions of the loaded filter',
    yTitle: `${name} more or less, ${unit}`,
    xAxis: dotAxis([0, base, ...points.map(({ x }) => x)]),
    yAxis: dotAxis([0, ...points.flatMap(({ y, low, high }) => [y, low ?? y, high ?? y])]),
    groups: [
      { label: baseline, apart: true, points: [{ x: base, y: 0, low: null, high: null }] },
      ...points.map(({ label, ...point }) => ({
        label,
        apart: false,
        place: placed(label).place,
        points: [point],
      })),
    ],
    line: null,
  };
}

/** Told of the arm whose filter differs most in length. That the length is the reason is not known, so not said. */
function lengthSentence(
  priced: readonly Priced[],
  { baseline, base }: Pick<Length, 'baseline' | 'base'>,
  one: TimedThing,
): string {
  const distance = ({ instructions }: Priced): number => Math.abs(instructions - base);
  const [most] = [...priced].sort((a, b) => distance(b) - distance(a));
  if (most === undefined) return 'No filter was seen.';
  const { added, instructions } = most;
  const filter = instructions === 0 ? 'no filter' : `${formatCount(instructions)} instructions`;
  const amount = amountText(added.ns < 0 ? negated(added) : added);
  return `${added.arm} loads ${filter}, ${baseline} ${formatCount(base)}, and ${aThing(one)} takes ${amount} ${
    added.ns < 0 ? 'less' : 'more'
  }.`;
}
