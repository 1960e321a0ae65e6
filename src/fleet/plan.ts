import { matching, type Swarm, type SwarmNode } from '../engine/index.js';
import { BenchError, notFound } from '../errors.js';
import type { NodeReport } from '../model/host/fleet.js';
import { MACHINES } from '../payload/index.js';
import type { SwarmRequest } from '../model/host/fleet-request.js';
import { packageVersion } from '../host/index.js';
import { plain } from './follow.js';

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
  /** Nodes that are wanted and cannot run the job. */
  readonly notStarted: readonly NodeReport[];
  /** Nodes that their owner took out of service. */
  readonly resting: readonly SwarmNode[];
}

interface Image {
  readonly name: string;
  readonly id: string;
  readonly machine: string;
}

/**
 * Decides which nodes get the job, and with which image. Throws `usage` for a constraint, `environment` where no node
 * can run the job.
 */
export async function planFleet(
  swarm: Swarm,
  { images: named, constraints }: Pick<SwarmRequest, 'images' | 'constraints'>,
): Promise<FleetPlan> {
  const isWanted = matching(constraints);
  const images = await imagesOf(swarm, named);
  const all = await swarm.nodes();
  const wanted = all.filter(isWanted);
  if (wanted.length === 0)
    throw new BenchError('environment', `--constraint excludes all ${all.length} nodes`, {
      hint: 'Use docker node ls and docker node inspect NODE to see the nodes.',
    });
  const active = wanted.filter(({ availability }) => availability === 'active');
  const ready = active.filter(({ state }) => state === 'ready');
  if (ready.length === 0) throw noneReady(wanted);
  const { groups, without } = grouped(ready, images);
  if (groups.length === 0) throw noImageFits(ready, images);
  return {
    groups,
    notStarted: [...active.filter(({ state }) => state !== 'ready').map(notReady), ...without.map(noImage)],
    resting: wanted.filter(({ availability }) => availability !== 'active'),
  };
}

/** Nodes by architecture, those with an image and those without. */
function grouped(
  ready: readonly SwarmNode[],
  images: readonly Image[],
): { readonly groups: readonly FleetGroup[]; readonly without: readonly SwarmNode[] } {
  const groups: FleetGroup[] = [];
  const without: SwarmNode[] = [];
  for (const arch of new Set(ready.map((node) => node.arch))) {
    const nodes = ready.filter((node) => node.arch === arch);
    const image = images.find(({ machine }) => machine === nodes[0]?.machine);
    if (image === undefined) without.push(...nodes);
    else groups.push({ arch, nodes, imageId: image.id, imageName: image.name });
  }
  return { groups, without };
}

const notStarted = (node: SwarmNode, reason: string): NodeReport => ({
  node: plain(node),
  outcome: { state: 'notStarted', reason, results: [] },
});

const notReady = (node: SwarmNode): NodeReport =>
  notStarted(node, `the node is ${node.state}${node.words === '' ? '' : `: ${node.words}`}`);

const noImage = (node: SwarmNode): NodeReport =>
  notStarted(node, `there is no image for ${node.machine}: ${imageHint(node.machine)}`);

function noneReady(wanted: readonly SwarmNode[]): BenchError {
  const states = wanted.map(
    ({ name, state, availability }) => `${name} (${availability === 'active' ? state : availability})`,
  );
  return new BenchError('environment', `no node is ready: ${states.join(', ')}`, {
    hint: 'docker node ls shows them; docker node update --availability active NODE puts one back into service.',
  });
}

function noImageFits(ready: readonly SwarmNode[], images: readonly Image[]): BenchError {
  const machines = [...new Set(ready.map(({ machine }) => machine))].join(', ');
  const there = images.map(({ name, machine }) => `${name} for ${machine}`).join(', ');
  return new BenchError('environment', `no image for ${machines}, only ${there}`, {
    hint: imageHint(ready[0]?.machine ?? ''),
  });
}

const imageHint = (machine: string): string =>
  `node scripts/make-image.mjs --arch ${machine} builds it; docker load it on the manager and on each node.`;

async function imagesOf(swarm: Swarm, named: readonly string[] | null): Promise<readonly Image[]> {
  const names = named ?? MACHINES.map((machine) => `seccomp-bench:${packageVersion()}-${machine}`);
  const found = await Promise.all(names.map(async (name) => ({ name, image: await swarm.image(name) })));
  const absent = found.find(({ image }) => image === undefined);
  if (absent !== undefined && (named !== null || found.every(({ image }) => image === undefined)))
    throw notFound(
      `image ${named === null ? names.join(' or ') : absent.name}`,
      `the engine of the manager at ${swarm.endpoint.host}`,
      { hint: 'node scripts/make-image.mjs builds it, without a registry; --image names another.' },
    );
  return found.flatMap(({ name, image }) => (image === undefined ? [] : [{ name, ...image }]));
}
