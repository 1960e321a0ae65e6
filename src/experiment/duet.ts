import { BenchError } from '../errors.js';
import type { Engine } from '../model/container/container.js';
import type { ExperimentContext } from '../model/experiment/events.js';
import type { ExperimentRequest } from '../model/experiment/request.js';
import { duetRefusalWords } from '../model/run/duet.js';
import type { DuetCores, DuetRefusal } from '../model/run/duet.js';
import { unitOf } from '../model/run/scenario.js';
import type { Scenario } from '../model/run/scenario.js';
import { allowedCpus } from '../process/affinity.js';
import { duetCores } from './duet-cores.js';

/** A scenario with the mode decided: `duet` is `always` or absent. */
export interface ChosenMode {
  readonly scenario: Scenario;
  readonly duet?: DuetCores;
}

/**
 * Decides whether the blocks of a scenario are duet blocks, and on which cores. Throws `usage` or `environment` where
 * they were asked for and cannot be had.
 */
export function duetOf(
  scenario: Scenario,
  { request, engine }: { readonly request: ExperimentRequest; readonly engine: Engine },
  notify: ExperimentContext['notify'],
): ChosenMode {
  if (scenario.kind !== 'sequential') return { scenario };
  const { duet: asked = 'never', ...solo } = scenario;
  if (asked === 'never' || request.kind !== 'starts') return { scenario: solo };
  const cores = duetCores(allowedCpus());
  const refusal = refusalOf(request, engine, cores) ?? (asked === 'auto' ? unproved(scenario, engine) : null);
  if (cores !== null && refusal === null) {
    notify({ kind: 'duetChosen', duet: cores });
    return { scenario: { ...solo, duet: 'always' }, duet: cores };
  }
  const why = refusal ?? { code: 'oneCore' };
  if (asked === 'always') throw refused(why);
  notify({ kind: 'duetRefused', refusal: why });
  return { scenario: solo };
}

function refusalOf(request: ExperimentRequest, engine: Engine, cores: DuetCores | null): DuetRefusal | null {
  const { name } = engine.facts;
  if (unitOf(request.scenario) === 'exec') return { code: 'execs' };
  if (request.kind === 'starts' && request.staged) return { code: 'staged' };
  if (request.pinnedCpu !== null) return { code: 'pinned' };
  if (hasDaemon(engine)) return { code: 'daemon', engine: name };
  if (engine.runPair === undefined) return { code: name.includes(' and ') ? 'runtimes' : 'engine', engine: name };
  return cores === null ? { code: 'oneCore' } : null;
}

/** Where duet blocks were seen to narrow the intervals (docs/method.md, section 18). */
const PROVED: readonly string[] = ['runc', 'crun'];

/** Why duet blocks are possible, and not known to be better. */
function unproved({ program }: Scenario, { facts: { name } }: Engine): DuetRefusal | null {
  if (program !== undefined) return { code: 'program' };
  return PROVED.includes(name) ? null : { code: 'unproved', engine: name };
}

/** Engines whose containers are made by a daemon: it, and what it starts, cannot be kept on a core. */
const DAEMONS: readonly string[] = ['docker', 'podman', 'containerd', 'cri', 'isulad'];

/** Whether containers are no children of this process. */
export const hasDaemon = ({ host, facts }: Engine): boolean => host !== undefined || DAEMONS.includes(facts.name);

function refused(refusal: DuetRefusal): BenchError {
  const isUsage = ['staged', 'pinned', 'execs'].includes(refusal.code);
  const hint =
    refusal.code === 'oneCore'
      ? `This process may use ${coresWords(allowedCpus())}. Use --duet never.`
      : 'Use --duet never, or --duet auto to have duet blocks where they are possible.';
  return new BenchError(isUsage ? 'usage' : 'environment', `--duet always: ${duetRefusalWords(refusal)}`, { hint });
}

const coresWords = (cores: readonly number[]): string =>
  cores.length === 1 ? `core ${cores.join('')} only` : `the cores ${cores.join(', ')}`;
