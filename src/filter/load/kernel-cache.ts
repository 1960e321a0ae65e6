import { readFileSync } from 'node:fs';
import type { CacheCheck } from '../../model/filter/inspection.js';
import type { CallVerdict } from '../../model/filter/simulation.js';

/**
 * What the kernel calls an architecture there (SECCOMP_ARCH_NATIVE_NAME and SECCOMP_ARCH_COMPAT_NAME), where that is
 * not libseccomp's name.
 */
const NAMES: Readonly<Record<string, string>> = { ia32: 'x86', powerpc: 'ppc' };
/** "x86_64 0 ALLOW": architecture, number, whether the bitmap answers. */
const LINE = /^(\S+) (\d+) (ALLOW|FILTER)$/;

/**
 * The text of /proc/PID/seccomp_cache, which few kernels have (CONFIG_SECCOMP_CACHE_DEBUG) and only root of the first
 * namespace may read; else why not.
 */
export function readKernelCache(pid: number): { readonly text: string } | { readonly reason: string } {
  try {
    return { text: readFileSync(`/proc/${pid}/seccomp_cache`, 'utf8') };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return {
      reason:
        code === 'ENOENT'
          ? 'this kernel has no /proc/PID/seccomp_cache (it is built without CONFIG_SECCOMP_CACHE_DEBUG)'
          : `/proc/${pid}/seccomp_cache: ${code}`,
    };
  }
}

/** The kernel's bitmap beside the predicted one, over all calls that both know. */
export function compareCache(cache: ReturnType<typeof readKernelCache>, verdicts: readonly CallVerdict[]): CacheCheck {
  if ('reason' in cache) return { state: 'notSeen', reason: cache.reason };
  const cached = new Map(
    cache.text.split('\n').flatMap((line) => {
      const [, arch = '', nr = '', word = ''] = LINE.exec(line) ?? [];
      return word === '' ? [] : [[`${NAMES[arch] ?? arch} ${nr}`, word === 'ALLOW'] as const];
    }),
  );
  const both = verdicts.filter(({ arch, nr }) => cached.has(`${arch} ${nr}`));
  if (both.length === 0)
    return { state: 'notSeen', reason: 'the kernel listed no call that the filter was surveyed for' };
  const differing = both.filter(({ arch, nr, cacheable }) => cached.get(`${arch} ${nr}`) !== cacheable);
  return { state: 'compared', calls: both.length, differing: differing.map(({ arch, name }) => `${arch} ${name}`) };
}
