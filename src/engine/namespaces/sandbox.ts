import { join } from 'node:path';
import { isProgram } from '../../model/container/program.js';
import { programOf } from '../oci/config.js';
import type { Inhabitant, Sandbox } from '../sandbox/engine.js';
import { composeRoot } from '../program-root.js';
import { DEVICES, placeText } from './place.js';

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
 * The built-in engine's containers: unshare makes the namespaces; the loader makes the place in them, gives away
 * capabilities, loads the filter and becomes the program. It shows the cost of the kernel alone.
 */
export const namespacesSandbox = ({ unshare, rootless }: NamespacesOptions): Sandbox => ({
  limits: { loadableFlags: LOADER_FLAGS },
  makeRoot: (folder, program) => composeRoot(folder, program, DEVICES),
  placeText: ({ inside, root, bare }) => placeText({ root, bare, rootless, cwd: isProgram(inside) ? inside.cwd : '/' }),
  words: ({ inside, root, place }: Inhabitant) => [
    unshare,
    '--mount',
    '--uts',
    '--ipc',
    ...(isProgram(inside) && inside.network === 'joined' ? [] : ['--net']),
    '--pid',
    '--fork',
    '--kill-child',
    ...(rootless ? ['--user', '--map-root-user'] : []),
    join(root.folder, 'loader'),
    '--place',
    place,
    '{fd}',
    ...programOf(inside).args,
  ],
});
