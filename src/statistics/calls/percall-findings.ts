import { hasKnownLength, unpricedTogether } from '../../model/results/percall/percall.js';
import { FEWEST_FOR_VERDICT } from '../../model/run/scenario.js';
import type {
  CallPrice,
  PercallAnalysis,
  PercallFinding,
  PercallWarning,
  PricedPoint,
} from '../../model/analysis/percall-analysis.js';
import { changedProgram, evennessWarnings } from '../runs/breaks.js';
import { endWarnings } from '../runs/ledger.js';

/** Up to this share above a call without a filter a cached call counts as cheap. */
const CACHED_LIMIT = 0.1;

type KnownPrice = CallPrice & { readonly instructions: number };
type Numbers = Omit<PercallAnalysis, 'findings' | 'warnings'>;

/** What prices per call should show, each supported, contradicted or left open by the intervals. */
export function percallFindings(
  { prices, fit, doubted, blocks }: Numbers,
  baseline: string,
): readonly PercallFinding[] {
  // So few blocks are described, not judged.
  if (blocks < FEWEST_FOR_VERDICT) return [];
  const filtered = prices.filter(({ arm }) => arm !== baseline && !doubted.includes(arm)).filter(hasKnownLength);
  const [cached, run] = [
    filtered.filter((price) => price.cached),
    filtered.filter((price) => !price.cached && price.instructions > 0),
  ];
  return [
    ...cachedFindings(cached),
    ...sameFinding(cached),
    ...apartFinding(cached, run),
    ...dearerFinding(run),
    ...growthFinding(run, fit),
  ];
}

const highOf = ({ ratio }: CallPrice): number => ratio?.high ?? Infinity;
const lowOf = ({ ratio }: CallPrice): number => ratio?.low ?? -Infinity;
const most = (prices: readonly KnownPrice[], of: (price: KnownPrice) => number): KnownPrice | undefined =>
  [...prices].sort((a, b) => of(b) - of(a))[0];
const callsIn = (prices: readonly KnownPrice[]): readonly (readonly KnownPrice[])[] =>
  [...new Set(prices.map(({ call }) => call))].map((call) => prices.filter((price) => price.call === call));
const pointOf = ({ call, arm, instructions }: KnownPrice, ns: number): PricedPoint => ({ call, arm, instructions, ns });

/** One per call: having a filter at all costs the same ns, which is a large or a small part of a call. */
const cachedFindings = (cached: readonly KnownPrice[]): readonly PercallFinding[] =>
  callsIn(cached).flatMap((prices) => {
    const [dearest, surest] = [most(prices, highOf), most(prices, lowOf)];
    if (dearest === undefined || surest === undefined) return [];
    const limit = Math.log1p(CACHED_LIMIT);
    const state = highOf(dearest) <= limit ? 'holds' : lowOf(surest) > limit ? 'fails' : 'open';
    const shown = state === 'fails' ? surest : dearest;
    return [
      {
        state,
        code: 'cachedIsCheap',
        call: shown.call,
        arm: shown.arm,
        limit: CACHED_LIMIT,
        low: lowOf(shown),
        high: highOf(shown),
        addedNs: shown.added.value,
        ns: shown.ns.value,
      },
    ];
  });

/** The longest filter costs a cached call no more than the shortest: none of them is run. */
function sameFinding(cached: readonly KnownPrice[]): readonly PercallFinding[] {
  const several = callsIn(cached).filter((prices) => prices.length > 1);
  const spreads = several.map((prices) => ({
    call: prices[0]?.call ?? '',
    spread: Math.max(...prices.map(({ ns }) => ns.high)) / Math.min(...prices.map(({ ns }) => ns.low)) - 1,
  }));
  const widest = [...spreads].sort((a, b) => b.spread - a.spread)[0];
  if (widest === undefined) return [];
  const apart = several.some(
    (prices) =>
      Math.max(...prices.map(({ ns }) => ns.low)) / Math.min(...prices.map(({ ns }) => ns.high)) - 1 > CACHED_LIMIT,
  );
  const state = widest.spread <= CACHED_LIMIT ? 'holds' : apart ? 'fails' : 'open';
  return [{ state, code: 'cachedAlike', ...widest, limit: CACHED_LIMIT }];
}

function apartFinding(cached: readonly KnownPrice[], run: readonly KnownPrice[]): readonly PercallFinding[] {
  const [dearest, cheapest] = [most(cached, ({ added }) => added.high), most(run, ({ added }) => -added.low)];
  if (dearest === undefined || cheapest === undefined) return [];
  const crossed = Math.min(...cached.map(({ added }) => added.low)) > Math.max(...run.map(({ added }) => added.high));
  return [
    {
      state: dearest.added.high < cheapest.added.low ? 'holds' : crossed ? 'fails' : 'open',
      code: 'cachedIsCheaper',
      cached: pointOf(dearest, dearest.added.high),
      run: pointOf(cheapest, cheapest.added.low),
    },
  ];
}

function dearerFinding(run: readonly KnownPrice[]): readonly PercallFinding[] {
  const [cheapest, dearest] = [most(run, (price) => -price.added.value), most(run, (price) => price.added.value)];
  if (cheapest === undefined || dearest === undefined) return [];
  const state = run.every((price) => price.added.low > 0)
    ? 'holds'
    : run.some((price) => price.added.high < 0)
      ? 'fails'
      : 'open';
  return [
    {
      state,
      code: 'runCostsMore',
      cheapest: pointOf(cheapest, cheapest.added.value),
      dearest: pointOf(dearest, dearest.added.value),
    },
  ];
}

/** A filter counts as longer for a call from this ratio of executed instructions on. */
const GROWN = 1.5;

