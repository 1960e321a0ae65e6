import { FEWEST_FOR_VERDICT } from '../../model/run/scenario.js';
import type { CallPrice, PercallAnalysis, PercallFinding } from '../../model/analysis/percall-analysis.js';

/** What a cached call may cost more than one without a filter, and still be said to cost as good as nothing. */
export const CACHED_LIMIT = 0.1;

type Numbers = Omit<PercallAnalysis, 'findings' | 'warnings'>;

/** What a price per call must show, each borne out, contradicted or left open by the intervals. */
export function percallFindings({ prices, fit, doubted }: Numbers, baseline: string): readonly PercallFinding[] {
  const filtered = prices.filter(({ arm }) => arm !== baseline && !doubted.includes(arm));
  // So few blocks have no 95 % interval: there is nothing to hold a sentence against.
  if (filtered.some(({ ns }) => !Number.isFinite(ns.low))) return [];
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

const nameOf = ({ call, arm }: CallPrice): string => `${call} under ${arm}`;
const percent = (logRatio: number): string => `${(100 * Math.expm1(logRatio)).toFixed(1).replace('-', '\u2212')} %`;
const nanoseconds = (value: number): string =>
  `${value.toFixed(Math.abs(value) < 10 ? 1 : 0).replace('-', '\u2212')} ns`;
const highOf = ({ ratio }: CallPrice): number => ratio?.high ?? Infinity;
const lowOf = ({ ratio }: CallPrice): number => ratio?.low ?? -Infinity;
const most = (prices: readonly CallPrice[], of: (price: CallPrice) => number): CallPrice | undefined =>
  [...prices].sort((a, b) => of(b) - of(a))[0];
const callsIn = (prices: readonly CallPrice[]): readonly (readonly CallPrice[])[] =>
  [...new Set(prices.map(({ call }) => call))].map((call) => prices.filter((price) => price.call === call));

/**
 * One for each call: the price of having a filter at all is the same in ns, and so a large or a small part of a call.
 */
const cachedFindings = (cached: readonly CallPrice[]): readonly PercallFinding[] =>
  callsIn(cached).flatMap((prices) => {
    const [dearest, surest] = [most(prices, highOf), most(prices, lowOf)];
    if (dearest === undefined || surest === undefined) return [];
    const limit = Math.log1p(CACHED_LIMIT);
    const state = highOf(dearest) <= limit ? 'holds' : lowOf(surest) > limit ? 'fails' : 'open';
    const shown = state === 'fails' ? surest : dearest;
    return [
      {
        state,
        sentence: `A call that the kernel has cached as allowed, here ${shown.call}, costs at most ${100 * CACHED_LIMIT} % more than without a filter: between ${percent(lowOf(shown))} and ${percent(highOf(shown))} under ${shown.arm}, ${nanoseconds(shown.added.value)} of ${nanoseconds(shown.ns.value)}`,
      },
    ];
  });

/** The longest filter costs a cached call no more than the shortest: none of them is run. */
function sameFinding(cached: readonly CallPrice[]): readonly PercallFinding[] {
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
  return [
    {
      state: widest.spread <= CACHED_LIMIT ? 'holds' : apart ? 'fails' : 'open',
      sentence: `Cached calls cost the same under every filter, to ${100 * CACHED_LIMIT} %: of ${widest.call} all intervals lie within ${(100 * widest.spread).toFixed(1)} %`,
    },
  ];
}

function apartFinding(cached: readonly CallPrice[], run: readonly CallPrice[]): readonly PercallFinding[] {
  const [dearest, cheapest] = [most(cached, ({ added }) => added.high), most(run, ({ added }) => -added.low)];
  if (dearest === undefined || cheapest === undefined) return [];
  const crossed = Math.min(...cached.map(({ added }) => added.low)) > Math.max(...run.map(({ added }) => added.high));
  return [
    {
      state: dearest.added.high < cheapest.added.low ? 'holds' : crossed ? 'fails' : 'open',
      sentence: `A filter adds less to every cached call than to any that runs it, with intervals that do not overlap: the highest of the first ends at ${nanoseconds(dearest.added.high)} (${nameOf(dearest)}), the lowest of the second begins at ${nanoseconds(cheapest.added.low)} (${nameOf(cheapest)})`,
    },
  ];
}

function dearerFinding(run: readonly CallPrice[]): readonly PercallFinding[] {
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
      sentence: `Every call whose arguments matter, or that is denied, costs more than one without a filter: from ${nanoseconds(cheapest.added.value)} (${nameOf(cheapest)}, ${cheapest.instructions} instructions) to ${nanoseconds(dearest.added.value)} more (${nameOf(dearest)}, ${dearest.instructions})`,
    },
  ];
}

