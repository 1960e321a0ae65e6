import { BenchError } from '../../errors.js';
import { describeBeneath, runtimeWords } from '../beneath.js';
import type { RuntimeDescribed } from '../beneath.js';
import type { DaemonVersion } from './connection/api-version.js';
import type { Flavour } from './arm.js';
import { Daemon, type DaemonInfo } from './daemon.js';
import type { DaemonEndpoint } from './endpoint.js';
import { daemonError } from './failures.js';
import { machineOfEngine } from './machines.js';

/** What a daemon tells about itself. */
export interface DescribedDaemon {
  readonly flavour: Flavour;
  /** `Docker 20.10.24` */
  readonly version: string;
  /** `uname -m` of its machine. */
  readonly machine: string;
  readonly info: DaemonInfo;
}

/** Throws `environment` where the daemon does not answer, or runs no Linux containers on a machine bench supports. */
export async function describeDaemon(daemon: Daemon): Promise<DescribedDaemon> {
  const { told, endpoint } = daemon;
  try {
    const info = await daemon.info();
    if (info.OSType !== undefined && info.OSType !== 'linux')
      throw new BenchError(
        'environment',
        `the engine at ${endpoint.host} runs ${info.OSType} containers, not Linux ones`,
      );
    return {
      flavour: flavourOf(told),
      version: versionOf(told),
      machine: machineOfEngine(told.Arch, endpoint.host),
      info,
    };
  } catch (error) {
    throw daemonError(error, 'describe itself', endpoint);
  }
}

/** The runtime with which the daemon starts the run's containers; `chosen`: its name, where it is not the default. */
export async function runtimeOfDaemon(
  { told, endpoint }: Daemon,
  { info, flavour }: Pick<DescribedDaemon, 'info' | 'flavour'>,
  chosen: string | null,
  env: Readonly<Record<string, string | undefined>>,
): Promise<RuntimeDescribed> {
  const name = chosen ?? info.DefaultRuntime ?? 'unknown';
  const { path = null, status } = info.Runtimes?.[name] ?? {};
  return await describeBeneath({
    name: name.slice(name.lastIndexOf('/') + 1),
    // Podman lists places where a runtime may be, and its default may be a path.
    program: flavour === 'podman' ? name : path,
    version: toldVersion(told, name),
    features: status?.['org.opencontainers.runtime-spec.features'] ?? null,
    socket: endpoint.host.startsWith('unix://') ? endpoint.host.slice('unix://'.length) : null,
    env,
  });
}

/**
 * What the daemon tells of a runtime's version: Docker the number of its default one, Podman all that the runtime
 * prints.
 */
function toldVersion({ Components = [] }: DaemonVersion, name: string): string | null {
  const found = Components.find((part) => part.Name === name || part.Name === `OCI Runtime (${name})`);
  if (found === undefined) return null;
  return found.Name === name ? `${name} version ${found.Version}` : found.Version;
}

/** The versions of the daemon at an address and its default runtime. Throws `environment` where none answers there. */
export async function daemonVersion(
  endpoint: DaemonEndpoint,
  env: Readonly<Record<string, string | undefined>>,
  user?: AbortSignal,
): Promise<string> {
  const daemon = await Daemon.at(endpoint, user);
  const described = await describeDaemon(daemon);
  const { facts: runtime } = await runtimeOfDaemon(daemon, described, null, env);
  return `${described.version}, ${runtimeWords(runtime)}`;
}

const flavourOf = ({ Components = [] }: DaemonVersion): Flavour =>
  Components.some(({ Name }) => Name === 'Podman Engine') ? 'podman' : 'docker';

const versionOf = (told: DaemonVersion): string =>
  `${flavourOf(told) === 'podman' ? 'Podman' : 'Docker'} ${told.Version}`;
