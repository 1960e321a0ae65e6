import { BenchError } from '../../errors.js';
import { findProgram } from '../../process/find.js';
import { callRate } from '../../tracing/index.js';
import type { Io } from '../../model/io.js';
import type { CallRate } from '../../model/results/workload-findings.js';
import { say } from '../../cli/output/announce.js';
import type { Found, ProgramRun } from './explain.js';

/**
 * One run per arm (copies left out) under `perf stat -I`; where perf cannot count here, the rate follows from counted
 * calls alone.
 */
export async function takeRates(
  { scenario, session, settled, settings }: ProgramRun,
  io: Io,
): Promise<Found<CallRate>> {
  const perf = findProgram('perf', io.env['PATH']);
  if (perf === undefined) return none('no perf in PATH: apt-get install --no-install-recommends linux-perf');
  say(io, '', 'taking the rate of system calls: one run per arm under perf stat -I 1000');
  const items: CallRate[] = [];
  for (const { name } of scenario.arms.filter(({ copyOf }) => copyOf === undefined)) {
    if (io.signal.aborted) break;
    const command = session.engine.command(name, settled.program, `${session.runId}-rate-${name}`);
    if (command === null) return none(`${session.engine.facts.name} is a daemon: what it starts is no child of perf's`);
    try {
      items.push({ arm: name, ...(await callRate(perf, command, settings.timeoutMs)) });
    } catch (error) {
      if (!(error instanceof BenchError)) throw error;
      return {
        items,
        notTaken: [{ what: 'rate', reason: `${error.message}${error.hint === undefined ? '' : `. ${error.hint}`}` }],
      };
    } finally {
      await session.engine.betweenBlocks();
    }
  }
  return { items, notTaken: [] };
}

const none = (reason: string): Found<CallRate> => ({ items: [], notTaken: [{ what: 'rate', reason }] });