/** A filter is longer for a call only where it executes so many times as many instructions. */
const GROWN = 1.5;

/** For each call the arm with the fewest instructions against the one with the most. */
function growthFinding(run: readonly CallPrice[], fit: Numbers['fit']): readonly PercallFinding[] {
  if (fit === null) return [];
  const ends = [...new Set(run.map(({ call }) => call))].flatMap((call) => {
    const prices = run.filter((price) => price.call === call).sort((a, b) => a.instructions - b.instructions);
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
  const words = ends.map(
    ({ shortest, longest }) =>
      `${shortest.call} ${nanoseconds(shortest.added.value)} at ${shortest.instructions} instructions and ${nanoseconds(longest.added.value)} at ${longest.instructions}`,
  );
  return [
    {
      state: holds ? 'holds' : fails ? 'fails' : 'open',
      sentence: `What they cost more grows with the instructions the filter executes, with intervals that do not overlap: ${words.join('; ')}`,
    },
  ];
}

/** What a reader must know before believing the numbers. */
export function percallWarnings({ run, blocks, failed, controls, doubted }: Numbers): readonly string[] {
  const { plan } = run;
  const measured = run.samples.filter(({ warmup }) => !warmup);
  const missing = plan.blocks - new Set(measured.map(({ block }) => block)).size;
  const said = (names: readonly string[]): string => names.join(', ');
  const [differing, doubtful] = (['differs', 'doubtful'] as const).map((state) =>
    controls.filter((control) => control.state === state).map(({ call }) => call),
  );
  return [
    ...((differing ?? []).length > 0
      ? [
          `The run proves nothing: baseline and control, which are alike, differ beyond chance (p < 0.001) for ${said(differing ?? [])}. Run it again on a quieter machine.`,
        ]
      : []),
    ...((doubtful ?? []).length > 0
      ? [`Baseline and control, which are alike, differ at p < 0.01 for ${said(doubtful ?? [])}.`]
      : []),
    ...(blocks < FEWEST_FOR_VERDICT
      ? [`Only ${blocks} complete blocks: fewer than ${FEWEST_FOR_VERDICT} are described, not judged.`]
      : []),
    ...(missing > 0 ? [`${missing} of ${plan.blocks} blocks were not run.`] : []),
    ...(failed > 0
      ? [`${failed === 1 ? '1 container' : `${failed} containers`} failed: the block of each is left out.`]
      : []),
    ...speculationWarning(
      run.samples,
      plan.arms.map(({ name }) => name),
    ),
    ...contradictions(run).map(({ words }) => words),
    ...otherBytes(run).map(
      (arm) => `The filter that was simulated for ${arm} is not the one that was read out of its container.`,
    ),
    ...(doubted.length > 0
      ? [`Left out of the line, the chart and the sentences on what holds: ${said(doubted)}.`]
      : []),
  ];
}

/** Before Linux 5.16 a filter also switched speculation mitigations on, which costs more than the filter. */
function speculationWarning(samples: PercallAnalysis['run']['samples'], arms: readonly string[]): readonly string[] {
  const states = arms
    .map(
      (arm) =>
        samples.flatMap((sample) =>
          sample.state === 'ok' && sample.arm === arm ? [sample.speculation.join('/')] : [],
        )[0],
    )
    .filter((state) => state !== undefined);
  return new Set(states).size > 1
    ? [
        "Speculation mitigations (PR_GET_SPECULATION_CTRL) are not the same under all arms: part of the difference is theirs, not the filter's. Kernels before 5.16 switch them on with a filter; SECCOMP_FILTER_FLAG_SPEC_ALLOW in the profile prevents it.",
      ]
    : [];
}

/** A call that the filter is said to deny must have given its errno in every container. */
function contradictions({
  plan,
  samples,
  simulated,
}: PercallAnalysis['run']): readonly { readonly arm: string; readonly words: string }[] {
  return simulated.flatMap(({ arm, call, errno }) => {
    const index = plan.calls.findIndex(({ name }) => name === call);
    const got = samples
      .flatMap((sample) => (sample.state === 'ok' && sample.arm === arm ? [sample.calls[index]?.result ?? 0] : []))
      .find((result) => errno !== null && result !== -errno);
    return got === undefined
      ? []
      : [
          {
            arm,
            words: `${call} under ${arm} was to give errno ${String(errno)} and gave ${got}: the filter that was simulated is not the one that ran.`,
          },
        ];
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

/** Arms whose simulated filter is not the one that ran. */
export const doubtedArms = (run: PercallAnalysis['run']): readonly string[] => [
  ...new Set([...contradictions(run).map(({ arm }) => arm), ...otherBytes(run)]),
];
