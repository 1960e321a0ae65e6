import { realpathSync } from 'node:fs';
import { BenchError, fileError } from '../../errors.js';
import { runTool } from '../run-tool.js';
import { readElf } from './elf.js';

/** How a program gets a shared library. */
export type Linked =
  /** Loaded from this file, without symbolic links. */
  | { readonly kind: 'dynamic'; readonly file: string }
  /** It is a static program: what it uses is in it. */
  | { readonly kind: 'static' }
  /** It is no ELF file, for example a script. */
  | { readonly kind: 'script' }
  /** It is linked dynamically, but not with this library. */
  | { readonly kind: 'without' };

/**
 * Where a program finds a shared library, as its own loader says (`LOADER --list`, which is what ldd(1) does). Throws
 * `environment` where that is not told.
 */
export async function linkedLibrary(
  program: string,
  library: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Linked> {
  const elf = readElf(program);
  if (elf === undefined) return { kind: 'script' };
  if (elf.interpreter === undefined) return { kind: 'static' };
  const { exitCode, stdout, stderr } = await runTool(elf.interpreter, ['--list', program], { env });
  if (exitCode !== 0)
    throw new BenchError('environment', `${elf.interpreter} cannot list the libraries of ${program}: ${stderr.trim()}`);
  const path = pathIn(stdout, library);
  if (path === undefined) return { kind: 'without' };
  try {
    return { kind: 'dynamic', file: realpathSync(path) };
  } catch (error) {
    throw fileError('read', path, error);
  }
}

/** `libseccomp.so.2 => /lib/x86_64-linux-gnu/libseccomp.so.2 (0x00007f...)`. */
const pathIn = (listed: string, library: string): string | undefined =>
  listed
    .split('\n')
    .map((line) => /^\s*(\S+) => (\/.*) \(0x[0-9a-f]+\)$/.exec(line))
    .find((match) => match?.[1] === library)?.[2];
