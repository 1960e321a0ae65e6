import { BenchError, systemReason } from '../../errors.js';
import { readFileSync } from 'node:fs';
import type { NotMeasured } from '../../model/filter/capacity.js';

/** What the kernel has allocated, in bytes. */
export interface KernelMemory {
  /** Programs in the kernel's own form; a reason where the kernel does not show it. */
  readonly programs: number | NotMeasured;
  readonly slab: number;
}

const KIB = 1024;

/** Takes a look at /proc/vmallocinfo and /proc/meminfo. Throws `environment` where the latter cannot be read. */
export function kernelMemory(pageBytes: number): KernelMemory {
  return { programs: programBytes(pageBytes), slab: slabBytes() };
}

function programBytes(pageBytes: number): number | NotMeasured {
  const text = readOr('/proc/vmallocinfo');
  if (typeof text !== 'string') return text.errno === 'ENOENT' ? 'noFile' : 'needsRoot';
  // ADDRESS-ADDRESS BYTES CALLER ...; each area has a guard page more than was asked for.
  return text
    .split('\n')
    .map((line) => /^\S+ +(\d+) bpf_prog_(?:re)?alloc/.exec(line)?.[1])
    .reduce((sum, bytes) => (bytes === undefined ? sum : sum + Number(bytes) - pageBytes), 0);
}

function slabBytes(): number {
  const text = readOr('/proc/meminfo');
  const [, kib] = typeof text === 'string' ? (/^Slab: +(\d+) kB$/m.exec(text) ?? []) : [];
  if (kib === undefined) throw new BenchError('environment', '/proc/meminfo does not show the kernel’s slab memory');
  return Number(kib) * KIB;
}

function readOr(path: string): string | { readonly errno: string } {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    return { errno: (error as NodeJS.ErrnoException).code ?? systemReason(error) };
  }
}
