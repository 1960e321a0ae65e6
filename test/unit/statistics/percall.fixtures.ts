import type {
  PercallPlan,
  PercallResult,
  PercallSample,
  SimulatedCall,
} from '../../../src/model/results/percall/percall.js';
import type { HostFingerprint } from '../../../src/model/results/result.js';

/** ns per call: none, cached, by argument, denied, by arm. */
const PRICES: Readonly<Record<string, readonly number[]>> = {
  unconfined: [100, 200, 150, 80],
  small: [125, 300, 150, 150],
  large: [125, 400, 250, 250],
  control: [100, 200, 150, 80],
};
const CALLS = ['getppid', 'personality', 'kexec_load', 'unknown'];
const LOOPS = 1000;

export interface RunShape {
  readonly blocks?: number;
  /** Instructions of the two filters for every call that runs them. */
  readonly instructions?: readonly [small: number, large: number];
  /** Added to every price of that block, in every arm. */
  readonly drift?: (block: number) => number;
  readonly samples?: (samples: readonly PercallSample[]) => readonly PercallSample[];
}

const HOST = {
  formatVersion: 1,
  takenAt: '2026-11-21T01:02:03.000Z',
  hostname: 'h',
  machine: 'x86_64',
  kernel: '6.18',
  os: 'o',
  cpuModel: 'c',
  cpuCount: 2,
  memoryMiB: 1,
  governor: null,
  cgroup: 'v2',
  libseccomp: '2.5.4',
  node: 'v20',
  bench: '0.1.0',
  loadAverage: [0, 0, 0],
  stealShare: null,
  virtualization: null,
  mitigations: {},
} satisfies HostFingerprint;

/**
 * A run of two filters whose prices are known exactly: 25 ns for having one, 100 and 200 ns at 400 and 900
 * instructions.
 */
export function percallRun({
  blocks = 30,
  drift = () => 0,
  instructions = [400, 900],
  samples = (all) => all,
}: RunShape = {}): PercallResult {
  const plan: PercallPlan = {
    formatVersion: 1,
    kind: 'percall',
    id: 'a',
    startedAt: '2026-11-21T01:02:03.000Z',
    command: ['percall'],
    seed: 1,
    engine: { name: 'namespaces', version: 'built in', path: null, rootless: false, notes: [] },
    pinnedCpu: null,
    capabilities: 'docker',
    kernelForProfile: '6.18',
    profile: null,
    dialect: 'moby',
    arms: [
      { name: 'unconfined', policy: 'unconfined' },
      { name: 'small', policy: 'native' },
      { name: 'large', policy: 'all' },
      { name: 'control', policy: 'unconfined', copyOf: 'unconfined' },
    ],
    calls: CALLS.map((name, nr) => ({ name, nr, args: [] })),
    blocks,
    warmup: 0,
    rounds: 3,
    loops: LOOPS,
  };
  const all = Array.from({ length: blocks }, (_, block) =>
    plan.arms.map(({ name }, position): PercallSample => ({
      block,
      warmup: false,
      position,
      arm: name,
      startNs: block,
      state: 'ok',
      clock: 'cpu',
      seccompMode: name === 'unconfined' || name === 'control' ? 0 : 2,
      speculation: [2, 2],
      emptyNs: [2000, 2000, 9000],
      // The middle of three rounds is the price; the loop itself takes 2 ns.
      calls: (PRICES[name] ?? []).map((price, index) => ({
        ns: [-20, 0, 500].map((more, round) => (price + drift(block) + more) * LOOPS + [2000, 2000, 9000][round]!),
        result: index < 2 ? 7 : -1,
      })),
    })),
  ).flat();
  return {
    name: 'a',
    host: HOST,
    plan,
    evidence: [],
    simulated: simulatedCalls(instructions),
    samples: samples(all),
    warnings: [],
  };
}

function simulatedCalls([small, large]: readonly [number, number]): readonly SimulatedCall[] {
  const instructions: Readonly<Record<string, number>> = { small, large };
  return Object.keys(PRICES).flatMap((arm) =>
    CALLS.map((call, index): SimulatedCall => {
      const count = instructions[arm];
      if (count === undefined)
        return { arm, call, instructions: 0, action: 'ALLOW', errno: null, cached: false, from: 'none' };
      return {
        arm,
        call,
        instructions: index === 0 ? 50 : count,
        action: index < 2 ? 'ALLOW' : 'ERRNO(EPERM)',
        errno: index < 2 ? null : 1,
        cached: index === 0,
        from: 'loaded',
      };
    }),
  );
}
