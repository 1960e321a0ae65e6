import { ok, warning } from '../../model/host/checkup.js';
import type { Finding } from '../../model/host/checkup.js';
import type { Host } from './host.js';
import { formatCount } from '../../model/numbers.js';

const JIT_LIMIT = { id: 'jitLimit', title: 'filter memory' };
const MIB = 1024 * 1024;
/** From here on the next batch of containers may be refused. */
const NEARLY_FULL = 0.8;
/** An area has a guard page more than was asked for; 4 KiB where pages are small. */
const GUARD_BYTES = 4096;

/**
 * How much memory the kernel has allocated for translated filters, and how much it may (net.core.bpf_jit_limit). A
 * kernel before 5.18 allocates each program apart, later ones in packs, of which the last ones may be nearly empty.
 */
export function checkJitLimit({ files }: Pick<Host, 'files'>): Finding {
  if (files.read('/proc/sys/net/core/bpf_jit_enable')?.trim() === '0')
    return ok(JIT_LIMIT, 'no limit: the kernel interprets filters (net.core.bpf_jit_enable is 0)');
  const limit = Number(files.read('/proc/sys/net/core/bpf_jit_limit') ?? Number.NaN);
  if (!(limit > 0)) return ok(JIT_LIMIT, 'not known: only root can read net.core.bpf_jit_limit');
  const allocated = allocatedBytes(files.read('/proc/vmallocinfo'));
  const most = `of ${mib(limit)} (net.core.bpf_jit_limit)`;
  if (allocated === null) return ok(JIT_LIMIT, `not known how much ${most} is allocated`);
  const found = `${mib(allocated)} ${most} allocated for translated filters`;
  return allocated < NEARLY_FULL * limit
    ? ok(JIT_LIMIT, found)
    : warning(
        JIT_LIMIT,
        `${found}: containers may be refused with errno 524`,
        `sysctl -w net.core.bpf_jit_limit=${2 * limit}`,
      );
}

/** `null` where the kernel does not show its areas. */
function allocatedBytes(text: string | null): number | null {
  if (text?.includes('\n') !== true) return null;
  return text
    .split('\n')
    .map((line) => /^\S+ +(\d+) bpf_(?:prog_pack_alloc|jit_alloc_exec|jit_binary_alloc)/.exec(line)?.[1])
    .reduce((sum, bytes) => (bytes === undefined ? sum : sum + Number(bytes) - GUARD_BYTES), 0);
}

const mib = (bytes: number): string => `${formatCount(Math.round(bytes / MIB))} MiB`;
