import { readFileSync } from 'node:fs';
import type { CacheCheck } from '../../model/filter/inspection.js';
import type { CallVerdict } from '../../model/filter/simulation.js';

/**
 * The kernel's names of architectures in that file (SECCOMP_ARCH_NATIVE_NAME and SECCOMP_ARCH_COMPAT_NAME) that differ
 * from libseccomp's.
 */
const NAMES: Readonly<Record<string, string>> = { ia32: 'x86', powerpc: 'ppc' };
/** "x86_64 0 ALLOW": architecture, number, whether the bitmap answers. */
const LINE = /^(\S+) (\d+) (ALLOW|FILTER)$/;

/**
 * The text of /proc/PID/seccomp_cache, which few kernels have (CONFIG_SECCOMP_CACHE_DEBUG) and only root in the initial
 * namespace may read, or the reason why it cannot be read.
 */
export function readKernelCache(pid: number): { readonly text: string } | { readonly reason: string } {
  try {
    return { text: readFileSync(`/proc/${pid}/seccomp_cache`, 'utf8') };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return {
      reason:
        code === 'ENOENT'
          ? 'this kernel has no /proc/PID/seccomp_cache (CONFIG_SECCOMP_CACHE_DEBUG is off)'
          : `/proc/${pid}/seccomp_cache: ${code}`,
    };
  }
}

/** Compares the kernel's bitmap with the predicted one, for all calls that both list. */
export function compareCache(cache: ReturnType<typeof readKernelCache>, verdicts: readonly CallVerdict[]): CacheCheck {
  if ('reason' in cache) return { state: 'notSeen', reason: cache.reason };
  const cached = new Map(
    cache.text.split('\n').flatMap((line) => {
      const [, arch = '', nr = '', word = ''] = LINE.exec(line) ?? [];
      return word === '' ? [] : [[`${NAMES[arch] ?? arch} ${nr}`, word === 'ALLOW'] as const];
    }),
  );
  const both = verdicts.filter(({ arch, nr }) => cached.has(`${arch} ${nr}`));
  if (both.length === 0) return { state: 'notSeen', reason: 'the kernel lists none of the calls that were checked' };
  const differing = both.filter(({ arch, nr, cacheable }) => cached.get(`${arch} ${nr}`) !== cacheable);
  return { state: 'compared', calls: both.length, differing: differing.map(({ arch, name }) => `${arch} ${name}`) };
}
