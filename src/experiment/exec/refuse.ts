import { BenchError, conflict } from '../../errors.js';
import type { Engine, EngineChoice } from '../../model/container/container.js';
import type { ExperimentRequest } from '../../model/experiment/request.js';
import { unitOf } from '../../model/run/scenario.js';

/** Engines that start no program in a running container. */
const WITHOUT_EXEC: readonly EngineChoice[] = ['namespaces', 'bwrap', 'lxc', 'isulad'];

const HINT = 'Use --engine runc, crun, oci, docker, podman, containerd or cri.';

/** Whether execs are timed. */
export const isOfExecs = ({ scenario }: Pick<ExperimentRequest, 'scenario'>): boolean => unitOf(scenario) === 'exec';

/** Refuses what execs cannot be timed with, before an engine is opened. Throws `usage`. */
export function refuseExecs(request: ExperimentRequest): void {
  const { scenario, engine, kind } = request;
  if (!isOfExecs(request)) return;
  if (kind !== 'starts')
    throw new BenchError('usage', 'only bench exec and bench run time execs', { hint: 'bench exec --help' });
  if (WITHOUT_EXEC.includes(engine.choice)) throw withoutExec(engine.choice);
  if (scenario.kind === 'sequential' && scenario.duet === 'always')
    throw conflict('kind exec', '--duet', {
      hint: 'Duet blocks are tested with starts alone: bench sequential --duet.',
    });
  if (scenario.program !== undefined)
    throw conflict('kind exec', 'a program', {
      hint: 'An exec is of the payload; bench workload --via exec times others.',
    });
  if (scenario.arms.some(({ command }) => command !== undefined))
    throw conflict('kind exec', 'commands', { hint: 'An exec needs a container of bench to start in.' });
  if (request.counting !== null)
    throw conflict('kind exec', '--count-syscalls', {
      hint: 'System calls are counted of container starts: bench syscalls count.',
    });
}

/** Refuses an open engine that has no exec. Throws `usage`. */
export function assertExecs({ facts, execs }: Pick<Engine, 'facts' | 'execs'>): void {
  if (execs !== true) throw withoutExec(facts.name);
}

const withoutExec = (engine: string): BenchError =>
  new BenchError('usage', `--engine ${engine} cannot start a program in a running container`, { hint: HINT });
