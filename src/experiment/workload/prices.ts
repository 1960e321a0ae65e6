import { BenchError } from '../../errors.js';
import { callsOf, surveyCalls } from '../../filter/index.js';
import { isUnconfined } from '../../model/container/container.js';
import type { CallVerdict } from '../../model/filter/simulation.js';
import type { PricedCall } from '../../model/results/percall/caller-report.js';
import type { CallClass, CallPrices, NotTaken, TouchTimes } from '../../model/results/workload-findings.js';
import { harmlessCall } from '../../model/run/harmless-calls.js';
import { isBitmapKernel } from '../percall/bitmap.js';
import { filtersOf } from '../percall/simulate.js';
import { reasonOf } from './program-run.js';
import type { Found, ProgramRun } from './program-run.js';
import { runCaller } from './run-caller.js';

/**
 * Calls that do next to nothing where no filter stops them, so that a denied one saves nothing else: two that profiles
 * allow regardless of their arguments, two that they allow by their arguments, one that they deny.
 */
const PROBES = ['getppid', 'getuid', 'personality', 'socket', 'kexec_load'];
/** Rounds and loops as in `bench percall`, so that prices have the same precision. */
const PRICING = { loops: 1000, rounds: 25, blocks: 12, name: 'price' } as const;
/** A page and a line: every step needs another translation, and not always the same place in a cache. */
const STRIDE = 4160;
const TOUCHING = { rounds: 15, blocks: 8 } as const;
const TOUCHED_LINES = 1e6;
const [LEAST_LOOPS, MOST_LOOPS] = [50, 20_000];
/** What a filter may answer without ending the program that asks. */
const SURVIVED = /^(?:ALLOW|LOG|ERRNO)/;

/** Prices system calls under every arm, and tells of every call what the arm's filter does with it. */
export async function takePrices(run: ProgramRun): Promise<Found<CallPrices>> {
  const { scenario, context, session } = run.proved;
  try {
    const verdicts = verdictsOf(run);
    const calls = probes(run, verdicts);
    const { blocks } = PRICING;
    context.notify({ kind: 'stepStarted', step: 'prices', calls: calls.map(({ name }) => name), blocks });
    const byArm = await runCaller(run, { ...PRICING, calls });
    const times = [...byArm].flatMap(([arm, byCall]) =>
      calls.map(({ name: call }, index) => ({ arm, call, ns: byCall[index] ?? [] })),
    );
    const classes = scenario.arms.flatMap(({ name: arm }) =>
      (verdicts.get(arm) ?? []).map((verdict) => classOf(arm, verdict, session.kernel)),
    );
    return { items: [{ times, classes }], notTaken: [] };
  } catch (error) {
    return { items: [], notTaken: [notTaken('prices', error)] };
  }
}

const classOf = (arm: string, verdict: CallVerdict, kernel: string): CallClass => ({
  arm,
  call: verdict.name,
  cached: verdict.cacheable && isBitmapKernel(kernel),
  fewest: verdict.fewest,
  most: verdict.most,
});

/** One call with more and more memory read before it, under every arm. */
export async function takeTouched(run: ProgramRun): Promise<Found<TouchTimes>> {
  const { request, context } = run.proved;
  const items: TouchTimes[] = [];
  const calls = probes(run, new Map()).filter(({ name }) => name === 'getppid');
  for (const { mib, order } of request.findings.touch) {
    const { blocks } = TOUCHING;
    context.notify({ kind: 'stepStarted', step: 'touch', mib, order, blocks });
    const lines = Math.max(1, Math.floor((mib * 2 ** 20) / STRIDE));
    const loops = Math.min(MOST_LOOPS, Math.max(LEAST_LOOPS, Math.floor(TOUCHED_LINES / lines)));
    const kib = Math.max(Math.ceil(STRIDE / 1024), Math.round(mib * 1024));
    const touch = mib === 0 ? {} : { touch: ['touch', String(kib), order, String(STRIDE)] };
    try {
      const times = await runCaller(run, { ...TOUCHING, name: `touch${items.length}`, loops, calls, ...touch });
      items.push(...[...times].map(([arm, [ns]]) => ({ arm, call: 'getppid', mib, order, ns: ns ?? [] })));
    } catch (error) {
      return { items, notTaken: [notTaken('touch', error)] };
    }
  }
  return { items, notTaken: [] };
}

function notTaken(what: NotTaken['what'], error: unknown): NotTaken {
  if (!(error instanceof BenchError)) throw error;
  return { what, reason: reasonOf(error) };
}

/**
 * What each arm's filter answers to every call of the machine; nothing for an arm without one. Throws `environment`
 * where it is not known which filter an arm loads: its instructions then have no price.
 */
function verdictsOf({ proved }: ProgramRun): ReadonlyMap<string, readonly CallVerdict[]> {
  const { machine } = proved.session;
  const verdicts = new Map<string, readonly CallVerdict[]>();
  for (const fitted of proved.arms) {
    if (isUnconfined(fitted.arm)) continue;
    const { from, filters } = filtersOf(fitted, proved);
    const [filter, ...more] = filters;
    if (from === 'unknown' || filter === undefined || more.length > 0)
      throw new BenchError('environment', `it is not known which filter the containers of arm ${fitted.name} load`);
    verdicts.set(fitted.name, surveyCalls(filter, [machine]));
  }
  return verdicts;
}

/** The probes this machine has and every arm's filter lets live. */
function probes(
  { proved: { session } }: ProgramRun,
  verdicts: ReadonlyMap<string, readonly CallVerdict[]>,
): readonly PricedCall[] {
  const known = callsOf(session.machine);
  return PROBES.flatMap((probe) => harmlessCall(probe) ?? []).flatMap(({ name, args }): PricedCall[] => {
    const nr = known.find((call) => call.name === name)?.nr;
    const deadly = [...verdicts.values()].some((arm) =>
      arm.some((verdict) => verdict.name === name && verdict.outcomes.some(({ action }) => !SURVIVED.test(action))),
    );
    return nr === undefined || deadly ? [] : [{ name, nr, args }];
  });
}
