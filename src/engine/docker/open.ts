import { BenchError } from '../../errors.js';
import type { Engine } from '../../model/container/container.js';
import { isRoot, type OpenOptions } from '../opening.js';
import type { Flavour } from './arm.js';
import { Daemon, RUN_LABEL } from './daemon.js';
import type { DaemonInfo } from './daemon.js';
import { findEndpoint } from './endpoint.js';
import type { DaemonEndpoint } from './endpoint.js';
import { DaemonEngine, removeRun } from './engine.js';
import { apiFailure, daemonError } from './failures.js';
import { machineNamed } from './machines.js';

const CLIENT_NOTE =
  'a daemon does the work, so CPU time of bench says nothing and is not taken: wall time is the metric';
const STAGES_NOTE = 'create holds the streams that watch the container, opened before it starts';

/** Docker or Podman at an endpoint. Throws `usage` or `environment`. */
export async function openDaemon(wanted: Flavour, options: OpenOptions): Promise<Engine> {
  const endpoint = options.endpoint ?? findEndpoint({ engine: wanted, env: options.parts.env });
  const daemon = await Daemon.at(endpoint);
  const { flavour, version, machine, info } = await describe(daemon);
  const runtime = runtimeOf(options.runtime, flavour, info);
  if (flavour === 'podman' && !endpoint.host.startsWith('unix://')) {
    throw new BenchError('environment', `Expected Podman on a socket of this machine, got ${endpoint.host}`, {
      hint: 'Its service takes a seccomp profile by path, on its own machine: run bench there.',
    });
  }
  const image =
    options.image === undefined
      ? await loadPayload(daemon, machine, options)
      : await givenImage(daemon, options.image, machine);
  const rootless = info.SecurityOptions?.some((option) => option.includes('name=rootless')) ?? !isRoot();
  return new DaemonEngine({
    facts: {
      name: runtime === null ? flavour : `${flavour} with ${runtime}`,
      version,
      path: null,
      rootless,
      notes: notes(flavour, endpoint, info, runtime, version),
    },
    flavour,
    machine,
    image,
    runtime,
    onSocket: endpoint.host.startsWith('unix://'),
    daemon,
    parts: options.parts,
    clock: options.clock,
  });
}

interface Described {
  readonly flavour: Flavour;
  readonly version: string;
  readonly machine: string;
  readonly info: DaemonInfo;
}

async function describe(daemon: Daemon): Promise<Described> {
  try {
    const version = await daemon.version();
    const info = await daemon.info();
    const parts =
      (version as { readonly Components?: readonly { readonly Name: string; readonly Version: string }[] })
        .Components ?? [];
    const flavour = parts.some(({ Name }) => Name === 'Podman Engine') ? 'podman' : 'docker';
    if (info.OSType !== undefined && info.OSType !== 'linux')
      throw new BenchError('environment', `Expected an engine of Linux containers, got one of ${info.OSType}`);
    const runtime = parts.find(({ Name }) => /^runc$|^OCI Runtime/.test(Name));
    const words = [
      `${flavour === 'podman' ? 'Podman' : 'Docker'} ${version.Version}`,
      ...(runtime === undefined
        ? []
        : [/^runc$/.test(runtime.Name) ? `runc ${runtime.Version}` : (runtime.Version.split('\n')[0] ?? '')]),
    ];
    return { flavour, version: words.join(', '), machine: machineNamed(version.Arch), info };
  } catch (error) {
    throw daemonError(error, 'say its version', daemon.endpoint);
  }
}

