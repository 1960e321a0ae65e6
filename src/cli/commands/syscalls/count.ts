import { release } from 'node:os';
import { resolve } from 'node:path';
import { assertOpenFiles } from '../../../process/open-files.js';
import type { Io } from '../../../model/io.js';
import { renderCalls, toldCalls } from '../../../report/index.js';
import { makeScenario } from '../../../scenario/index.js';
import { analyseCalls } from '../../../statistics/index.js';
import { announceArms, announceEngine } from '../../output/announce.js';
import { convertArms } from '../../../experiment/arms/convert.js';
import { countArms } from '../../../experiment/syscalls/count-calls.js';
import { countingPlan } from '../../options/counting.js';
import type { CountingOptions } from '../../options/counting.js';
import { checkTarget, writeTarget } from '../../output/export-target.js';
import { secondsOption } from '../../options/values.js';
import { proveArms } from '../../../experiment/arms/prove.js';
import type { ScenarioFlags } from '../sequential.js';
import { hostMachine, openSession } from '../../../experiment/session/session.js';
import type { SessionOptions } from '../../../experiment/session/session.js';
import { settleArms } from '../../../experiment/arms/fit.js';

export interface SyscallsCountOptions extends SessionOptions, ScenarioFlags, Omit<CountingOptions, 'countSyscalls'> {
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
  assertOpenFiles(1);
  const machine = hostMachine();
  const choice = { machine, caps: options.caps, kernel: options.kernel ?? release(), lenient: options.lenient };
  const converted = await convertArms(scenario, choice, io);
  await using session = await openSession(options, io);
  announceEngine(session, io);
  const fitting =
    session.machine === machine ? converted : await convertArms(scenario, { ...choice, machine: session.machine }, io);
  const arms = await settleArms(fitting, session, io.signal);
  announceArms(await proveArms(arms, session, io.signal), io);
  const counts = await countArms(arms, { session, timeoutMs, plan }, io);
  const analysis = analyseCalls(counts);
  if (analysis === undefined) throw new RangeError('counts have an analysis');
  if (options.output !== undefined)
    writeTarget(resolve(io.cwd, options.output), `${JSON.stringify(counts, null, 2)}\n`, '--output');
  io.out(
    options.json
      ? `${JSON.stringify(toldCalls(analysis), null, 2)}\n`
      : renderCalls(analysis, { columns: io.columns ?? 80, colour: io.colour, all: options.all }),
  );
  return analysis.notCounted.length > 0 ? 1 : 0;
}
