import { BenchError } from '../../errors.js';
import type { Flavour } from './arm.js';
import { Daemon, type DaemonInfo } from './daemon.js';
import type { DaemonEndpoint } from './endpoint.js';
import { daemonError } from './failures.js';
import { machineOfEngine } from './machines.js';

/** What a daemon tells about itself. */
export interface DescribedDaemon {
  readonly flavour: Flavour;
  /** With its runtime's, for example `Docker 20.10.24, runc 1.1.5`. */
  readonly version: string;
  /** `uname -m` of its machine. */
  readonly machine: string;
  readonly info: DaemonInfo;
}

/** Throws `environment` where the daemon does not answer, or runs no Linux containers on a machine bench supports. */
export async function describeDaemon(daemon: Daemon): Promise<DescribedDaemon> {
  try {
    const version = await daemon.version();
    const info = await daemon.info();
    if (info.OSType !== undefined && info.OSType !== 'linux')
      throw new BenchError(
        'environment',
        `the engine at ${daemon.endpoint.host} runs ${info.OSType} containers, not Linux ones`,
      );
    return { ...versionsIn(version), machine: machineOfEngine(version.Arch, daemon.endpoint.host), info };
  } catch (error) {
    throw daemonError(error, 'tell its version', daemon.endpoint);
  }
}

/** The version of the daemon at an address. Throws `environment` where none answers there. */
export async function daemonVersion(endpoint: DaemonEndpoint): Promise<string> {
  const daemon = await Daemon.at(endpoint);
  try {
    return versionsIn(await daemon.version()).version;
  } catch (error) {
    throw daemonError(error, 'tell its version', endpoint);
  }
}

function versionsIn(answer: { readonly Version: string }): Pick<DescribedDaemon, 'flavour' | 'version'> {
  const { Components: parts = [] } = answer as {
    readonly Components?: readonly { readonly Name: string; readonly Version: string }[];
  };
  const flavour = parts.some(({ Name }) => Name === 'Podman Engine') ? 'podman' : 'docker';
  const runtime = parts.find(({ Name }) => /^runc$|^OCI Runtime/.test(Name));
  const runtimeWords =
    runtime === undefined
      ? []
      : [runtime.Name === 'runc' ? `runc ${runtime.Version}` : (runtime.Version.split('\n')[0] ?? '')];
  return {
    flavour,
    version: [`${flavour === 'podman' ? 'Podman' : 'Docker'} ${answer.Version}`, ...runtimeWords].join(', '),
  };
}
