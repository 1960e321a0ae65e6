import { missingUntil } from '../../model/filter/since.js';
import type { KernelAbilities } from '../../model/filter/since.js';
import type { SeccompSpec } from '../../model/profile/seccomp.js';
import type { Obstacle } from './cannot-run.js';
import { actionsOf, notifies, otherRuntime, versionWords } from './flags.js';
import { FILTER_MAKERS } from '../../model/container/container.js';
import type { EngineView } from '../../model/container/container.js';

/** What an engine's runtime, or the kernel below it, cannot load of a spec; `undefined`: nothing that is known. */
export function loadObstacle(spec: SeccompSpec, engine: EngineView, kernel: KernelAbilities): Obstacle | undefined {
  return (
    first(spec.flags ?? [], (flag) => flagObstacle(flag, engine, kernel)) ??
    first(actionsOf(spec), (action) => actionObstacle(action, engine, kernel)) ??
    listenerObstacle(spec, engine) ??
    notifyObstacle(spec, engine)
  );
}

function first(names: readonly string[], obstacleOf: (name: string) => Obstacle | undefined): Obstacle | undefined {
  for (const name of names) {
    const obstacle = obstacleOf(name);
    if (obstacle !== undefined) return obstacle;
  }
  return undefined;
}

/** `runc 1.1.5` */
function nameOf({ facts }: EngineView): string {
  if (facts.name === 'namespaces') return 'the built-in engine';
  const number = /\d+(?:\.\d+)+/.exec(facts.version)?.[0];
  return number === undefined ? facts.name : `${facts.name} ${number}`;
}

function flagObstacle(flag: string, engine: EngineView, kernel: KernelAbilities): Obstacle | undefined {
  const { limits, facts } = engine;
  if (limits.loadableFlags?.has(flag) === false) {
    const version = versionWords(flag, facts.name);
    const other = otherRuntime(flag, facts.name);
    return {
      code: 'unsupported-flag',
      words: `${nameOf(engine)} does not load the flag ${flag}${version === undefined ? '' : `; ${version}`}`,
      hint: `${other === undefined ? 'Remove' : `Use ${other}, or remove`} the flag from the profile.`,
    };
  }
  const since = missingUntil(flag, kernel);
  if (since === undefined) return undefined;
  return {
    code: 'unsupported-flag',
    words: `Linux ${kernel.release} does not know the flag ${flag}; Linux ${since} or newer does`,
    hint: 'Remove the flag from the profile, or use a newer kernel.',
  };
}

const TSYNC = 'SECCOMP_FILTER_FLAG_TSYNC';

/**
 * The kernel answers EINVAL to both without SECCOMP_FILTER_FLAG_TSYNC_ESRCH, which crun does not set (its seccomp.c;
 * seen with 1.8.1). crun asks for a listener wherever the spec has a listenerPath.
 */
function listenerObstacle({ flags = [], listenerPath = '' }: SeccompSpec, engine: EngineView): Obstacle | undefined {
  if (engine.facts.name !== 'crun' || listenerPath === '' || !flags.includes(TSYNC)) return undefined;
  return {
    code: 'unsupported-flag',
    words: `Linux refuses ${TSYNC} for a filter with a listener, as ${nameOf(engine)} loads it for listenerPath`,
    hint: 'Remove the flag or listenerPath from the profile.',
  };
}

function actionObstacle(action: string, engine: EngineView, kernel: KernelAbilities): Obstacle | undefined {
  if (engine.limits.knownActions?.has(action) === false)
    return {
      code: 'unsupported-action',
      words: `${nameOf(engine)} does not know the action ${action}`,
      hint: `It knows ${[...engine.limits.knownActions].join(', ')}.`,
    };
  const since = missingUntil(action, kernel);
  if (since === undefined) return undefined;
  return {
    code: 'unsupported-action',
    words: `Linux ${kernel.release} does not know the action ${action}; Linux ${since} or newer does`,
    hint: 'Use another action in the profile, or a newer kernel.',
  };
}

/**
 * What runc refuses of notifications. Source: runc's libcontainer (seccomp_linux.go and process_linux.go), and its
 * errors as seen with 1.1.5. crun accepts all of it.
 */
function notifyObstacle(spec: SeccompSpec, engine: EngineView): Obstacle | undefined {
  const { facts } = engine;
  if (!notifies(spec)) return undefined;
  if (FILTER_MAKERS.includes(facts.name))
    return {
      code: 'notify-without-listener',
      words: `the profile has SCMP_ACT_NOTIFY, and ${nameOf(engine)} has no listener to answer it`,
      hint: 'Use an OCI runtime (--engine runc) and a profile with a listenerPath.',
    };
  if (facts.name !== 'runc') return undefined;
  if (spec.defaultAction === 'SCMP_ACT_NOTIFY')
    return {
      code: 'unsupported-action',
      words: 'runc refuses SCMP_ACT_NOTIFY as the default action',
      hint: 'Name the calls that are to be notified in rules of their own.',
    };
  const isWrite = (spec.syscalls ?? []).some(
    ({ names, action }) => action === 'SCMP_ACT_NOTIFY' && names.includes('write'),
  );
  if (isWrite)
    return {
      code: 'unsupported-action',
      words: 'runc refuses SCMP_ACT_NOTIFY for write, which it needs to hand over the listener',
      hint: 'Leave write out of that rule.',
    };
  if ((spec.listenerPath ?? '') !== '') return undefined;
  return {
    code: 'notify-without-listener',
    words: 'the profile has SCMP_ACT_NOTIFY and no listenerPath, and runc refuses that',
    hint: 'Set listenerPath to the socket of a listener, or use another action.',
  };
}
