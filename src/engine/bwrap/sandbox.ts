import { existsSync, statSync } from 'node:fs';
import { CONTAINER_CAPABILITIES, MASKED_PATHS, READONLY_PATHS, SCRATCH } from '../../model/container/containment.js';
import { isProgram } from '../../model/container/program.js';
import { isRoot } from '../environment.js';
import { programOf } from '../oci/config.js';
import { composeRoot } from '../program-root.js';
import type { Inhabitant, Sandbox } from '../sandbox/engine.js';

/**
 * bubblewrap's sandboxes: every namespace new, a read-only root, /proc and /dev of its own, and each filter by a
 * descriptor. bubblewrap sets no_new_privs, and loads filters last, right before the program, by prctl(2), which takes
 * no flags.
 */
export const bwrapSandbox = (bwrap: string): Sandbox => ({
  limits: { loadableFlags: new Set() },
  makeRoot: (folder, program) => composeRoot(folder, program),
  words: (inhabitant) => [
    bwrap,
    '--unshare-all',
    ...(isProgram(inhabitant.inside) && inhabitant.inside.network === 'joined' ? ['--share-net'] : []),
    '--die-with-parent',
    // Without a process of bubblewrap's own as pid 1: that one would load the filter too, and bubblewrap would end
    // without waiting for it, so that neither its CPU time nor the program's would be counted.
    '--as-pid-1',
    ...capabilityArgs(),
    ...rootArgs(inhabitant),
    ...filterArgs(inhabitant.filters),
    '--',
    ...programOf(inhabitant.inside).args,
  ],
});

/** Started by root, bubblewrap keeps all; started by a user, it keeps none unless they are named. */
const capabilityArgs = (): readonly string[] => [
  '--cap-drop',
  'ALL',
  ...(isRoot() ? CONTAINER_CAPABILITIES.flatMap((name) => ['--cap-add', name]) : []),
];

function rootArgs({ inside, root: { folder, binds }, bare }: Inhabitant): readonly string[] {
  return [
    '--ro-bind',
    folder,
    '/',
    '--proc',
    '/proc',
    ...protectionArgs(),
    '--dev',
    '/dev',
    ...(bare ? [] : ['--tmpfs', SCRATCH]),
    ...binds.flatMap(({ source, target }) => ['--ro-bind', source, target]),
    ...(isProgram(inside) ? ['--chdir', inside.cwd] : []),
  ];
}

/** What Docker hides below /proc or makes read-only there, as far as it is there. */
function protectionArgs(): readonly string[] {
  const inProc = (path: string): boolean => path.startsWith('/proc/') && existsSync(path);
  return [
    ...READONLY_PATHS.filter(inProc).flatMap((path) => ['--ro-bind', path, path]),
    ...MASKED_PATHS.filter(inProc).flatMap((path) =>
      statSync(path).isDirectory() ? ['--tmpfs', path, '--remount-ro', path] : ['--dev-bind', '/dev/null', path],
    ),
  ];
}

/** `--add-seccomp-fd`, which bubblewrap has since 0.6, only where it is needed: `--seccomp` may stand only once. */
const filterArgs = (filters: number): readonly string[] =>
  filters === 1
    ? ['--seccomp', '{filter}']
    : Array.from({ length: filters }, () => ['--add-seccomp-fd', '{filter}']).flat();
