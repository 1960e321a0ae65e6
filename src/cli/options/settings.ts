import { release } from 'node:os';
import { BenchError } from '../../errors.js';
import { allowedCpus, pinTo } from '../../process/affinity.js';
import type { EngineChoice } from '../../model/container/container.js';
import type { Io } from '../../model/io.js';
import type { StoppingRule } from '../../model/run/stopping.js';
import { newSeed, parseSeed } from '../../scenario/index.js';
import { say } from '../output/announce.js';
import { countingPlan } from './counting.js';
import type { CountingOptions, CountingPlan } from './counting.js';
import { slowerLimit, type ExportOptions, type GateFlags } from './raw-output.js';
import { parseMargin } from './margin.js';
import { secondsOption, wholeOption } from './values.js';
import { touchPoints } from './finding.js';
import type { FindingFlags, TouchPoint } from './finding.js';
import { stoppingRules } from './stopping.js';
import type { StoppingOptions } from './stopping.js';

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
export function readSettings(options: MeasureOptions, io: Io): RunSettings {
  slowerLimit(options);
  return {
    margin: parseMargin(options.margin),
    stopping: stoppingRules(options),
    counting: countingPlan(options),
    touch: touchPoints(options.touch),
    timeoutMs: secondsOption('--timeout', options.timeout) * 1000,
    maxFailures:
      options.maxFailures === undefined
        ? null
        : wholeOption('--max-failures', options.maxFailures, 0, '--max-failures 0 ends the run at the first failure.'),
    staged: options.stages,
    seed: options.seed === undefined ? newSeed() : parseSeed(options.seed),
    kernel: options.kernel ?? release(),
    pinnedCpu: pin(options.pin, io),
  };
}

/** Pins this process and its children to one core where that is wanted. Throws `usage`. */
export function pin(wanted: boolean | string | undefined, io: Io): number | null {
  if (wanted === undefined || wanted === false) return null;
  const allowed = allowedCpus();
  const cpu = wanted === true ? (allowed.at(-1) ?? 0) : /^\d+$/.test(wanted) ? Number(wanted) : NaN;
  if (!(cpu <= 1023)) {
    throw new BenchError('usage', `--pin: expected the number of a core, got "${String(wanted)}"`, {
      hint: `One of ${allowed.join(', ')}.`,
    });
  }
  pinTo(cpu);
  say(
    io,
    '',
    `pinned to core ${cpu}: CPU time gets sharper (about 0.7 of the interval), wall time wider (about 1.4), as everything shares one core`,
  );
  return cpu;
}
