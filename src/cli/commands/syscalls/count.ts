import { resolve } from 'node:path';
import type { Io } from '../../../model/io.js';
import { renderCalls } from '../../../report/index.js';
import { runExperiment } from '../../../experiment/index.js';
import type { CountsRequest } from '../../../model/experiment/request.js';
import { makeScenario, newSeed } from '../../../scenario/index.js';
import { contextOf, conversionOf, engineOf } from '../../old-entry.js';
import type { MeasureOptions } from '../../options/settings.js';
import { analyseCalls } from '../../../statistics/index.js';
import { countingPlan } from '../../options/counting.js';
import type { CountingOptions } from '../../options/counting.js';
import { checkTarget, writeTarget } from '../../output/export-target.js';
import { secondsOption } from '../../options/values.js';
import type { ScenarioFlags } from '../sequential.js';

export interface SyscallsCountOptions
  extends
    Pick<MeasureOptions, 'engine' | 'runtime' | 'host' | 'image'>,
    ScenarioFlags,
    Omit<CountingOptions, 'countSyscalls'> {
  readonly caps: string;
  readonly kernel?: string;
  readonly lenient: boolean;
  readonly timeout: string;
  /** File for the counts; absent: they are only shown. */
  readonly output?: string;
  /** Every call in the tables. */
  readonly all: boolean;
  readonly json: boolean;
}

/** `bench syscalls count`: the counting runs alone, nothing is timed. Exit code 1 where an arm could not be counted. */
export async function run(options: SyscallsCountOptions, io: Io): Promise<number> {
  const plan = countingPlan({ ...options, countSyscalls: true });
  if (plan === null) throw new RangeError('counting was asked for');
  const timeoutMs = secondsOption('--timeout', options.timeout) * 1000;
  if (options.output !== undefined) checkTarget(resolve(io.cwd, options.output), '--output');
  // The control shows nothing that repeats of the baseline do not.
  const made = makeScenario({ kind: 'sequential', ...options, count: '1' });
  const scenario = { ...made, arms: made.arms.filter(({ copyOf }) => copyOf === undefined) };
  const request: CountsRequest = {
    kind: 'counts',
    engine: engineOf(options),
    conversion: conversionOf(options),
    seed: newSeed(),
    pinnedCpu: null,
    timeoutMs,
    maxFailures: null,
    resultsFolder: '.',
    commandLine: io.commandLine,
    scenario: { ...scenario, kind: 'sequential', count: 1 },
    counting: plan,
  };
  const { counts, ended } = await runExperiment(request, contextOf(io));
  const analysis = analyseCalls(counts);
  if (analysis === undefined) throw new RangeError('counts have an analysis');
  if (options.output !== undefined)
    writeTarget(resolve(io.cwd, options.output), `${JSON.stringify(counts, null, 2)}\n`, '--output');
  io.out(
    options.json
      ? `${JSON.stringify(analysis, null, 2)}\n`
      : renderCalls(analysis, { columns: io.columns ?? 80, colour: io.colour, all: options.all }),
  );
  if (ended === 'interrupted') return 130;
  return analysis.notCounted.length > 0 ? 1 : 0;
}
