import type { KernelAbilities } from '../../model/filter/since.js';
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { lxcWriter } from '../../convert/index.js';
import { rulesText } from '../../filter/index.js';
import { FILTER_MAKERS } from '../../model/container/container.js';
import type { EngineView } from '../../model/container/container.js';
import type { ArmNote } from '../../model/run/arm-notes.js';
import type { SeccompSpec } from '../../model/profile/seccomp.js';
import { isMachine } from '../../payload/index.js';
import type { Machine } from '../../payload/index.js';
import type { ConvertedArm } from '../arms/convert.js';
import { loadableBy } from '../arms/fit.js';
import { refuse, startObstacle } from './cannot-run.js';
import { notifies } from './flags.js';
import { nobodyAt } from './listener.js';
import { knownFilter } from './needs.js';
import { loadObstacle } from './runtime.js';

/** LXC's text has no flags and no listener, and iSulad's profile neither: what they drop is told as left out. */
const DROP_FIELDS: readonly string[] = ['lxc', 'isulad'];
const WAIT_KILLABLE = 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV';

/**
 * Looks at every arm before the first container: whether its filter lets a container start and end, whether runtime and
 * kernel know its flags and actions, whether anybody listens for its notifications. What is certain is refused, the
 * rest is given back. `machine` is the `uname -m` of where the containers run. Throws `input` with the arm's name.
 */
export async function checkBeforeStart(
  arms: readonly ConvertedArm[],
  engine: EngineView,
  machine: string,
): Promise<readonly ArmNote[]> {
  if (engine.ownKernel === true || !isMachine(machine)) return [];
  const kernel = kernelOf(engine);
  const notes: ArmNote[] = [];
  for (const arm of arms) {
    const { definition, spec } = arm;
    if (definition.copyOf !== undefined || definition.command !== undefined) continue;
    const filter = knownFilter(arm, machine);
    const obstacle = filter === undefined ? undefined : startObstacle(filter, startedBy(engine));
    if (obstacle !== undefined) refuse(definition.name, obstacle);
    if (spec !== null) notes.push(...(await checkSpec(definition.name, spec, { engine, machine, kernel })));
  }
  return notes;
}

/** The built-in loader, bubblewrap (execvp) and runc call execve; others may use either. */
const startedBy = ({ facts: { name } }: EngineView): readonly string[] =>
  name === 'runc' || FILTER_MAKERS.includes(name) ? ['execve'] : ['execve', 'execveat'];

function kernelOf({ host }: EngineView): KernelAbilities {
  if (host !== undefined) return { release: host.kernelRelease ?? '', actions: null };
  return { release: release(), actions: actionsAvailable() };
}

function actionsAvailable(): readonly string[] | null {
  try {
    return readFileSync('/proc/sys/kernel/seccomp/actions_avail', 'utf8').trim().split(/\s+/);
  } catch {
    // Before Linux 4.14.
    return null;
  }
}

interface Place {
  readonly engine: EngineView;
  readonly machine: Machine;
  readonly kernel: KernelAbilities;
}

async function checkSpec(arm: string, spec: SeccompSpec, place: Place): Promise<readonly ArmNote[]> {
  const { engine, machine, kernel } = place;
  const { name } = engine.facts;
  // What these write for an arm, they write before its first start: what they cannot write is refused here.
  if (name === 'lxc') lxcWriter(machine).text(spec);
  if (DROP_FIELDS.includes(name)) return [];
  const obstacle = loadObstacle(spec, engine, kernel);
  if (obstacle !== undefined) refuse(arm, obstacle);
  if (FILTER_MAKERS.includes(name)) rulesText(loadableBy({ engine, machine }, spec).spec);
  return [...flagNotes(arm, spec, engine), ...(await listenerNotes(arm, spec, engine))];
}

function flagNotes(arm: string, spec: SeccompSpec, { facts, limits }: EngineView): readonly ArmNote[] {
  const { flags = [] } = spec;
  if (facts.name === 'crun' && flags.includes(WAIT_KILLABLE) && !hasListener(spec))
    return [{ code: 'flagsDropped', arm, flag: WAIT_KILLABLE }];
  if (flags.length === 0 || limits.loadableFlags !== undefined) return [];
  return [{ code: 'flagsUnknown', arm, flags, engine: facts.name }];
}

const hasListener = (spec: SeccompSpec): boolean => (spec.listenerPath ?? '') !== '';

/** Throws `input` where nobody listens on this machine. crun connects even where the filter notifies of nothing. */
async function listenerNotes(arm: string, spec: SeccompSpec, { facts, host }: EngineView): Promise<readonly ArmNote[]> {
  const { listenerPath: path = '' } = spec;
  if (path === '') return facts.name === 'crun' && notifies(spec) ? [{ code: 'noListener', arm }] : [];
  if (!notifies(spec) && facts.name !== 'crun') return [];
  if (host !== undefined) return [{ code: 'listenerUnknown', arm, path, engine: facts.name }];
  const reason = await nobodyAt(path);
  if (reason !== undefined)
    refuse(arm, {
      code: 'notify-without-listener',
      words: `nobody listens at ${path} (listenerPath): ${reason}`,
      hint: 'Start the listener first, or use a profile without SCMP_ACT_NOTIFY and listenerPath.',
    });
  return [];
}
