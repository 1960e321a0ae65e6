// What src/experiment and src/fleet still read of raw options; it goes with the last of those readers.
import { release } from 'node:os';
import { BenchError } from '../../errors.js';
import type { EngineChoice } from '../../model/container/container.js';
import type { Io } from '../../model/io.js';
import type { Scenario } from '../../model/run/scenario.js';
import { FIRST_LOOK_BLOCKS, LOOK_EVERY_BLOCKS, type StoppingRule } from '../../model/run/stopping.js';
import type { CounterChoice } from '../../model/results/syscalls.js';
import type { Profiler } from '../../model/results/workload-findings.js';
import type { ArmDefinition, SequentialScenario } from '../../model/run/scenario.js';
import type { Dialect } from '../../model/profile/seccomp.js';
import type { NamedCall } from '../../model/results/percall.js';
import type { Alike } from '../../experiment/arms/convert.js';
import { newSeed } from '../../scenario/index.js';
import type { ExportOptions } from './exports.js';
import { durationMs, properShareOf, shareOf, percentOption } from './values.js';
import { parseSeed } from './run.js';
export interface GateFlags {
  readonly failIfSlower?: string;
  readonly strict?: boolean;
}

/** Whether and how system calls are counted; declared in program-syscalls.ts. */
export interface CountingOptions {
  readonly countSyscalls?: boolean;
  readonly countRepeats?: string;
  readonly countWith?: CounterChoice;
}

/** Counting runs that are wanted, checked. */
export interface CountingPlan {
  readonly counter: CounterChoice;
  readonly repeats: number;
}

const DEFAULT_REPEATS = '3';

/** `null` where nothing shall be counted. Throws `usage`. */
export function countingPlan({
  countSyscalls = false,
  countRepeats = DEFAULT_REPEATS,
  countWith = 'auto',
}: CountingOptions): CountingPlan | null {
  const repeats = wholeOption(
    '--count-repeats',
    countRepeats,
    1,
    'One run shows no count that varies; --count-repeats 3 is the default.',
  );
  return countSyscalls ? { counter: countWith, repeats } : null;
}

/** What is to be found out of a program beside its times; declared in program-workload.ts. */
export interface FindingFlags {
  readonly profileWith?: Profiler;
  /** `0,1,8:random`. */
  readonly touch?: string;
  /** false: times alone. */
  readonly explain?: boolean;
}

/** So many MiB touched between two calls, one after the other or in an order that defeats prefetching. */
export interface TouchPoint {
  readonly mib: number;
  readonly order: 'sequential' | 'random';
}

const MOST_MIB = 1024;

/** The points of `--touch`. Throws `usage`. */
export function touchPoints(text: string | undefined): readonly TouchPoint[] {
  return text === undefined
    ? []
    : text.split(',').map((entry) => {
        const [, size, order = 'sequential'] = /^\s*(\d{1,4}(?:\.\d+)?)(?::(random|sequential))?\s*$/.exec(entry) ?? [];
        const mib = Number(size ?? Number.NaN);
        if (mib <= MOST_MIB && (order === 'random' || order === 'sequential')) return { mib, order };
        throw new BenchError(
          'usage',
          `--touch: expected MIB or MIB:random, MIB:sequential, separated by commas, got "${entry}" in "${text}"`,
          { hint: `For example --touch 0,1,8:random; at most ${MOST_MIB} MiB.` },
        );
      });
}
const MOST_WHOLE = 999_999;

/** A whole number of at most six digits. Throws `usage`. */
export function wholeOption(option: string, text: string, least: number, hint: string): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least) return value;
  throw new BenchError(
    'usage',
    `${option}: expected a whole number of at least ${least}${Number(text) > MOST_WHOLE ? ` and at most ${MOST_WHOLE}` : ''}, got "${text}"`,
    { hint },
  );
}

/** A span in seconds. Throws `usage`. */
export function secondsOption(option: string, text: string): number {
  const value = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value > 0) return value;
  throw new BenchError('usage', `${option}: expected seconds above 0, got "${text}"`, {
    hint: `For example ${option} 60.`,
  });
}

/** What may end a run before its count. */
export interface StoppingOptions {
  /** `±0.5%` or `decided`. */
  readonly until?: string;
  /** `90s`, `10m`, `1h`. */
  readonly budget?: string;
}

/**
 * The rules as they were asked for; each works by a plan made beforehand, none by looking whether p is small by now.
 * Throws `usage`.
 */
export function stoppingRules({ until, budget }: StoppingOptions): readonly StoppingRule[] {
  return [...(until === undefined ? [] : [untilRule(until)]), ...(budget === undefined ? [] : [budgetRule(budget)])];
}

/**
 * A rule would end one level of a sweep and not the others, and their rounds would no longer meet the same drift.
 * Throws `usage`.
 */