function runtimeOf(wanted: string | undefined, flavour: Flavour, { Runtimes = {} }: DaemonInfo): string | null {
  if (wanted === undefined) return null;
  if (flavour === 'podman') {
    throw new BenchError(
      'usage',
      `Expected no --runtime with Podman, got ${wanted}: its service ignores the runtime a container asks for`,
      { hint: `podman --runtime ${wanted} system service ... starts a service that uses it.` },
    );
  }
  // A name with dots is a shim's, which Docker finds by itself.
  if (Object.hasOwn(Runtimes, wanted) || wanted.startsWith('io.containerd.')) return wanted;
  throw new BenchError('environment', `Expected a runtime that the engine knows, got ${wanted}`, {
    hint: `It knows ${Object.keys(Runtimes).join(', ') || 'none'}: "runtimes" in its daemon.json adds one.`,
  });
}

async function loadPayload(daemon: Daemon, machine: string, { parts }: OpenOptions): Promise<string> {
  const tag = `seccomp-bench:${parts.runId}`;
  const archive = parts.imageArchive({ machine, tag, labels: { [RUN_LABEL]: parts.runId } });
  try {
    await daemon.load(archive);
    // Some answer with an error in their stream, some with none at all.
    await daemon.inspectImage(tag);
    return tag;
  } catch (error) {
    await removeRun(daemon, parts.runId).catch(() => undefined);
    throw daemonError(error, "load the payload's image", daemon.endpoint);
  }
}

async function givenImage(daemon: Daemon, image: string, machine: string): Promise<string> {
  try {
    const { Architecture } = await daemon.inspectImage(image);
    if (machineNamed(Architecture) === machine) return image;
    throw new BenchError('environment', `Expected an image for ${machine}, got ${image} for ${Architecture}`, {
      hint: "Without --image, bench loads its own for the engine's machine.",
    });
  } catch (error) {
    if (apiFailure(error).status !== 404) throw daemonError(error, `show the image ${image}`, daemon.endpoint);
    throw new BenchError('environment', `Expected the image ${image} in the engine, got none`, {
      hint: 'Images are never pulled; without --image, bench loads its own.',
      cause: error,
    });
  }
}

function notes(
  flavour: Flavour,
  endpoint: DaemonEndpoint,
  { KernelVersion, DefaultRuntime, Runtimes }: DaemonInfo,
  runtime: string | null,
  version: string,
): readonly string[] {
  return [
    `at ${endpoint.host} (${endpoint.source}), kernel ${KernelVersion ?? 'unknown'}, runtime ${runtime ?? DefaultRuntime ?? 'unknown'}`,
    CLIENT_NOTE,
    STAGES_NOTE,
    ...(endpoint.host.startsWith('ssh://')
      ? ['every request makes an ssh connection of its own, which is in every stage: bench on that machine sees more']
      : []),
    ...gvisorNotes(runtime ?? DefaultRuntime, Runtimes),
    ...(flavour === 'podman'
      ? [
          'Podman answers /wait only at intervals of its own (160 to 530 ms were seen): the end is the end of the output, then asked for every 2 ms',
          'Podman makes the container when its streams are opened, so that is in create',
          "what a container says is read from Podman's log where the streams lost it",
        ]
      : []),
    ...(`${version} ${runtime ?? ''}`.includes('crun')
      ? ['crun may keep compiled filters from one container to the next: then what building them costs is not seen']
      : []),
  ];
}

/** A daemon says of a runtime where its program is and what it is started with, unless that is hidden in a script. */
function gvisorNotes(name: string | undefined, runtimes: DaemonInfo['Runtimes'] = {}): readonly string[] {
  const { path = '', runtimeArgs = [] } = (runtimes[name ?? ''] ?? {}) as {
    readonly path?: string;
    readonly runtimeArgs?: readonly string[] | null;
  };
  if (!/runsc|gvisor/i.test(`${name ?? ''} ${path}`)) return [];
  const minded = runtimeArgs?.includes('--oci-seccomp') === true;
  return [
    minded
      ? `the runtime ${name ?? ''} is gVisor with --oci-seccomp: it minds the container's filter in its own kernel, where it cannot be seen from here`
      : `the runtime ${name ?? ''} is gVisor, which ignores the container's filter unless it is started with --oci-seccomp; the daemon does not say that it is: the seccomp mode seen inside decides`,
  ];
}
