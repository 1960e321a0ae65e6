import type {
  CallPrice,
  InstructionFit,
  NoFit,
  PercallAnalysis,
  PriceDifference,
} from '../../model/analysis/percall-analysis.js';
import { hasKnownLength, UNKNOWN_CALL } from '../../model/results/percall/percall.js';
import type { PercallResult, PercallSample, SimulatedCall } from '../../model/results/percall/percall.js';
import { estimateEffect } from '../paired/estimate.js';
import { at, differences, mean, means, series } from '../distributions/moments.js';
import type { Series } from '../distributions/moments.js';
import { LEAST_SPAN } from './call-prices.js';
import { analyseActions } from './action-prices.js';
import { agreement, failuresOf, located, logs } from './locate.js';
import { nsPerCall } from './ns-per-call.js';
import { doubtedArms, percallFindings, percallWarnings } from './percall-findings.js';

type OkSample = Extract<PercallSample, { readonly state: 'ok' }>;
/** One arm's and call's prices, block by block. */
type Prices = ReadonlyMap<string, Series>;

/**
 * What every call costs under every arm, and what an instruction of a filter costs. The unit is the block: one
 * container of every arm. `margin` is a share: smaller differences from the call without a filter count as none.
 */
export function analysePercall(
  run: PercallResult,
  { margin = 0.01 }: { readonly margin?: number } = {},
): PercallAnalysis {
  const { plan, samples } = run;
  const measured = samples.filter(({ warmup }) => !warmup);
  const blocks = completeBlocks(measured, plan.arms.length);
  const of = seriesIn(pricesOf(run, blocks));
  const [baseline, control] = namesOf(run);
  const prices = plan.arms
    .filter(({ name }) => name !== control)
    .flatMap(({ name }) => plan.calls.map((call) => priceOf(run, { arm: name, call: call.name, margin }, of)));
  const doubted = doubtedArms(run);
  const line = fitOf(
    prices.filter(({ arm }) => arm !== baseline && !doubted.includes(arm)),
    (row) => differences(of(row.arm, row.call), means(of(baseline, row.reference), of(control, row.reference))),
  );
  const analysis = {
    run,
    margin,
    blocks: blocks.length,
    failed: measured.filter(({ state }) => state !== 'ok').length,
    failures: failuresOf(measured, ({ arm }) => arm),
    controls: controlsOf(run, margin, of),
    prices,
    fit: 'code' in line ? null : line,
    noFit: 'code' in line ? line : null,
    doubted,
    ...actionsIn(run),
  };
  return { ...analysis, findings: percallFindings(analysis, baseline), warnings: percallWarnings(analysis) };
}

const actionsIn = (run: PercallResult): Pick<PercallAnalysis, 'actions'> => {
  const actions = analyseActions(run);
  return actions === null ? {} : { actions };
};

/** What every call costs under two arms, and how much more under the second, from pairs within a block. */
export function priceDifferences(run: PercallResult, before: string, after: string): readonly PriceDifference[] {
  const measured = run.samples.filter(({ warmup }) => !warmup);
  const of = seriesIn(pricesOf(run, completeBlocks(measured, run.plan.arms.length)));
  return run.plan.calls.map(({ name }) => {
    const [one, other] = [of(before, name), of(after, name)];
    return { call: name, before: located(one), after: located(other), added: located(differences(other, one)) };
  });
}

/** What a timed call costs more under a filter, block by block. */
export interface PricePoint {
  readonly arm: string;
  readonly call: string;
  readonly cached: boolean;
  readonly instructions: number;
  /** Nanoseconds more than without a filter, in every complete block. */
  readonly added: readonly number[];
}

/**
 * What every timed call costs more, under every arm with one filter that is the one that was simulated. Without those
 * that are denied and have nothing that also does no work to be compared with.
 */
export function pricePoints(run: PercallResult): readonly PricePoint[] {
  const { plan, samples, simulated } = run;
  const blocks = completeBlocks(
    samples.filter(({ warmup }) => !warmup),
    plan.arms.length,
  );
  const of = seriesIn(pricesOf(run, blocks));
  const [baseline, control] = namesOf(run);
  const doubted = doubtedArms(run);
  const arms = plan.arms.filter(({ name, making }) => !doubted.includes(name) && (making?.stacked ?? 1) === 1);
  return simulated.flatMap((one): readonly PricePoint[] => {
    const { arm, call, cached, instructions, errno, from } = one;
    if (from === 'none' || !arms.some(({ name }) => name === arm)) return [];
    const reference = referenceFor(run, call, one);
    if (errno !== null && reference === call && call !== UNKNOWN_CALL.name) return [];
    const added = differences(of(arm, call), means(of(baseline, reference), of(control, reference)));
    return instructions === null ? [] : [{ arm, call, cached, instructions, added: [...added] }];
  });
}

/** One arm's prices of one call, block by block. */
type SeriesOf = (arm: string, call: string) => Series;

const seriesIn =
  (prices: Prices): SeriesOf =>
  (arm, call) =>
    prices.get(`${arm} ${call}`) ?? new Float64Array();

