import { createHash } from 'node:crypto';
import type { HistoryHost } from '../model/results/history.js';
import type { HostFingerprint } from '../model/results/result.js';
import { emulationOfHost } from '../model/run/emulation.js';

/** Enough that two machines never share one by chance. */
const DIGITS = 12;

/** What of a host decides whether its ratios can be compared with another's; `machine` is where the containers ran. */
export const historyHost = (host: HostFingerprint, machine: string): HistoryHost => ({
  machine,
  cpuModel: host.cpuModel,
  cpuCount: host.cpuCount,
  kernel: host.kernel,
  governor: host.governor,
  cgroup: host.cgroup,
  virtualization: host.virtualization,
  emulation: emulationOfHost(host)?.kind ?? null,
  mitigations: host.mitigations,
});

/**
 * A short name for machines that are alike: the first digits of a SHA-256 of processor, kernel series, mitigations and
 * so on. The host name is no part of it, because a runner of CI has another one every time, nor are the last numbers of
 * the kernel's version: a change point tells them.
 */
export function fingerprintOf({ kernel, mitigations, ...facts }: HistoryHost): string {
  const [series = kernel] = /^\d+\.\d+/.exec(kernel) ?? [];
  const parts = [
    facts.machine,
    facts.cpuModel,
    facts.cpuCount,
    series,
    facts.governor,
    facts.cgroup,
    facts.virtualization,
    facts.emulation,
    ...Object.entries(mitigations).sort(([a], [b]) => (a < b ? -1 : 1)),
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, DIGITS);
}
