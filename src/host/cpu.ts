import type { HostFiles } from './host-files.js';
import { ownValue } from '../model/own-value.js';

/** Makers and cores by the numbers in the identification register of arm64 (MIDR_EL1), which /proc/cpuinfo shows. */
const ARM_CORES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '0x41': {
    '0xd03': 'Arm Cortex-A53',
    '0xd07': 'Arm Cortex-A57',
    '0xd08': 'Arm Cortex-A72',
    '0xd0b': 'Arm Cortex-A76',
    '0xd0c': 'Arm Neoverse-N1',
    '0xd40': 'Arm Neoverse-V1',
    '0xd49': 'Arm Neoverse-N2',
    '0xd4f': 'Arm Neoverse-V2',
  },
  '0x48': { '0xd01': 'HiSilicon TaiShan v110' },
  '0xc0': { '0xac3': 'Ampere-1' },
};

/** The first processor's name. On arm64 the kernel knows only numbers: then the core they stand for, or the numbers. */
export function cpuModel(files: HostFiles): string {
  const facts = firstProcessor(files);
  const named = facts.get('model name') ?? facts.get('cpu model') ?? facts.get('cpu');
  if (named !== undefined) return named;
  const maker = facts.get('CPU implementer');
  const part = facts.get('CPU part');
  if (maker === undefined || part === undefined) return facts.get('uarch') ?? 'unknown';
  return ownValue(ARM_CORES, maker)?.[part] ?? `implementer ${maker} part ${part}`;
}

/** Whether the processor reports a hypervisor (x86 only). */
export function hasHypervisorFlag(files: HostFiles): boolean {
  return (firstProcessor(files).get('flags') ?? '').split(' ').includes('hypervisor');
}

/** `key : value` lines of /proc/cpuinfo, the first of each key. */
export function firstProcessor(files: HostFiles): ReadonlyMap<string, string> {
  const pairs = (files.read('/proc/cpuinfo') ?? '')
    .split('\n')
    .map((line) => line.split(/\s*:\s*/))
    .filter((parts) => (parts[1] ?? '') !== '')
    .map(([key = '', ...value]) => [key, value.join(': ')] as const);
  return new Map(pairs.reverse());
}

/**
 * The frequency governor of all processors, several joined by `+`; `null` where there is none (most virtual machines).
 */
export function governorOf(files: HostFiles): string | null {
  const folder = '/sys/devices/system/cpu';
  const governors = files
    .list(folder)
    .filter((name) => /^cpu\d+$/.test(name))
    .map((name) => files.read(`${folder}/${name}/cpufreq/scaling_governor`))
    .filter((governor) => governor !== null);
  return governors.length === 0 ? null : [...new Set(governors)].sort().join('+');
}

/** The kernel's mitigation of each processor flaw, by the flaw's name; several change the cost of a system call. */
export function mitigationsOf(files: HostFiles): Readonly<Record<string, string>> {
  const folder = '/sys/devices/system/cpu/vulnerabilities';
  return Object.fromEntries(
    files.list(folder).flatMap((name) => {
      const state = files.read(`${folder}/${name}`);
      return state === null ? [] : [[name, state]];
    }),
  );
}

/**
 * Ticks of all processors since boot, from the line `cpu` of /proc/stat: user, nice, system, idle, iowait, irq,
 * softirq, steal. User and nice times include those of guests. `null`: there is no such line.
 */
export function processorTimes(files: HostFiles): readonly number[] | null {
  const line = /^cpu +([\d ]+)$/m.exec(files.read('/proc/stat') ?? '')?.[1];
  return line === undefined ? null : line.split(' ').slice(0, 8).map(Number);
}

/** Share of processor time since boot that the hypervisor gave to other guests, 0 to 1. */
export function stealShareOf(files: HostFiles): number | null {
  const times = processorTimes(files) ?? [];
  const total = times.reduce((sum, time) => sum + time, 0);
  const steal = times[7];
  return steal === undefined || total === 0 ? null : steal / total;
}
