import { measureCapacity } from '../../../experiment/index.js';
import type { FilterChoice } from '../../../experiment/index.js';
import type { Io } from '../../../model/io.js';
import type { CapacityScenario } from '../../../model/run/kinds/capacity.js';
import type { OutputOptions } from '../../options/output.js';
import { NO_GATE, planOutput, type ExportFiles } from '../../output/plan.js';

export interface CapacityOptions {
  readonly scenario: CapacityScenario;
  /** How its filter is made. */
  readonly making: Pick<FilterChoice, 'form' | 'formAskedBy' | 'policy' | 'conversion'>;
  readonly output: OutputOptions;
  readonly exports: ExportFiles;
  /** Files that it is made of, besides the profile. */
  readonly inputs?: readonly string[];
}

/** No figure of it is judged by a margin. */
const MARGIN = 0.01;

/** Measures, keeps the results and concludes. Gives the exit code. Throws `usage`, `input` and `environment`. */
export async function capacity(options: CapacityOptions, io: Io): Promise<number> {
  const { scenario, making, output, exports, inputs = [] } = options;
  const { profile } = scenario;
  const read = profile === undefined || profile === '-' ? inputs : [...inputs, profile];
  const plan = planOutput(
    { kind: 'capacity', ...output, margin: MARGIN, gate: NO_GATE, exports, inputs: read, showCalls: false },
    io,
  );
  const { resultsFolder } = output;
  const { commandLine } = io;
  const measured = await measureCapacity({ ...scenario, ...making, resultsFolder, commandLine }, io);
  const { conclude } = await import('../../output/conclude.js');
  return conclude(measured, plan, io);
}
