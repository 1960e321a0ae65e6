import { isProgram } from '../../model/container/program.js';
import { programOf } from '../oci/config.js';
import { composeRoot } from '../program-root.js';
import type { Inhabitant, Sandbox } from '../sandbox/engine.js';

/**
 * bubblewrap's sandboxes: every namespace new, a read-only root, /proc and /dev of its own, and each filter by a
 * descriptor. bubblewrap loads them last, right before the program, by prctl(2), which takes no flags.
 */
export const bwrapSandbox = (bwrap: string): Sandbox => ({
  limits: { loadableFlags: new Set() },
  makeRoot: (folder, program) => composeRoot(folder, program),
  words: (inhabitant) => [
    bwrap,
    '--unshare-all',
    '--die-with-parent',
    // Without a process of bubblewrap's own as pid 1: that one would load the filter too, and bubblewrap would end
    // without waiting for it, so that neither its CPU time nor the program's would be counted.
    '--as-pid-1',
    ...rootArgs(inhabitant),
    ...filterArgs(inhabitant.filters),
    '--',
    ...programOf(inhabitant.inside).args,
  ],
});

function rootArgs({ inside, payloadRoot, root }: Inhabitant): readonly string[] {
  const { folder, binds } = root ?? { folder: payloadRoot, binds: [] };
  return [
    '--ro-bind',
    folder,
    '/',
    ...binds.flatMap(({ source, target }) => ['--ro-bind', source, target]),
    '--proc',
    '/proc',
    '--dev',
    '/dev',
    ...(root === undefined ? [] : ['--tmpfs', '/tmp']),
    ...(isProgram(inside) ? ['--chdir', inside.cwd] : []),
  ];
}

/** `--add-seccomp-fd`, which bubblewrap has since 0.6, only where it is needed: `--seccomp` may stand only once. */
const filterArgs = (filters: number): readonly string[] =>
  filters === 1
    ? ['--seccomp', '{filter}']
    : Array.from({ length: filters }, () => ['--add-seccomp-fd', '{filter}']).flat();
