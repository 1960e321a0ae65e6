import { release } from 'node:os';
import type { EngineChoice } from '../../model/container/container.js';
import type { Io } from '../../model/io.js';
import type { ArmDefinition, SequentialScenario } from '../../model/run/scenario.js';
import type { Dialect } from '../../model/profile/seccomp.js';
import { parseCalls } from '../../payload/index.js';
import type { NamedCall } from '../../model/results/percall.js';
import { DEFAULT_PERCALL_ARMS, newSeed, parseSeed, percallArms } from '../../scenario/index.js';
import { secondsOption, wholeOption } from './values.js';
import { pin } from './settings.js';

/** What `bench percall` is told. */
export interface PercallOptions {
  readonly calls: string;
  /** Absent: the default ones, of which those that come out equal are left out. */
  readonly arms?: string;
  readonly blocks: string;
  readonly rounds: string;
  readonly loops: string;
  readonly warmup: string;
  readonly profile?: string;
  readonly dialect: Dialect;
  readonly engine: EngineChoice;
  readonly runtime?: string;
  readonly host?: string;
  readonly image?: string;
  readonly seed?: string;
  readonly pin?: boolean | string;
  readonly caps: string;
  readonly kernel?: string;
  readonly lenient: boolean;
  readonly timeout: string;
  readonly results: string;
  readonly reports: string;
  readonly report: boolean;
  readonly json: boolean;
  /** A results folder of an earlier run: nothing is measured. */
  readonly from?: string;
}

/** The same, checked. */
export interface PercallRequest {
  /** The arms as the main job knows them: they are converted, settled and proved by the same steps. */
  readonly scenario: SequentialScenario;
  readonly arms: readonly ArmDefinition[];
  readonly calls: readonly NamedCall[];
  readonly rounds: number;
  readonly loops: number;
  readonly seed: number;
  readonly kernel: string;
  readonly pinnedCpu: number | null;
  readonly timeoutMs: number;
  /** `auto` becomes the built-in engine where an arm's filter is made otherwise than runtimes do. */
  readonly engine: EngineChoice;
  /** What becomes of arms that come out equal. */
  readonly alike?: 'drop';
}

/** Checks all options before anything is started. Throws `usage`. */
export function readPercallRequest(options: PercallOptions, io: Io): PercallRequest {
  const { profile } = options;
  const arms = percallArms(options.arms ?? DEFAULT_PERCALL_ARMS, profile);
  const count = wholeOption('--blocks', options.blocks, 1, 'For example --blocks 30: 30 containers of every arm.');
  const warmup = wholeOption('--warmup', options.warmup, 0, 'For example --warmup 1.');
  return {
    arms,
    calls: parseCalls(options.calls),
    ...(options.arms === undefined ? { alike: 'drop' as const } : {}),
    scenario: {
      kind: 'sequential',
      name: 'percall',
      arms,
      dialect: options.dialect,
      count,
      warmup,
      pauseMs: 0,
      ...(profile === undefined ? {} : { profile }),
    },
    rounds: wholeOption(
      '--rounds',
      options.rounds,
      1,
      'For example --rounds 25: every container times every call so often.',
    ),
    loops: wholeOption('--loops', options.loops, 1, 'For example --loops 1000: so many calls in one loop.'),
    seed: options.seed === undefined ? newSeed() : parseSeed(options.seed),
    kernel: options.kernel ?? release(),
    timeoutMs: secondsOption('--timeout', options.timeout) * 1000,
    engine:
      options.engine === 'auto' && arms.some(({ making }) => making !== undefined) ? 'namespaces' : options.engine,
    pinnedCpu: pin(options.pin, io),
  };
}
