import { BenchError } from '../../errors.js';
import type { Flavour } from './arm.js';
import { Daemon, type DaemonInfo } from './daemon.js';
import type { DaemonEndpoint } from './endpoint.js';
import { daemonError } from './failures.js';
import { machineOfEngine } from './machines.js';

/** What a daemon tells about itself. */
export interface DescribedDaemon {
  readonly flavour: Flavour;
  /** `Docker 20.10.24`. */
  readonly version: string;
  /** Of its runtime, where it tells: `runc 1.1.5`, `crun version 1.8.1`; of Docker only runc's. */
  readonly runtime: string | null;
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
    const { version, runtime } = versionsIn(await daemon.version());
    return withRuntime(version, runtime);
  } catch (error) {
    throw daemonError(error, 'tell its version', endpoint);
  }
}

/** `Docker 20.10.24, runc 1.1.5`. */
export const withRuntime = (version: string, runtime: string | null): string =>
  [version, ...(runtime === null ? [] : [runtime])].join(', ');

function versionsIn(answer: { readonly Version: string }): Pick<DescribedDaemon, 'flavour' | 'version' | 'runtime'> {
  const { Components: parts = [] } = answer as {
    readonly Components?: readonly { readonly Name: string; readonly Version: string }[];
  };
  const flavour = parts.some(({ Name }) => Name === 'Podman Engine') ? 'podman' : 'docker';
  const runtime = parts.find(({ Name }) => /^runc$|^OCI Runtime/.test(Name));
  return {
    flavour,
    version: `${flavour === 'podman' ? 'Podman' : 'Docker'} ${answer.Version}`,
    runtime: runtime === undefined ? null : runtimeWords(runtime.Name, runtime.Version),
  };
}

const runtimeWords = (name: string, version: string): string =>
  name === 'runc' ? `runc ${version}` : (version.split('\n')[0] ?? '');
