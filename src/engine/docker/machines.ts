import { hostname, release } from 'node:os';
import { BenchError } from '../../errors.js';
import type { EngineHost } from '../../model/container/engine-host.js';
import type { DaemonInfo } from './daemon.js';
import { ownValue } from '../../model/own-value.js';

/** `uname -m` for what Docker calls an architecture. */
const MACHINES: Readonly<Record<string, string>> = {
  amd64: 'x86_64',
  x86_64: 'x86_64',
  arm64: 'aarch64',
  aarch64: 'aarch64',
};

/** `amd64` -> `x86_64`; an unknown name is returned unchanged. */
export const machineNamed = (architecture: string): string => ownValue(MACHINES, architecture) ?? architecture;

/** The same for an engine, which needs programs built for it. Throws `environment` for an unknown name. */
export function machineOfEngine(architecture: string, address: string): string {
  const machine = ownValue(MACHINES, architecture);
  if (machine !== undefined) return machine;
  const known = [...new Set(Object.values(MACHINES))].join(' and ');
  throw new BenchError(
    'environment',
    `the engine at ${address} runs on ${architecture}, which bench does not support`,
    {
      hint: `bench has programs to run in containers for ${known}.`,
    },
  );
}

/**
 * The machine of a daemon, as it describes it; nothing where that is this machine. A socket of this machine may lead
 * to another one (a tunnel), and an address to this one, so the kernel release and the host name decide.
 */
export function hostOfEngine(machine: string, info: DaemonInfo, onSocket: boolean): EngineHost | undefined {
  const { KernelVersion: kernelRelease = null, OperatingSystem: os = null, NCPU: cpuCount = null, Name: name } = info;
  const isHere = (kernelRelease === null || kernelRelease === release()) && (onSocket || name === hostname());
  return isHere ? undefined : { machine, kernelRelease, os, cpuCount };
}