/** For each call the arm with the fewest instructions compared with the one with the most. */
function growthFinding(run: readonly KnownPrice[], fit: Numbers['fit']): readonly PercallFinding[] {
  if (fit === null) return [];
  const ends = callsIn(run).flatMap((own) => {
    const prices = [...own].sort((a, b) => a.instructions - b.instructions);
    const [shortest, longest] = [prices[0], prices.at(-1)];
    return shortest === undefined || longest === undefined || longest.instructions < GROWN * shortest.instructions
      ? []
      : [{ shortest, longest }];
  });
  if (ends.length === 0) return [];
  const holds =
    ends.every(({ shortest, longest }) => shortest.added.high < longest.added.low) && fit.nsPerInstruction.low > 0;
  const fails =
    ends.some(({ shortest, longest }) => shortest.added.low > longest.added.high) || fit.nsPerInstruction.high < 0;
  return [
    {
      state: holds ? 'holds' : fails ? 'fails' : 'open',
      code: 'growsWithLength',
      calls: ends.map(({ shortest, longest }) => ({
        shortest: pointOf(shortest, shortest.added.value),
        longest: pointOf(longest, longest.added.value),
      })),
    },
  ];
}

/** What a reader must know before believing the prices. */
export function percallWarnings({ run, blocks, failed, controls, doubted }: Numbers): readonly PercallWarning[] {
  const { plan } = run;
  const missing = plan.blocks - new Set(run.samples.filter(({ warmup }) => !warmup).map(({ block }) => block)).size;
  return [
    ...endWarnings(run, { blocks, planned: plan.blocks }),
    ...evennessWarnings(run),
    ...(run.ledger?.ended === 'failedBlocks' ? [{ code: 'failedBlocks' } as const] : []),
    ...controlWarnings(controls),
    ...(blocks < FEWEST_FOR_VERDICT ? [{ code: 'fewBlocks', blocks, needed: FEWEST_FOR_VERDICT } as const] : []),
    ...(missing > 0 ? [{ code: 'blocksNotRun', blocks: missing, planned: plan.blocks } as const] : []),
    ...(failed > 0 ? [{ code: 'containersFailed', containers: failed } as const] : []),
    ...speculationWarning(
      run.samples,
      plan.arms.map(({ name }) => name),
    ),
    ...contradictions(run),
    ...otherBytes(run).map((arm) => ({ code: 'otherFilter', arm }) as const),
    ...unpricedTogether(run.plan.notPriced ?? []).map((unpriced) => ({ code: 'callsLeftOut', ...unpriced }) as const),
    ...(doubted.length > 0 ? [{ code: 'leftOut', arms: doubted } as const] : []),
  ];
}

function controlWarnings(controls: Numbers['controls']): readonly PercallWarning[] {
  const callsOf = (wanted: Numbers['controls'][number]['state']): readonly string[] =>
    controls.filter(({ state }) => state === wanted).map(({ call }) => call);
  const [differing, doubtful] = [callsOf('differs'), callsOf('doubtful')];
  return [
    ...(differing.length > 0 ? [{ code: 'controlDiffers', state: 'invalid', calls: differing } as const] : []),
    ...(doubtful.length > 0 ? [{ code: 'controlDiffers', state: 'warning', calls: doubtful } as const] : []),
  ];
}

/** Before Linux 5.16 a filter also switched speculation mitigations on, which costs more than the filter. */
function speculationWarning(
  samples: PercallAnalysis['run']['samples'],
  arms: readonly string[],
): readonly PercallWarning[] {
  const states = arms
    .map(
      (arm) =>
        samples.flatMap((sample) =>
          sample.state === 'ok' && sample.arm === arm ? [sample.speculation.join('/')] : [],
        )[0],
    )
    .filter((state) => state !== undefined);
  return new Set(states).size > 1 ? [{ code: 'speculation' }] : [];
}

/** A call that the simulated filter denies must have given its errno in every container. */
function contradictions({
  plan,
  samples,
  simulated,
}: PercallAnalysis['run']): readonly Extract<PercallWarning, { readonly code: 'contradiction' }>[] {
  return simulated.flatMap(({ arm, call, errno }) => {
    if (errno === null) return [];
    const index = plan.calls.findIndex(({ name }) => name === call);
    const result = samples
      .flatMap((sample) => (sample.state === 'ok' && sample.arm === arm ? [sample.calls[index]?.result ?? 0] : []))
      .find((one) => one !== -errno);
    return result === undefined ? [] : [{ code: 'contradiction', arm, call, errno, result }];
  });
}

/** Arms for which libseccomp's filter was simulated although another was seen. */
const otherBytes = ({ evidence, simulated }: PercallAnalysis['run']): readonly string[] =>
  evidence.flatMap(({ arm, loaded, predicted }) =>
    loaded.state === 'seen' &&
    predicted.state === 'built' &&
    loaded.programs.some(({ sha256 }) => sha256 !== predicted.sha256) &&
    simulated.some((one) => one.arm === arm && one.from === 'predicted')
      ? [arm]
      : [],
  );

/** Arms of which it is not known how their engine builds filters. */
const unknownBytes = ({ simulated }: PercallAnalysis['run']): readonly string[] =>
  simulated.filter(({ from }) => from === 'unknown').map(({ arm }) => arm);

/** Arms whose simulated filter is not the one that ran, or is not known to be; all where the runtime was replaced. */
export function doubtedArms(run: PercallAnalysis['run']): readonly string[] {
  // The runtime of all of them was replaced meanwhile.
  if (changedProgram(run) !== null) return run.plan.arms.map(({ name }) => name);
  return [...new Set([...contradictions(run).map(({ arm }) => arm), ...otherBytes(run), ...unknownBytes(run)])];
}
