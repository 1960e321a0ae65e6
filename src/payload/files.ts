import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { BenchError, needs } from '../errors.js';
import { packageRoot } from '../package.js';
import type { PayloadFiles } from '../model/container/payload-files.js';

/** Machines (`uname -m`) that the package has programs for. */
export const MACHINES = ['x86_64', 'aarch64'] as const;
export type Machine = (typeof MACHINES)[number];

/**
 * Absolute paths of the built C programs for a machine. Throws `environment` for a machine they are not built for, or
 * where one is missing.
 */
export function payloadFiles(machine: string): PayloadFiles {
  if (!isMachine(machine)) {
    throw needs('bench', `a machine of ${MACHINES.join(' or ')}, not ${machine}`, {
      hint: 'payload/build.sh builds the programs that run in containers, for these machines only.',
    });
  }
  const at = (name: string): string => existing(join(packageRoot(), 'payload/bin', machine, name));
  return {
    payload: at('payload'),
    caller: at('caller'),
    loader: at('loader'),
    gate: at('gate'),
    crowd: at('crowd'),
    attach: at('attach'),
    bpfBuild: at('bpf-build'),
    probe32: at('probe32'),
  };
}

/** Whether the package has programs for a machine, as `uname -m` names it. */
export function isMachine(name: string): name is Machine {
  return (MACHINES as readonly string[]).includes(name);
}

function existing(file: string): string {
  try {
    accessSync(file, constants.X_OK);
    return file;
  } catch (cause) {
    throw new BenchError('environment', `${file} is missing or not executable`, {
      hint: 'Install the package again; in a clone, payload/build.sh builds it.',
      cause,
    });
  }
}
