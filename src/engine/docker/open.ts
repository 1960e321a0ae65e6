import { totalmem } from 'node:os';
import { contained, limitsByCgroup } from '../../model/container/containment.js';
import type { Containment } from '../../model/container/containment.js';
import { BenchError, conflict, notFound } from '../../errors.js';
import type { Engine, RuntimeFacts } from '../../model/container/container.js';
import { isRoot } from '../environment.js';
import { GVISOR_NO_32_BIT, hasOwnKernel } from '../opening.js';
import type { OpenOptions } from '../opening.js';
import type { Flavour } from './arm.js';
import { Daemon, RUN_LABEL } from './daemon.js';
import type { DaemonInfo } from './daemon.js';
import { findEndpoint } from './endpoint.js';
import type { DaemonEndpoint } from './endpoint.js';
import { DaemonEngine, removeRun } from './engine.js';
import { runtimeWords } from '../beneath.js';
import { describeDaemon, runtimeOfDaemon } from './describe.js';
import { apiFailure, daemonError } from './failures.js';
import { hostOfEngine, machineNamed } from './machines.js';

const CLIENT_NOTE = 'a daemon does the work, so only servers have CPU time: of the rest wall time decides';
const STAGES_NOTE = 'create includes opening the streams that watch the container';

/** Docker or Podman at an endpoint. Throws `usage` or `environment`. */
export async function openDaemon(wanted: Flavour, options: OpenOptions): Promise<Engine> {
  const endpoint = options.endpoint ?? findEndpoint({ engine: wanted, env: options.parts.env });
  const daemon = await Daemon.at(endpoint, options.signal);
  const described = await describeDaemon(daemon);
  const { flavour, machine, info } = described;
  const runtime = runtimeOf(options.runtime, flavour, info);
  if (flavour === 'podman' && !endpoint.host.startsWith('unix://')) {
    throw new BenchError('environment', `--engine podman requires a socket of this machine, not ${endpoint.host}`, {
      hint: 'Podman reads the seccomp profile from a path on its machine. Run bench there.',
    });
  }
  const onSocket = endpoint.host.startsWith('unix://');
  const host = hostOfEngine(machine, info, onSocket);
  const { facts: beneath, builder, limits } = await runtimeOfDaemon(daemon, described, runtime, options.parts.env);
  const version = `${described.version}, ${runtimeWords(beneath)}`;
  const name = runtime === null ? flavour : `${flavour} with ${runtime}`;
  await options.check?.({
    facts: { name, version },
    limits,
    builder,
    machine,
    ...(host === undefined ? {} : { host }),
    ...(runsOwnKernel(runtime ?? info.DefaultRuntime, info) ? { ownKernel: true } : {}),
  });
  const image =
    options.image === undefined
      ? await loadPayload(daemon, machine, options)
      : await givenImage(daemon, options.image, machine);
  const rootless = info.SecurityOptions?.some((option) => option.includes('name=rootless')) ?? !isRoot();
  const containment = containmentOf(info, options);
  return new DaemonEngine({
    ...(host === undefined ? {} : { host }),
    facts: {
      name,
      version,
      runtime: beneath,
      path: null,
      rootless,
      notes: notes(flavour, endpoint, info, runtime, version),
      containment,
    },
    containment,
    flavour,
    limits,
    builder,
    machine,
    image,
    runtime,
    onSocket,
    ...(isGvisor(runtime ?? info.DefaultRuntime, info.Runtimes, beneath) ? { no32Bit: GVISOR_NO_32_BIT } : {}),
    daemon,
    parts: options.parts,
    clock: options.clock,
  });
}

/** Docker creates a container without a limit that its machine has no controller for, and warns of it. */
function containmentOf(
  { MemTotal, MemoryLimit, PidsLimit }: DaemonInfo,
  { unlimited }: Pick<OpenOptions, 'unlimited'>,
): Containment {
  const reasonOf = (isThere: boolean | undefined): string | undefined =>
    unlimited ?? (isThere === false ? 'the engine cannot set it on its machine' : undefined);
  return contained(
    limitsByCgroup(MemTotal ?? totalmem(), { pids: reasonOf(PidsLimit), memory: reasonOf(MemoryLimit) }),
  );
}

