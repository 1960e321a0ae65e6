import { isProgram } from '../../model/container/program.js';
import { programOf } from '../oci/config.js';
import type { Inhabitant, Sandbox } from '../sandbox/engine.js';
import { makeProgramRoot, mountArgs } from './root.js';

/** Flags that its loader passes to seccomp(2): those that need no listener (filter/build/rules-text.ts). */
const LOADER_FLAGS: ReadonlySet<string> = new Set(
  ['TSYNC', 'LOG', 'SPEC_ALLOW'].map((name) => `SECCOMP_FILTER_FLAG_${name}`),
);

export interface NamespacesOptions {
  /** util-linux's unshare. */
  readonly unshare: string;
  readonly rootless: boolean;
}

/**
 * The built-in engine's containers: unshare makes the namespaces, and the loader in the container loads the filter and
 * becomes the program. It shows the cost of the kernel alone.
 */
export const namespacesSandbox = (options: NamespacesOptions): Sandbox => ({
  limits: { loadableFlags: LOADER_FLAGS },
  makeRoot: makeProgramRoot,
  words: (inhabitant) => [
    options.unshare,
    '--mount',
    '--uts',
    '--ipc',
    '--net',
    '--pid',
    '--fork',
    '--kill-child',
    ...(options.rootless ? ['--user', '--map-root-user'] : []),
    ...enter(inhabitant, options),
    '/loader',
    '{fd}',
    ...programOf(inhabitant.inside).args,
  ],
});

/** The arguments that enter the root. */
function enter({ inside, payloadRoot, root }: Inhabitant, options: NamespacesOptions): readonly string[] {
  if (!isProgram(inside)) return [`--root=${payloadRoot}`];
  if (root === undefined) return [`--root=${payloadRoot}`, `--wd=${inside.cwd}`];
  return mountArgs(root, { ...options, cwd: inside.cwd });
}
