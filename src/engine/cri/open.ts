import { machine as unameMachine } from 'node:os';
import { unknownName } from '../../errors.js';
import { DEFAULT_POD_SECCOMP } from '../../model/container/pod.js';
import type { Engine } from '../../model/container/container.js';
import type { PodSeccomp } from '../../model/container/pod.js';
import { unknownBuilder } from '../../model/filter/builder.js';
import type { FilterBuilder } from '../../model/filter/builder.js';
import { findProgram } from '../../process/files/find.js';
import { builderOfRuntime, GVISOR_BUILDER } from '../filter-builder.js';
import { CHECK_RUNTIME } from '../failures.js';
import { containedByCgroups, hasOwnKernel } from '../opening.js';
import { controllerPlace } from '../../process/cgroup/cgroups.js';
import type { Containment } from '../../model/container/containment.js';
import type { OpenOptions } from '../opening.js';
import { CriClient } from './client.js';
import { CriEngine } from './engine.js';
import { openingError } from './failures.js';
import { readyImages } from './image.js';
import type { Ctr } from './image.js';
import { describeCri, isContainerd, ociRuntimeOf } from './runtime.js';
import type { CriRuntime, OciBeneath } from './runtime.js';
import { findCri } from './socket.js';
import type { CriEndpoint } from './socket.js';

/** Containers through the Container Runtime Interface of a runtime on this machine. Throws `usage`, `environment`. */
export async function openCri(options: OpenOptions): Promise<Engine> {
  const endpoint = options.cri ?? findCri(undefined, options.parts.env);
  const client = await CriClient.at(endpoint.address, options.signal);
  try {
    return await opened(client, endpoint, options);
  } catch (error) {
    client[Symbol.dispose]();
    throw openingError(error, 'make a pod', endpoint.address);
  }
}

async function opened(client: CriClient, endpoint: CriEndpoint, options: OpenOptions): Promise<Engine> {
  const { parts, runtime: handler, podSeccomp = DEFAULT_POD_SECCOMP, image: given } = options;
  const runtime = await describeCri(client).catch((error: unknown) => {
    throw openingError(error, 'tell its version', endpoint.address);
  });
  assertHandler(runtime, handler);
  const { address } = endpoint;
  const beneath = await ociRuntimeOf(runtime, handler, { address, env: parts.env });
  const hidden = whyHidden(runtime, handler);
  const { payload, notes } = await readyImages({
    client,
    runtime,
    parts,
    machine: unameMachine(),
    ...(given === undefined ? {} : { given }),
  });
  const ctr = ctrOf(runtime, address, parts.env);
  const containment = containmentOf(options);
  return new CriEngine({
    facts: {
      name: 'cri',
      version: versionOf(runtime, beneath),
      path: null,
      rootless: false,
      notes: [
        `at ${address} (${endpoint.source}), runtime handler ${handlerWords(runtime, handler)}`,
        ...notes,
        POD_NOTES[podSeccomp],
        'the runtime does the work, so there is no CPU time: wall time decides',
        'the end of a container is seen by asking for its status every 2 ms',
      ],
      containment,
    },
    containment,
    limits: beneath?.description.limits ?? {},
    builder: await builderOf(runtime, handler, { beneath, env: parts.env }),
    client,
    handler: handler ?? '',
    image: payload,
    ...(ctr === undefined ? {} : { ctr }),
    podSeccomp,
    ...(hidden === undefined ? {} : { hidden }),
    parts,
    clock: options.clock,
  });
}

/** What lets a container listen and sniff is not given where the network is the machine's. */
const OF_NETWORKS = new Set(['CAP_NET_BIND_SERVICE', 'CAP_NET_RAW']);

/** A pod without the node's network would need a CNI plugin; limits of processes need cgroup version 2. */
function containmentOf(options: Pick<OpenOptions, 'unlimited'>): Containment {
  const own = containedByCgroups(options);
  const pids: Containment['pids'] =
    own.pids.kind === 'cgroup' && controllerPlace('pids')?.version !== 2
      ? { kind: 'none', reason: 'CRI has no field for it with cgroup version 1' }
      : own.pids;
  const capabilities = own.capabilities.filter((name) => !OF_NETWORKS.has(name));
  return { ...own, pids, capabilities, network: 'node' };
}

const POD_NOTES: Readonly<Record<PodSeccomp, string>> = {
  'runtime-default':
    "the container that holds each pod has the runtime's default profile, as with a kubelet (--pod-seccomp arm: " +
    "the arm's)",
  arm: "the container that holds each pod has the arm's filter too (--pod-seccomp arm), so every filter is built twice",
  unconfined: 'the container that holds each pod has no filter (--pod-seccomp unconfined)',
};

function assertHandler({ handlers, name }: CriRuntime, wanted: string | undefined): void {
  if (wanted === undefined || handlers === undefined || handlers.includes(wanted)) return;
  throw unknownName(wanted, `a runtime handler of ${name}`, handlers, {
    hint: `It has ${handlers.join(', ')}. ${CHECK_RUNTIME}`,
  });
}

const handlerWords = ({ defaultHandler }: CriRuntime, handler: string | undefined): string =>
  handler ?? `${defaultHandler ?? 'as configured'}${defaultHandler === undefined ? '' : ' (the default)'}`;

/** `containerd 1.6.20, runc version 1.1.5` */
const versionOf = ({ name, version }: CriRuntime, beneath: OciBeneath | undefined): string =>
  [`${name} ${version}`, beneath?.description.version].filter((part) => part !== undefined).join(', ');

/** What makes the filters of containers, as far as the runtime beneath is known. */
async function builderOf(
  runtime: CriRuntime,
  handler: string | undefined,
  { beneath, env }: { readonly beneath: OciBeneath | undefined; readonly env: OpenOptions['parts']['env'] },
): Promise<FilterBuilder> {
  if (beneath !== undefined) return await builderOfRuntime(beneath.path, beneath.description, env);
  if (/runsc|gvisor/i.test(runtimeWords(runtime, handler))) return GVISOR_BUILDER;
  return unknownBuilder(`the runtime beneath ${runtime.name} ${runtime.version}`);
}

/** A container with its own kernel is not a process of this kernel. */
function whyHidden(runtime: CriRuntime, handler: string | undefined): string | undefined {
  return hasOwnKernel(runtimeWords(runtime, handler))
    ? `containers of ${handlerOf(runtime, handler)} have a kernel of their own, which hides their processes and filters`
    : undefined;
}

const handlerOf = ({ defaultHandler }: CriRuntime, handler: string | undefined): string =>
  handler ?? defaultHandler ?? '';

/** The handler with all that its configuration tells. */
function runtimeWords(runtime: CriRuntime, handler: string | undefined): string {
  const name = handlerOf(runtime, handler);
  const { runtimeType = '', program = '' } = runtime.runtimes[name] ?? {};
  return `${name} ${runtimeType} ${program}`;
}

function ctrOf(runtime: CriRuntime, address: string, env: OpenOptions['parts']['env']): Ctr | undefined {
  const program = isContainerd(runtime) ? findProgram('ctr', env['PATH']) : undefined;
  return program === undefined ? undefined : { program, address };
}

/** What a run leaves behind is removed by `ctr` too, where that is installed. */
export const ctrIn = (env: OpenOptions['parts']['env']): string => findProgram('ctr', env['PATH']) ?? '';
