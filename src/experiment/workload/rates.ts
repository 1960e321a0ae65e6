import { BenchError } from '../../errors.js';
import { callRate } from '../../tracing/index.js';
import type { CallRate } from '../../model/results/workload-findings.js';
import { findProgram } from '../../process/files/find.js';
import { originals, reasonOf } from './program-run.js';
import type { Found, ProgramRun } from './program-run.js';

/**
 * One run per arm (copies left out) under `perf stat -I`; where perf cannot count here, the rate follows from counted
 * calls alone.
 */
export async function takeRates(run: ProgramRun): Promise<Found<CallRate>> {
  const { request, context, session } = run.proved;
  const { engine, runId } = session;
  const perf = findProgram('perf', context.env['PATH']);
  if (perf === undefined) return none('perf not found in PATH. apt-get install --no-install-recommends linux-perf');
  context.notify({ kind: 'stepStarted', step: 'rate' });
  const items: CallRate[] = [];
  for (const arm of originals(run)) {
    if (context.signal.aborted) break;
    const command = engine.command(arm, run.fitted.program, `${runId}-rate-${arm}`);
    if (command === null) return none(`${engine.facts.name} is a daemon: perf cannot follow what it starts`);
    try {
      items.push({ arm, ...(await callRate(perf, command, request.timeoutMs)) });
    } catch (error) {
      if (!(error instanceof BenchError)) throw error;
      return { items, notTaken: [{ what: 'rate', reason: reasonOf(error) }] };
    } finally {
      await engine.betweenBlocks();
    }
  }
  return { items, notTaken: [] };
}

const none = (reason: string): Found<CallRate> => ({ items: [], notTaken: [{ what: 'rate', reason }] });