/** A call under an arm, compared with the same call (or one that does not exist) without a filter. */
function priceOf(
  run: PercallResult,
  { arm, call, margin }: { readonly arm: string; readonly call: string; readonly margin: number },
  of: SeriesOf,
): CallPrice {
  const [baseline, control] = namesOf(run);
  const simulated = run.simulated.find((one) => one.arm === arm && one.call === call);
  const reference = referenceFor(run, call, simulated);
  const [own, without, again] = [of(arm, call), of(baseline, reference), of(control, reference)];
  return {
    ...(simulated ?? { arm, call, instructions: 0, action: '?', errno: null, cached: false, from: 'none' }),
    ns: located(own),
    reference,
    added: arm === baseline ? { value: 0, low: 0, high: 0 } : located(differences(own, means(without, again))),
    ratio:
      arm === baseline
        ? null
        : estimateEffect({ arm: logs(own), baseline: logs(without), control: logs(again) }, { margin }),
  };
}

/** A call denied here and not in the baseline does no work: compared with the call that does not exist, if priced. */
function referenceFor(run: PercallResult, call: string, simulated: SimulatedCall | undefined): string {
  const [baseline] = namesOf(run);
  const denied =
    (simulated?.errno ?? null) !== null &&
    run.simulated.some((one) => one.arm === baseline && one.call === call && one.errno === null);
  return denied && run.plan.calls.some(({ name }) => name === UNKNOWN_CALL.name) ? UNKNOWN_CALL.name : call;
}

/** The control against the baseline, call by call. */
function controlsOf(run: PercallResult, margin: number, of: SeriesOf): PercallAnalysis['controls'] {
  const [baseline, control] = namesOf(run);
  return run.plan.calls.flatMap(({ name }) => {
    const estimate = estimateEffect(
      { arm: logs(of(control, name)), baseline: logs(of(baseline, name)), control: null },
      { margin },
    );
    return estimate === null ? [] : [{ call: name, estimate, state: agreement(estimate.p) }];
  });
}

/** Names of the arm without a filter and of its copy. */
const namesOf = ({ plan }: PercallResult): readonly [baseline: string, control: string] => {
  const control = plan.arms.find(({ copyOf }) => copyOf !== undefined);
  return [control?.copyOf ?? plan.arms[0]?.name ?? '', control?.name ?? ''];
};

/** The containers of every block in which all arms were ok; a failed one drops the whole block. */
function completeBlocks(samples: readonly PercallSample[], arms: number): readonly (readonly OkSample[])[] {
  const byBlock = new Map<number, OkSample[]>();
  for (const sample of samples) {
    if (sample.state === 'ok') byBlock.set(sample.block, [...(byBlock.get(sample.block) ?? []), sample]);
  }
  return [...byBlock]
    .sort(([a], [b]) => a - b)
    .map(([, containers]) => containers)
    .filter((containers) => containers.length === arms);
}

function pricesOf({ plan }: PercallResult, blocks: readonly (readonly OkSample[])[]): Prices {
  const ofContainer = new Map(
    plan.arms.map(({ name }) => [name, blocks.map((containers) => containers.find(({ arm }) => arm === name))]),
  );
  return new Map(
    plan.arms.flatMap(({ name }) =>
      plan.calls.map((call, index): [string, Series] => [
        `${name} ${call.name}`,
        Float64Array.from(ofContainer.get(name) ?? [], (sample) =>
          sample === undefined ? NaN : nsPerCall(sample, index, plan.loops),
        ),
      ]),
    ),
  );
}

/**
 * Least squares in every block, over all arms and calls that ran a filter; then the location of the blocks' slopes. Or
 * why there is no such line.
 */
function fitOf(rows: readonly CallPrice[], addedOf: (row: CallPrice) => Series): InstructionFit | NoFit {
  const points = rows.filter(hasKnownLength).filter(({ cached, instructions }) => !cached && instructions > 0);
  const counts = points.map(({ instructions }) => instructions);
  if (counts.length === 0) return { code: 'noFilterRan' };
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  if (most - least < LEAST_SPAN) return { code: 'tooClose', least, most, needed: LEAST_SPAN };
  const added = points.map(addedOf);
  const blocks = added[0]?.length ?? 0;
  if (blocks === 0) return { code: 'noBlock' };
  const x = Float64Array.from(points, ({ instructions }) => instructions);
  const lines = Array.from({ length: blocks }, (_, block) =>
    leastSquares(
      x,
      series(added.length, (index) => at(added[index] ?? new Float64Array(), block)),
    ),
  );
  return {
    points: points.length,
    entryNs: located(Float64Array.from(lines, ({ intercept }) => intercept)),
    nsPerInstruction: located(Float64Array.from(lines, ({ slope }) => slope)),
  };
}

/** y = intercept + slope x; at least two different x. */
export function leastSquares(x: Series, y: Series): { readonly intercept: number; readonly slope: number } {
  const n = x.length;
  const [meanX, meanY] = [mean(x), mean(y)];
  let [xy, xx] = [0, 0];
  for (let i = 0; i < n; i++) {
    xy += (at(x, i) - meanX) * (at(y, i) - meanY);
    xx += (at(x, i) - meanX) ** 2;
  }
  const slope = xy / xx;
  return { slope, intercept: meanY - slope * meanX };
}
