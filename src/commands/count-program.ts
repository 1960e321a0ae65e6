import { BenchError } from '../errors.js';
import type { Io } from '../model/io.js';
import type { SyscallCounts } from '../model/syscalls.js';
import { say } from './announce.js';
import { countArms } from './count-calls.js';
import { countingPlan } from './counting-options.js';
import type { CountingPlan } from './counting-options.js';
import type { Session } from './session.js';
import type { MeasureOptions, RunSettings } from './settings.js';
import type { SettledArm } from './settle.js';
import type { SettledProgram } from './settle-program.js';

/** A program that takes longer than this is counted once: its counts are its own, not those of a start that varies. */
const LONG_NS = 2e9;

export interface CountingRun {
  readonly session: Session;
  readonly settings: RunSettings;
  readonly settled: SettledProgram;
}

/**
 * A program's calls are counted unless that is not wanted: what the filter costs it follows from them. Nothing where they cannot be counted here, which is said;
 * where counting was asked for by name it throws as it does for any run.
 */
export async function countProgram(arms: readonly SettledArm[], { session, settings, settled }: CountingRun, options: MeasureOptions, io: Io): Promise<SyscallCounts | undefined> {
  const plan = settings.counting ?? (options.explain === false ? null : ownPlan(settled, options));
  if (plan === null) return undefined;
  try {
    return await countArms(arms, { session, timeoutMs: settings.timeoutMs, plan, program: settled.program }, io);
  } catch (error) {
    if (settings.counting !== null || !(error instanceof BenchError) || error.code === 'interrupted') throw error;
    say(io, 'system calls are not counted: ', `${error.message}${error.hint === undefined ? '' : `. ${error.hint}`}`);
    return undefined;
  }
}

function ownPlan({ firstRuns }: SettledProgram, { countRepeats, countWith = 'auto' }: MeasureOptions): CountingPlan | null {
  const long = firstRuns.some(({ wall }) => wall > LONG_NS);
  return countingPlan({ countSyscalls: true, countWith, countRepeats: countRepeats ?? (long ? '1' : '3') });
}
