import { relative } from 'node:path';
import { matching } from '../engine/docker/swarm-constraints.js';
import type { Swarm, SwarmNode } from '../engine/docker/swarm.js';
import { BenchError } from '../errors.js';
import type { Io } from '../model/io.js';
import type { NodeReport } from '../model/host/fleet.js';
import { MACHINES } from '../payload/index.js';
import { say } from '../cli/output/announce.js';
import type { FleetFolder } from './folder.js';
import { packageVersion } from '../package.js';

/** Nodes of one architecture and the image for them. */
export interface FleetGroup {
  /** The architecture as Swarm's constraints have it. */
  readonly arch: string;
  readonly imageId: string;
  readonly imageName: string;
  readonly nodes: readonly SwarmNode[];
}

export interface FleetPlan {
  readonly groups: readonly FleetGroup[];
  /** Nodes that are wanted and cannot be asked. */
  readonly notStarted: readonly NodeReport[];
  /** Nodes that their owner took out of service. */
  readonly resting: readonly SwarmNode[];
}

interface Image {
  readonly name: string;
  readonly id: string;
  readonly machine: string;
}

/** Which nodes get the job, and with which image. Throws `usage` and `environment` where there is none to run it. */
export async function planFleet(
  swarm: Swarm,
  options: { readonly image?: readonly string[]; readonly constraint?: readonly string[] },
): Promise<FleetPlan> {
  const isWanted = matching(options.constraint ?? []);
  const images = await imagesOf(swarm, options.image);
  const all = await swarm.nodes();
  const wanted = all.filter(isWanted);
  if (wanted.length === 0)
    throw new BenchError('environment', `Expected nodes that fit --constraint, got none of ${all.length}`, {
      hint: 'docker node ls and docker node inspect NODE show what they are.',
    });
  const resting = wanted.filter(({ availability }) => availability !== 'active');
  const active = wanted.filter(({ availability }) => availability === 'active');
  const ready = active.filter(({ state }) => state === 'ready');
  if (ready.length === 0) {
    throw new BenchError(
      'environment',
      `Expected nodes that are ready, got ${wanted.map(({ name, state, availability }) => `${name} (${availability === 'active' ? state : availability})`).join(', ')}`,
      { hint: 'docker node ls shows them; docker node update --availability active NODE puts one back into service.' },
    );
  }
  const down = active
    .filter(({ state }) => state !== 'ready')
    .map((node): NodeReport => ({
      node: plain(node),
      outcome: {
        state: 'notStarted',
        reason: `the node is ${node.state}${node.words === '' ? '' : `: ${node.words}`}`,
        results: [],
      },
    }));
  const groups = [...new Set(ready.map(({ arch }) => arch))].map((arch) => ({
    arch,
    nodes: ready.filter((node) => node.arch === arch),
    image: images.find(({ machine }) => machine === machineOf(ready, arch)),
  }));
  const without = groups
    .flatMap(({ nodes, image }) => (image === undefined ? nodes : []))
    .map((node): NodeReport => ({
      node: plain(node),
      outcome: {
        state: 'notStarted',
        reason: `there is no image for ${node.machine}: ${imageHint(node.machine)}`,
        results: [],
      },
    }));
  const complete = groups.flatMap(({ arch, nodes, image }) =>
    image === undefined ? [] : [{ arch, nodes, imageId: image.id, imageName: image.name }],
  );
  if (complete.length === 0)
    throw new BenchError(
      'environment',
      `Expected an image for ${ready.map(({ machine }) => machine).join(', ')}, got ${images.map(({ name, machine }) => `${name} for ${machine}`).join(', ')}`,
      { hint: imageHint(ready[0]?.machine ?? '') },
    );
  return { groups: complete, notStarted: [...down, ...without], resting };
}

/** Without what only Swarm needs. */
export const plain = ({ id, name, machine }: SwarmNode): NodeReport['node'] => ({ id, name, machine });

const machineOf = (nodes: readonly SwarmNode[], arch: string): string =>
  nodes.find((node) => node.arch === arch)?.machine ?? arch;

const imageHint = (machine: string): string =>
  `node scripts/make-image.mjs --arch ${machine} makes it, and docker load puts it on the manager and on each node.`;

async function imagesOf(swarm: Swarm, named: readonly string[] | undefined): Promise<readonly Image[]> {
  const names = named ?? MACHINES.map((machine) => `seccomp-bench:${packageVersion()}-${machine}`);
  const found = await Promise.all(names.map(async (name) => ({ name, image: await swarm.image(name) })));
  const absent = found.find(({ image }) => image === undefined);
  if (absent !== undefined && (named !== undefined || found.every(({ image }) => image === undefined))) {
    throw new BenchError(
      'environment',
      `Expected the image ${named === undefined ? names.join(' or ') : absent.name} on the manager at ${swarm.endpoint.host}, got none`,
      { hint: 'node scripts/make-image.mjs makes it, without a registry; --image names another.' },
    );
  }
  return found.flatMap(({ name, image }) => (image === undefined ? [] : [{ name, ...image }]));
}

/** Says which nodes will work, and where what they send is kept. */
export function announceFleet(
  { groups, notStarted, resting }: FleetPlan,
  folder: FleetFolder,
  command: readonly string[],
  io: Io,
): void {
  say(
    io,
    '',
    `fleet: bench ${command.join(' ')} once on each of ${groups.reduce((sum, { nodes }) => sum + nodes.length, 0)} nodes, on the node's own engine`,
  );
  for (const { nodes, imageName } of groups)
    say(io, '  ', `${nodes[0]?.machine ?? ''}: ${nodes.map(({ name }) => name).join(', ')}, image ${imageName}`);
  for (const { node, outcome } of notStarted)
    say(io, '  ', `${node.name}: not started: ${outcome.state === 'notStarted' ? outcome.reason : ''}`);
  for (const { name, availability } of resting)
    say(io, '  ', `${name}: left alone, as its availability is ${availability}`);
  say(io, '', `results in ${relative(io.cwd, folder.path)}`);
}
