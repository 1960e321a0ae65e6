import { closeSync, openSync, readSync, realpathSync } from 'node:fs';
import { findProgram } from '../files/find.js';
import { runTool } from '../run-tool.js';

/** How a program gets a shared library. */
export type LinkedLibrary =
  /** `path` is the file itself, behind all links. */
  | { readonly kind: 'shared'; readonly path: string }
  /** The program is linked without it: it is built in, or opened later. */
  | { readonly kind: 'notLinked' }
  | { readonly kind: 'unknown'; readonly reason: string };

/**
 * Which file the dynamic linker gives a program for a library, as `ldd` tells. `library` is the beginning of its name:
 * `libseccomp.so`.
 */
export async function linkedLibrary(
  program: string,
  library: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<LinkedLibrary> {
  if (!isElf(program)) return { kind: 'unknown', reason: `${program} is a script` };
  const ldd = findProgram('ldd', env['PATH']);
  if (ldd === undefined) return { kind: 'unknown', reason: 'ldd not found in PATH' };
  const { stdout } = await runTool(ldd, [program], { env });
  const line = stdout.split('\n').find((one) => one.trim().startsWith(library));
  if (line === undefined) return { kind: 'notLinked' };
  const path = / => (\/\S+)/.exec(line)?.[1];
  return path === undefined
    ? { kind: 'unknown', reason: `ldd does not find ${library} for ${program}` }
    : { kind: 'shared', path: realpathSync(path) };
}

const ELF = Buffer.from('\x7fELF', 'latin1');

function isElf(file: string): boolean {
  const descriptor = openSync(file, 'r');
  try {
    const start = Buffer.alloc(ELF.length);
    readSync(descriptor, start, 0, start.length, 0);
    return start.equals(ELF);
  } finally {
    closeSync(descriptor);
  }
}
