import { release } from 'node:os';
import { BenchError } from '../../errors.js';
import type { EngineChoice } from '../../model/container/container.js';
import type { Io } from '../../model/io.js';
import type { SequentialScenario } from '../../model/run/scenario.js';
import type { Dialect } from '../../model/profile/seccomp.js';
import { parseCalls } from '../../payload/index.js';
import { loadProfile } from '../../profile/index.js';
import { newSeed, parseSeed } from '../../scenario/index.js';
import { advisedArms } from '../../advise/arms.js';
import type { OptionArm } from '../../advise/arms.js';
import { observedCounts, readCounts } from '../../advise/counts.js';
import type { ObservedCounts } from '../../advise/counts.js';
import { proveAndRecord } from '../old-entry.js';
import { secondsOption, wholeOption } from '../options/values.js';
import { measureCalls } from '../old-entry.js';
import type { PercallRequest } from '../options/percall.js';
import { profileBytes } from '../../experiment/arms/profile-bytes.js';
import { hostMachine } from '../../experiment/session/session.js';

/** What `bench advise` is told. */
export interface AdviseOptions {
  /** Absent: the built-in default. */
  readonly profile?: string;
  readonly counts?: string;
  /** A command line whose calls are counted. */
  readonly observe?: string;
  readonly calls: string;
  readonly blocks: string;
  readonly callBlocks: string;
  readonly engine: EngineChoice;
  readonly runtime?: string;
  readonly dialect: Dialect;
  readonly caps: string;
  readonly kernel?: string;
  readonly lenient: boolean;
  readonly seed?: string;
  readonly timeout: string;
  readonly results: string;
  readonly reports: string;
  readonly report: boolean;
  readonly json: boolean;
}

/**
 * `bench advise`: what each option for a profile would save at a start and per call, measured here, with what it means
 * for security. Gives the exit code.
 */
export async function run(options: AdviseOptions, io: Io): Promise<number> {
  const { arms, optionArms, counts, request, scenario } = await plan(options, io);
  const recording = await proveAndRecord({ ...scenario, arms }, startOptions(options, request), io);
  io.signal.throwIfAborted();
  const calls = await measureCalls(request, { ...callOptions(options), blocks: options.callBlocks }, io);
  // Statistics and charts are loaded only now: they would be in the way of the measurement.
  const { concludeAdvice } = await import('../output/advice.js');
  return concludeAdvice(
    { profile: options.profile ?? 'the built-in default', optionArms, counts, starts: recording.writer.path, calls },
    options,
    io,
  );
}

/** Reads profile and counts and says what will be measured. Throws `usage` and `input`, before anything is started. */
async function plan(options: AdviseOptions, io: Io) {
  const { profile, dialect, caps, lenient } = options;
  if (profile === '-')
    throw new BenchError('usage', 'Expected a profile file, got standard input, which can be read only once', {
      hint: 'Write it to a file first.',
    });
  const kernel = options.kernel ?? release();
  const { bytes, name } = await profileBytes(profile, io);
  const counts = await countsFor(options, io);
  const advised = advisedArms({
    profile: loadProfile(bytes, name, { lenient }),
    file: profile,
    machine: hostMachine(),
    caps,
    kernel,
    dialect,
    counts,
  });
  const engine = options.engine === 'auto' ? 'namespaces' : options.engine;
  const optionArms = advised.options.map((one) => fitting(one, engine));
  const arms = advised.arms.filter(
    ({ making, name: arm }) => making === undefined || optionArms.some((one) => 'arm' in one && one.arm.name === arm),
  );
  const scenario: SequentialScenario = {
    kind: 'sequential',
    name: 'advise',
    arms,
    dialect,
    warmup: 4,
    pauseMs: PAUSE_MS,
    ...(profile === undefined ? {} : { profile }),
    count: wholeOption('--blocks', options.blocks, 1, 'For example --blocks 100: so many starts of every arm.'),
  };
  const priced = arms.filter(({ making }) => making?.prebuilt === undefined);
  const request: PercallRequest = {
    scenario: {
      ...scenario,
      name: 'percall',
      arms: priced,
      warmup: 1,
      count: wholeOption('--call-blocks', options.callBlocks, 1, 'For example --call-blocks 20.'),
    },
    arms: priced,
    calls: parseCalls(options.calls),
    rounds: 25,
    loops: 1000,
    seed: options.seed === undefined ? newSeed() : parseSeed(options.seed),
    kernel,
    pinnedCpu: null,
    timeoutMs: secondsOption('--timeout', options.timeout) * 1000,
    engine,
  };
  const { first, cached } = advised;
  return {
    arms,
    optionArms,
    counts: counts === null ? null : { from: counts.from, first, cached, warnings: counts.warnings },
    request,
    scenario,
  };
}

/** Options differ so much that a start would pay for the teardown of the one before it (METHOD in the README). */
const PAUSE_MS = 5;

async function countsFor({ counts, observe }: AdviseOptions, io: Io): Promise<ObservedCounts | null> {
  if (counts !== undefined && observe !== undefined)
    throw new BenchError('usage', 'Expected --counts or --observe, got both', {
      hint: 'Give the file, or the command to count.',
    });
  if (observe !== undefined) return observedCounts(observe, io);
  return counts === undefined ? null : readCounts(counts, io);
}

/** A runtime makes and loads its filters itself: what only the built-in engine can do is not measured there. */
function fitting(one: OptionArm, engine: EngineChoice): OptionArm {
  if (engine === 'namespaces' || !('arm' in one) || one.arm.making === undefined) return one;
  return {
    option: one.option,
    reason: `${engine} makes and loads its filters itself; --engine namespaces measures it`,
  };
}

const callOptions = (options: AdviseOptions) => ({ ...options, arms: '', rounds: '25', loops: '1000', warmup: '1' });

const startOptions = (
  options: AdviseOptions,
  { engine, seed }: PercallRequest,
): Parameters<typeof proveAndRecord>[1] => ({
  engine,
  seed: String(seed),
  stages: false,
  countSyscalls: false,
  caps: options.caps,
  lenient: options.lenient,
  timeout: options.timeout,
  margin: '1%',
  results: options.results,
  reports: options.reports,
  report: false,
  strict: false,
  ...(options.kernel === undefined ? {} : { kernel: options.kernel }),
  ...(options.runtime === undefined ? {} : { runtime: options.runtime }),
});
