import { release } from 'node:os';
import { BenchError } from '../../errors.js';
import { buildFilter, callsOf, surveyCalls } from '../../filter/index.js';
import type { CallVerdict } from '../../filter/index.js';
import type { Io } from '../../model/io.js';
import type { PricedCall } from '../../model/results/percall.js';
import type { CallClass, CallPrices, NotTaken, TouchTimes } from '../../model/results/workload-findings.js';
import { harmlessCall } from '../../model/run/harmless-calls.js';
import { say } from '../../cli/output/announce.js';
import type { Found, ProgramRun } from './explain.js';
import { runCaller } from './run-caller.js';

/**
 * Calls that do next to nothing where no filter stops them, so that one that is denied saves nothing else: two that
 * profiles allow whatever their arguments, two
 * that they allow by their arguments, one that they deny.
 */
const PROBES = ['getppid', 'getuid', 'personality', 'socket', 'kexec_load', 'unknown'];
const PRICING = { loops: 10_000, rounds: 9, blocks: 12, name: 'price' } as const;
/** A page and a line: every step needs another translation, and not always the same place in a cache. */
const STRIDE = 4160;
const TOUCHING = { rounds: 15, blocks: 8 } as const;
const TOUCHED_LINES = 1e6;
const [LEAST_LOOPS, MOST_LOOPS] = [50, 20_000];
/** What a filter may answer without ending the program that asks. */
const SURVIVED = /^(?:ALLOW|LOG|ERRNO)/;

/** Prices system calls under every arm, and says of every call what the arm's filter does with it. */
export async function takePrices(
  run: ProgramRun,
  io: Io,
): Promise<{ readonly prices: CallPrices | null; readonly notTaken: readonly NotTaken[] }> {
  try {
    const verdicts = verdictsOf(run);
    const calls = probes(run, verdicts);
    say(
      io,
      '',
      `pricing system calls under each arm: ${calls.map(({ name }) => name).join(' ')}, ${PRICING.blocks} blocks`,
    );
    const times = await runCaller(run, { ...PRICING, calls }, io);
    const classes = run.scenario.arms.flatMap(({ name: arm }) =>
      (verdicts.get(arm) ?? []).map((verdict): CallClass => ({
        arm,
        call: verdict.name,
        cached: isCached(verdict),
        fewest: verdict.fewest,
        most: verdict.most,
      })),
    );
    return {
      prices: {
        times: [...times].flatMap(([arm, byCall]) =>
          calls.map(({ name: call }, index) => ({ arm, call, ns: byCall[index] ?? [] })),
        ),
        classes,
      },
      notTaken: [],
    };
  } catch (error) {
    return { prices: null, notTaken: [reasonOf('prices', error)] };
  }
}

/** One call with more and more memory read before it, under every arm. */
export async function takeTouched(run: ProgramRun, io: Io): Promise<Found<TouchTimes>> {
  const items: TouchTimes[] = [];
  const calls = probes(run, new Map()).filter(({ name }) => name === 'getppid');
  for (const { mib, order } of run.settings.touch) {
    say(
      io,
      '',
      `a system call with ${mib} MiB read ${order === 'random' ? 'in random order ' : ''}before it, ${TOUCHING.blocks} blocks`,
    );
    const lines = Math.max(1, Math.floor((mib * 2 ** 20) / STRIDE));
    const loops = Math.min(MOST_LOOPS, Math.max(LEAST_LOOPS, Math.floor(TOUCHED_LINES / lines)));
    const touch =
      mib === 0
        ? {}
        : {
            touch: ['touch', String(Math.max(Math.ceil(STRIDE / 1024), Math.round(mib * 1024))), order, String(STRIDE)],
          };
    try {
      const times = await runCaller(run, { ...TOUCHING, name: `touch${items.length}`, loops, calls, ...touch }, io);
      items.push(...[...times].map(([arm, [ns]]) => ({ arm, call: 'getppid', mib, order, ns: ns ?? [] })));
    } catch (error) {
      return { items, notTaken: [reasonOf('touch', error)] };
    }
  }
  return { items, notTaken: [] };
}

function reasonOf(what: NotTaken['what'], error: unknown): NotTaken {
  if (!(error instanceof BenchError)) throw error;
  return { what, reason: `${error.message}${error.hint === undefined ? '' : `. ${error.hint}`}` };
}

/**
 * What each arm's filter, as libseccomp builds it here, says to every call of the machine; nothing for an arm without
 * one.
 */
function verdictsOf({ arms, session: { machine } }: ProgramRun): ReadonlyMap<string, readonly CallVerdict[]> {
  return new Map(
    arms.flatMap(({ name, arm }) =>
      arm.spec === null
        ? []
        : [[name, surveyCalls(buildFilter(arm.spec, machine, arm.making).program, [machine])] as const],
    ),
  );
}

/** The probes this machine has and every arm's filter lets live. */
function probes(
  { session: { machine } }: ProgramRun,
  verdicts: ReadonlyMap<string, readonly CallVerdict[]>,
): readonly PricedCall[] {
  const known = callsOf(machine);
  return PROBES.flatMap((probe) => harmlessCall(probe) ?? []).flatMap(({ name, args }): PricedCall[] => {
    const nr = known.find((call) => call.name === name)?.nr;
    const deadly = [...verdicts.values()].some((arm) =>
      arm.some((verdict) => verdict.name === name && verdict.outcomes.some(({ action }) => !SURVIVED.test(action))),
    );
    return nr === undefined || deadly ? [] : [{ name, nr, args }];
  });
}

const isCached = ({ cacheable }: CallVerdict): boolean => cacheable && hasBitmapKernel(release());

/** The bitmap of calls that are always allowed came with Linux 5.11. */
function hasBitmapKernel(kernel: string): boolean {
  const [major = 0, minor = 0] = kernel.split('.').map(Number);
  return major > 5 || (major === 5 && minor >= 11);
}
