import { readFileSync, realpathSync, statSync } from 'node:fs';
import { machine as hostMachine } from 'node:os';
import type { LibraryHandle } from 'koffi';
import type koffiModule from 'koffi';
import { BenchError, fileError } from '../../errors.js';
import { readElf } from '../../process/library/elf.js';

const HINT = 'libseccomp=PATH takes a libseccomp.so.2 for this machine, version 2.3 or newer.';

/**
 * Loads a shared library of the user's next to those that are loaded already: its names stay its own, and what it calls
 * is its own. Throws `input` for a file that is no library for this machine, or that does not load.
 */
export function openLibrary(koffi: typeof koffiModule, path: string): LibraryHandle {
  assertLibrary(path);
  try {
    return koffi.load(path, { global: false, deep: true });
  } catch (cause) {
    throw wrong(path, `does not load: ${reasonOf(cause, path)}`, cause);
  }
}

/**
 * A shared library for this machine, by its headers. Throws `input` otherwise: the loader says less, and maps a file
 * that is cut off.
 */
function assertLibrary(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
    throw fileError('read', path, Object.assign(new Error('is a directory'), { code: 'EISDIR' }), { hint: HINT });
  const elf = readElf(path);
  if (elf === undefined) throw wrong(path, 'is not a shared library');
  if (elf.machine !== hostMachine()) throw wrong(path, `is a file for ${elf.machine}, not for ${hostMachine()}`);
  if (!elf.shared) throw wrong(path, 'is a program, not a shared library');
  if (elf.truncated) throw wrong(path, 'is cut off: it is shorter than its headers say');
}

/** A library without libseccomp's functions. */
export const notLibseccomp = (path: string, cause: unknown): BenchError => {
  const missing = /\bseccomp_\w+/.exec(cause instanceof Error ? cause.message : '')?.[0];
  return wrong(path, `is not libseccomp 2.3 or newer${missing === undefined ? '' : `: it has no ${missing}`}`, cause);
};

/**
 * Refuses a library whose version is stored in another file than its own: the loader gave another library than the one
 * that was named, or this one asks another. `address`: of what seccomp_version() returns. Throws `environment`.
 */
export function assertWithin(address: bigint, path: string): void {
  const mapped = mappedAt(address);
  if (mapped === undefined || mapped === realpathSync(path)) return;
  throw new BenchError('environment', `${path} reports the version of ${mapped}`, {
    hint: 'Name that file instead. A file that was replaced is only loaded by a new bench.',
  });
}

/** The file behind an address of this process; `undefined` where there is none or it cannot be told. */
function mappedAt(address: bigint): string | undefined {
  const line = readFileSync('/proc/self/maps', 'utf8')
    .split('\n')
    .find((one) => {
      const [, start = '0', end = '0'] = /^([0-9a-f]+)-([0-9a-f]+) /.exec(one) ?? [];
      return address >= BigInt(`0x${start}`) && address < BigInt(`0x${end}`);
    });
  return /^\S+ \S+ \S+ \S+ \S+\s+(\/.*)$/.exec(line ?? '')?.[1];
}

/** The loader's words without the path, which the message has already. */
function reasonOf(error: unknown, path: string): string {
  const text = error instanceof Error ? error.message : String(error);
  const own = text.split(`${path}: `).pop() ?? text;
  return own.replace(/ \(required by .*\)$/, '').replace(/^Failed to load shared library: /, '');
}

const wrong = (path: string, what: string, cause?: unknown): BenchError =>
  new BenchError('input', `${path} ${what}`, { hint: HINT, cause });
