import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cpuTicksOf } from '../processes.js';
import { placesOf } from './cgroups.js';

/** CPU time of processes until now, in nanoseconds. */
export interface CpuUse {
  readonly totalNs: number;
  /** Its parts, which some cgroups know less exactly than the sum. */
  readonly userNs: number;
  readonly systemNs: number;
}

/** Reads the CPU time of what runs in a container, as often as wanted. */
export interface CpuMeter {
  /** `processes`: each to 10 ms, and what children of theirs that have ended used. */
  readonly from: 'cgroup' | 'processes';
  readonly read: () => CpuUse;
}

/** USER_HZ of sysconf(_SC_CLK_TCK), the same on every architecture that bench runs on. */
const NS_PER_TICK = 1e7;

/**
 * By the cgroup of a container's process, where the container has one of its own; else by its processes. `pids` is
 * asked anew at every reading. `null`: there is no process.
 */
export function cpuMeterOf(pids: () => readonly number[]): CpuMeter | null {
  const [first] = pids();
  if (first === undefined) return null;
  const read = cgroupReader(first);
  return read === null ? { from: 'processes', read: () => ofProcesses(pids()) } : { from: 'cgroup', read };
}

function cgroupReader(pid: number): (() => CpuUse) | null {
  const own = new Set(placesOf('self').map(({ folder }) => folder));
  for (const { folder, keys } of placesOf(pid)) {
    if (own.has(folder)) continue;
    const stat = join(folder, 'cpu.stat');
    if (keys.includes('') && existsSync(stat)) return () => version2(stat);
    if (keys.includes('cpuacct') && existsSync(join(folder, 'cpuacct.usage_user'))) return () => version1(folder);
  }
  return null;
}

function version2(file: string): CpuUse {
  const text = readFileSync(file, 'utf8');
  const of = (name: string): number => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0) * 1e3;
  return { totalNs: of('usage_usec'), userNs: of('user_usec'), systemNs: of('system_usec') };
}

/** The sum is counted, its parts are sampled at every tick. */
function version1(folder: string): CpuUse {
  const of = (name: string): number => Number(readFileSync(join(folder, `cpuacct.${name}`), 'utf8'));
  return { totalNs: of('usage'), userNs: of('usage_user'), systemNs: of('usage_sys') };
}

function ofProcesses(pids: readonly number[]): CpuUse {
  const all = pids.flatMap((pid) => cpuTicksOf(pid) ?? []);
  const sum = (of: (ticks: (typeof all)[number]) => number): number =>
    all.reduce((total, ticks) => total + of(ticks), 0) * NS_PER_TICK;
  const [userNs, systemNs] = [sum(({ user }) => user), sum(({ system }) => system)];
  return { totalNs: userNs + systemNs, userNs, systemNs };
}
