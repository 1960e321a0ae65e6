import type { JitSamples } from '../../model/filter/attaching.js';
import { kernelChains } from '../../tracing/index.js';

/** Loads of one filter, to be sampled. */
export interface SampleOrder {
  readonly file: string;
  /** What a load takes without the walk, in nanoseconds: so many loads are made that they give enough samples. */
  readonly loadNs: number;
  /** Of the loads together, without the walk. */
  readonly samples: number;
}

export interface SampleTools {
  readonly perf: string | undefined;
  /** payload/crowd.c: each of its tasks loads the filter and then sleeps. */
  readonly crowd: string;
  readonly folder: string;
  readonly signal: AbortSignal;
}

const INTERVAL_NS = 40_000;
const TASKS = { least: 20, most: 2000 } as const;

/** Where the kernel is while it loads a filter. Throws `environment` where perf may not sample it. */
export async function sampleLoads(
  { file, loadNs, samples }: SampleOrder,
  { perf, crowd, folder, signal }: SampleTools,
): Promise<JitSamples> {
  const wanted = Math.ceil((samples * INTERVAL_NS) / Math.max(1, loadNs));
  const loads = Math.min(TASKS.most, Math.max(TASKS.least, wanted));
  const command = [crowd, file, '1', String(loads), '-'];
  return { loads, ...samplesIn(await kernelChains({ perf, command, intervalNs: INTERVAL_NS, folder, signal })) };
}

const JIT = 'bpf_int_jit_compile';
const LOADING = /^(?:do_seccomp|seccomp_set_mode_filter|__(?:do|se|x64|arm64)_sys_seccomp)$/;
const UNDER_LOCK = /^(?:_raw_spin_unlock|seccomp_attach_filter|seccomp_cache_prepare)/;

/**
 * Counts the samples of seccomp(2), and those in the JIT among them. The kernel walks with interrupts off, so that all
 * of a walk is one sample, where they are on again: those count as neither.
 */
export function samplesIn(chains: readonly (readonly string[])[]): Pick<JitSamples, 'inLoad' | 'inJit'> {
  const own = chains.filter((chain) => chain.some((name) => LOADING.test(name)) && !isUnderLock(chain));
  return { inLoad: own.length, inJit: own.filter((chain) => chain.includes(JIT)).length };
}

function isUnderLock(chain: readonly string[]): boolean {
  const [leaf = '', caller = ''] = chain;
  if (LOADING.test(leaf)) return true;
  return (
    chain.some((name) => name.startsWith('seccomp_cache_prepare')) || (UNDER_LOCK.test(leaf) && LOADING.test(caller))
  );
}
