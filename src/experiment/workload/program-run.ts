import { BenchError } from '../../errors.js';
import type { NotTaken } from '../../model/results/workload-findings.js';
import type { FittedProgram } from '../arms/fit-program.js';
import type { ProvedExperiment } from '../states.js';

/** A recorded run of a program, about which more is found out. */
export interface ProgramRun {
  readonly proved: ProvedExperiment<'starts'>;
  readonly fitted: FittedProgram;
}

/** A part of the findings: what was found, or why not. */
export interface Found<Item> {
  readonly items: readonly Item[];
  readonly notTaken: readonly NotTaken[];
}

/** The arms whose runs differ: a copy's are those of its original. */
export const originals = ({ proved: { scenario } }: ProgramRun): readonly string[] =>
  scenario.arms.filter(({ copyOf }) => copyOf === undefined).map(({ name }) => name);

/** Why something could not be found out, with what would change that. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof BenchError && error.hint !== undefined ? `${error.message}. ${error.hint}` : error.message;
}