export function assertFixedRounds(options: StoppingOptions): void {
  if (stoppingRules(options).length === 0) return;
  throw new BenchError(
    'usage',
    'Expected a fixed number of rounds for several levels of concurrency, got --until or --budget',
    { hint: 'Say how many rounds, or take one level of concurrency.' },
  );
}

function untilRule(text: string): StoppingRule {
  if (text === 'decided') return { kind: 'decided' };
  const width = properShareOf(text.trim().replace(/^(?:±|\+-|\+\/-)/, ''));
  if (width !== undefined) return { kind: 'halfWidth', width };
  throw new BenchError('usage', `--until: Expected ±PERCENT or decided, got "${text}"`, {
    hint: 'For example --until ±0.5%, or --until decided.',
  });
}

function budgetRule(text: string): StoppingRule {
  return { kind: 'budget', milliseconds: durationMs('--budget', text, { example: '10m' }) };
}

/**
 * The most blocks a run with rules may take where no count was given: the group sequential test plans its looks by it.
 */
const MOST_BLOCKS: Readonly<Record<StoppingRule['kind'], number>> = {
  decided: 1000,
  halfWidth: 20_000,
  budget: 100_000,
};

/**
 * The count to use: as given; with a rule and none given, the most that rule allows; otherwise the default of the
 * scenario (`undefined`).
 */
export function mostBlocks(given: string | undefined, options: StoppingOptions): string | undefined {
  const rules = stoppingRules(options);
  if (given !== undefined || rules.length === 0) return given;
  return String(Math.min(...rules.map(({ kind }) => MOST_BLOCKS[kind])));
}

/** What may end the run, in words, for before its first container; nothing without a rule. */
export function stoppingWords(rules: readonly StoppingRule[], scenario: Scenario): string {
  if (rules.length === 0) return '';
  const unit = scenario.kind === 'sequential' ? 'blocks' : 'batches';
  const words = rules.map((rule) => {
    switch (rule.kind) {
      case 'halfWidth':
        return `once the CPU interval reaches no further than ±${Number((100 * rule.width).toPrecision(3))} % (first look at ${FIRST_LOOK_BLOCKS} ${unit}, then every ${LOOK_EVERY_BLOCKS})`;
      case 'decided':
        return 'once it is decided, by a group sequential test in 5 looks';
      case 'budget':
        return `after ${rule.milliseconds / 1000} s of measuring`;
    }
  });
  return `ends ${words.join(', or ')}\n`;
}

/** What every measuring command is told beside its scenario. */
export interface MeasureOptions extends GateFlags, ExportOptions, StoppingOptions, CountingOptions, FindingFlags {
  readonly engine: EngineChoice;
  readonly runtime?: string;
  /** Address of the daemon. */
  readonly host?: string;
  /** An image of the daemon's, in place of bench's own. */
  readonly image?: string;
  readonly seed?: string;
  /** Tell the stages of every start apart. */
  readonly stages: boolean;
  /** true: one core of bench's choice; text: that core. */
  readonly pin?: boolean | string;
  readonly caps: string;
  readonly kernel?: string;
  readonly lenient: boolean;
  /** Seconds after which a container counts as hung. */
  readonly timeout: string;
  /** Failures that do not end the run; absent: any number. */
  readonly maxFailures?: string;
  readonly margin: string;
  readonly results: string;
  readonly reports: string;
  readonly report: boolean;
}

/** The options of a run, checked, before anything is started. */
export interface RunSettings {
  readonly seed: number;
  readonly staged: boolean;
  readonly timeoutMs: number;
  /** `null`: any number. */
  readonly maxFailures: number | null;
  readonly kernel: string;
  readonly pinnedCpu: number | null;
  readonly stopping: readonly StoppingRule[];
  /** `null`: system calls are not counted. */
  readonly counting: CountingPlan | null;
  /** Working sets at which a call is priced, of a program. */
  readonly touch: readonly TouchPoint[];
  /** A share. */
  readonly margin: number;
}

/**
 * Checks what can be wrong about a run's options, so that no hour is measured before a typing error shows; pins where
 * that is wanted. Throws `usage` and `environment`.
 */
export function readSettings(options: MeasureOptions, _io: Io): RunSettings {
  return {
    margin: percentOption('--margin', options.margin, ''),
    stopping: stoppingRules(options),
    counting: countingPlan(options),
    touch: touchPoints(options.touch),
    timeoutMs: secondsOption('--timeout', options.timeout) * 1000,
    maxFailures:
      options.maxFailures === undefined
        ? null
        : wholeOption('--max-failures', options.maxFailures, 0, '--max-failures 0 ends the run at the first failure.'),
    staged: options.stages,
    seed: options.seed === undefined ? newSeed() : (parseSeed({ seed: options.seed }) ?? newSeed()),
    kernel: options.kernel ?? release(),
    pinnedCpu: null,
  };
}

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
  readonly alike?: Alike;
}
