import { DOCKER_CAPABILITIES } from '../profile/capabilities.js';
import type { Capability } from '../profile/capabilities.js';

/** What every engine gives its containers, or fewer. */
export const CONTAINER_CAPABILITIES: readonly Capability[] = DOCKER_CAPABILITIES;

/** Processes and threads of one container at a time: Podman's own default (containers.conf(5), pids_limit). */
export const PIDS_LIMIT = 2048;

/**
 * Bytes that one container may use: half of the machine's memory, in whole MiB. A program under test decides how much
 * it needs; the rest of the machine stays usable.
 */
export function memoryLimitOf(machineBytes: number): number {
  const mib = 1024 * 1024;
  return Math.max(1, Math.floor(machineBytes / 2 / mib)) * mib;
}

/** In a container: what Docker 20.10 and newer hide (moby, oci/defaults.go), as far as it is there. */
export const MASKED_PATHS: readonly string[] = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/firmware',
];

/** In a container: what Docker makes read-only (moby, oci/defaults.go). */
export const READONLY_PATHS: readonly string[] = [
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  '/proc/sys',
  '/proc/sysrq-trigger',
];

/** Where a program may write, as in most containers. */
export const SCRATCH = '/tmp';

/** What an engine limits a number of processes, or bytes of memory, by. */
export type ContainmentLimit =
  /** A cgroup: of each container, or of all containers of the run together. */
  | { readonly kind: 'cgroup'; readonly most: number; readonly of: 'container' | 'run' }
  /** setrlimit(2) in the container's own user namespace, so it counts that container alone. */
  | { readonly kind: 'rlimit'; readonly most: number; readonly of: 'container' }
  /** There is no limit; why, in words that follow "no pids limit: ". */
  | { readonly kind: 'none'; readonly reason: string };

/** What the containers of an engine are held by, whatever their filter. */
export interface Containment {
  /** Those that a container may have at most. */
  readonly capabilities: readonly Capability[];
  readonly noNewPrivileges: boolean;
  readonly readOnlyRoot: boolean;
  /** {@link MASKED_PATHS} and {@link READONLY_PATHS}; where a container has no /proc, they are not there. */
  readonly protectedPaths: boolean;
  /** `none`: only a loopback interface; `node`: that of the machine. */
  readonly network: 'none' | 'node';
  readonly pids: ContainmentLimit;
  /** In bytes. */
  readonly memory: ContainmentLimit;
}

/** All of it, with the limits that the engine can give. */
export const contained = (limits: Pick<Containment, 'pids' | 'memory'>): Containment => ({
  capabilities: CONTAINER_CAPABILITIES,
  noNewPrivileges: true,
  readOnlyRoot: true,
  protectedPaths: true,
  network: 'none',
  ...limits,
});

/** The limits of an engine that gives each container cgroups of its own; `unless`: why it cannot. */
export function limitsByCgroup(
  machineBytes: number,
  unless: { readonly pids?: string | undefined; readonly memory?: string | undefined } = {},
): Pick<Containment, 'pids' | 'memory'> {
  const limit = (most: number, reason: string | undefined): ContainmentLimit =>
    reason === undefined ? { kind: 'cgroup', most, of: 'container' } : { kind: 'none', reason };
  return { pids: limit(PIDS_LIMIT, unless.pids), memory: limit(memoryLimitOf(machineBytes), unless.memory) };
}

/** The number of a limit that a cgroup holds; absent where none does. */
export const cgroupLimit = (limit: ContainmentLimit): number | undefined =>
  limit.kind === 'cgroup' ? limit.most : undefined;
