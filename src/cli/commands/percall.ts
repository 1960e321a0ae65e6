import type { Io } from '../../model/io.js';
import { callerProgram } from '../../payload/index.js';
import { outputRequest } from '../options/raw-output.js';
import { planOutput } from '../output/plan.js';
import { announceArms, announceEngine, say } from '../output/announce.js';
import { convertArms } from '../../experiment/arms/convert.js';
import { readPercallRequest } from '../options/percall.js';
import type { PercallOptions, PercallRequest } from '../options/percall.js';
import { recordCalls } from '../../experiment/percall/record.js';
import { numbered, simulateArms } from '../../experiment/percall/simulate.js';
import { assertComparable, equalArms, proveArms } from '../../experiment/arms/prove.js';
import { hostMachine, openSession } from '../../experiment/session/session.js';
import { settleArms } from '../../experiment/arms/fit.js';

export type { PercallOptions } from '../options/percall.js';

/** `bench percall`: what a system call costs under each arm's filter, timed inside containers. Gives the exit code. */
export async function run(options: PercallOptions, io: Io): Promise<number> {
  const measured = options.from === undefined;
  const output = planOutput(
    outputRequest(options, { kind: 'calls', resultsFolder: measured ? options.results : null, showCalls: false }),
    io,
  );
  const folder = options.from ?? (await measureCalls(readPercallRequest(options, io), options, io));
  // Statistics and charts are loaded only now: they would be in the way of the measurement.
  const { conclude, concludeFolders } = await import('../output/conclude.js');
  return measured
    ? conclude({ folders: [folder], failed: 0, notRemoved: null }, output, io)
    : concludeFolders([folder], output, io);
}

/**
 * Proves the arms, simulates the calls, times them; gives the results folder. The engine and all it made are gone when
 * this returns.
 */
export async function measureCalls(request: PercallRequest, options: PercallOptions, io: Io): Promise<string> {
  const machine = hostMachine();
  const { scenario, kernel, alike } = request;
  const convert = async (of: string) =>
    convertArms(scenario, { machine: of, caps: options.caps, kernel, lenient: options.lenient, alike }, io);
  const converted = await convert(machine);
  await using session = await openSession({ ...options, engine: request.engine }, io);
  announceEngine(session, io);
  // A daemon may be on a machine of another architecture.
  const settled = await settleArms(
    session.machine === machine ? converted : await convert(session.machine),
    session,
    io.signal,
  );
  const calls = numbered(request.calls, session.machine);
  const proved = await proveArms(settled, session, io.signal);
  announceArms(proved, io);
  const dropped = alike === 'drop' ? equalArms(request.arms, proved) : [];
  for (const { arm, like } of dropped)
    say(io, '  left out: ', `arm ${arm}: with this profile its spec and filter are those of ${like}`);
  const isKept = (name: string): boolean => dropped.every(({ arm }) => arm !== name);
  const [arms, evidence] = [settled.filter(({ name }) => isKept(name)), proved.filter(({ arm }) => isKept(arm))];
  if (alike !== 'drop') assertComparable(scenario, evidence, alike?.hint);
  const simulated = await simulateArms(arms, calls, session);
  const kept = { ...request, arms: request.arms.filter(({ name }) => isKept(name)) };
  return await recordCalls(
    { request: kept, session, arms, calls, evidence, simulated, program: callerProgram({ ...request, calls }) },
    options,
    io,
  );
}
