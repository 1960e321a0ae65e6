import { totalmem } from 'node:os';
import { contained, memoryLimitOf, PIDS_LIMIT } from '../../model/container/containment.js';
import type { Containment, ContainmentLimit } from '../../model/container/containment.js';
import { RunCgroup } from '../../process/cgroup/run-cgroup.js';

/** Threads of bench, and the tools that it starts, which are in the cgroup too. */
export const PIDS_OF_BENCH = 1024;

/** A cgroup for the run, and what its containers are held by. */
export interface LimitedRun {
  readonly cgroup: RunCgroup;
  readonly containment: Containment;
}

/** `otherwise`: the limit of processes that a container has where the run's cgroup cannot be limited. */
export function limitedRun(runId: string, otherwise?: ContainmentLimit): LimitedRun {
  const memory = memoryLimitOf(totalmem());
  const cgroup = RunCgroup.enter(runId, { pids: PIDS_OF_BENCH + PIDS_LIMIT, memory });
  const limit = (controller: 'pids' | 'memory', most: number): ContainmentLimit => {
    const reason = cgroup.refusal(controller);
    if (reason === undefined) return { kind: 'cgroup', most, of: 'run' };
    return controller === 'pids' && otherwise !== undefined ? otherwise : { kind: 'none', reason };
  };
  return { cgroup, containment: contained({ pids: limit('pids', PIDS_LIMIT), memory: limit('memory', memory) }) };
}
