import { callFailed, libc } from './libc.js';

const MASK_BYTES = 128;

/**
 * Pins this thread, and every child it starts from now on, to one core. Throws `environment` where the kernel
 * refuses.
 */
export const pinTo = (cpu: number): void => {
  keepOn(0, cpu);
};

/**
 * Keeps a thread (0: this one), and every child it starts from now on, on one core. Throws `environment` where the
 * kernel refuses.
 */
export function keepOn(pid: number, cpu: number): void {
  allow(pid, [cpu], `pinning to core ${cpu}`);
}

/** Lets this thread, and every child it starts from now on, run on these cores. Throws as `keepOn`. */
export const allowOnly = (cpus: readonly number[]): void => {
  allow(0, cpus, `using the cores ${cpus.join(', ')}`);
};

function allow(pid: number, cpus: readonly number[], action: string): void {
  const mask = Buffer.alloc(MASK_BYTES);
  for (const cpu of cpus) {
    const byte = Math.floor(cpu / 8);
    mask.writeUInt8(mask.readUInt8(byte) | (1 << (cpu % 8)), byte);
  }
  if (libc().schedSetAffinity(pid, MASK_BYTES, mask) !== 0) {
    throw callFailed(action, {
      hint: `This process may use the cores ${allowedCpus().join(', ')}.`,
    });
  }
}

/** The cores this thread may run on, ascending. */
export function allowedCpus(): readonly number[] {
  const mask = Buffer.alloc(MASK_BYTES);
  libc().schedGetAffinity(0, MASK_BYTES, mask);
  return Array.from({ length: MASK_BYTES * 8 }, (_, cpu) => cpu).filter(
    (cpu) => ((mask[Math.floor(cpu / 8)] ?? 0) >> (cpu % 8)) & 1,
  );
}