function runtimeOf(wanted: string | undefined, flavour: Flavour, { Runtimes = {} }: DaemonInfo): string | null {
  if (wanted === undefined) return null;
  if (flavour === 'podman') {
    throw conflict(`--runtime ${wanted}`, '--engine podman, whose service ignores it', {
      hint: `podman --runtime ${wanted} system service ... starts a service that uses it.`,
    });
  }
  // A name with dots is a shim's, which Docker finds by itself.
  if (Object.hasOwn(Runtimes, wanted) || wanted.startsWith('io.containerd.')) return wanted;
  throw new BenchError('environment', `the engine has no runtime named ${wanted}`, {
    hint: `It has ${Object.keys(Runtimes).join(', ') || 'none'}: "runtimes" in its daemon.json adds one.`,
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
    throw new BenchError('environment', `the image ${image} is for ${Architecture}, the engine runs on ${machine}`, {
      hint: 'Without --image, bench loads a matching image.',
    });
  } catch (error) {
    const { status, words } = apiFailure(error);
    if (status === 400)
      throw new BenchError('input', `${daemon.endpoint.host} does not take the image name ${image}: ${words}`, {
        hint: 'A name is in lower case, NAME[:TAG] or NAME@DIGEST; an id works too.',
        cause: error,
      });
    if (status !== 404) throw daemonError(error, `show the image ${image}`, daemon.endpoint);
    throw notFound(`image ${image}`, `the engine at ${daemon.endpoint.host}`, {
      hint: 'bench never pulls images; without --image it loads one.',
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
    `at ${endpoint.host} (${endpoint.source}), kernel ${KernelVersion ?? 'unknown'}, ` +
      `runtime ${runtime ?? DefaultRuntime ?? 'unknown'}`,
    CLIENT_NOTE,
    STAGES_NOTE,
    ...(endpoint.host.startsWith('ssh://')
      ? ['every request opens an ssh connection, which is part of every stage: run bench on that machine to see more']
      : []),
    ...gvisorNotes(runtime ?? DefaultRuntime, Runtimes),
    ...(flavour === 'podman'
      ? [
          'Podman answers /wait late (160 to 530 ms): the end of the output counts, then bench asks every 2 ms',
          'Podman creates the container when its streams are opened, so that is part of create',
          "output that the streams lost is read from Podman's log",
        ]
      : []),
    ...(`${version} ${runtime ?? ''}`.includes('crun')
      ? ['crun may reuse compiled filters of earlier containers, which hides the cost of building them']
      : []),
  ];
}

/** By its name and by the path that the daemon tells of it. */
const runsOwnKernel = (name = '', { Runtimes = {} }: DaemonInfo): boolean =>
  hasOwnKernel(`${name} ${Runtimes[name]?.path ?? ''}`);

function isGvisor(name = '', runtimes: DaemonInfo['Runtimes'] = {}, beneath?: RuntimeFacts): boolean {
  return beneath?.name === 'runsc' || /runsc|gvisor/i.test(`${name} ${runtimes[name]?.path ?? ''}`);
}

/** A daemon tells the path of a runtime and its arguments, unless a script hides them. */
function gvisorNotes(name: string | undefined, runtimes: DaemonInfo['Runtimes'] = {}): readonly string[] {
  if (!isGvisor(name, runtimes)) return [];
  const { runtimeArgs = [] } = runtimes[name ?? ''] ?? {};
  const applies = runtimeArgs?.includes('--oci-seccomp') === true;
  return [
    applies
      ? `the runtime ${name ?? ''} is gVisor with --oci-seccomp: ` +
        'its own kernel applies the filter, which cannot be read from here'
      : `the runtime ${name ?? ''} is gVisor, which ignores the filter without --oci-seccomp, ` +
        'and the daemon does not show that option: the seccomp mode seen inside decides',
  ];
}
