import type { ClusterJob, ClusterNode } from '../../engine/index.js';
import { BenchError } from '../../errors.js';
import { packageVersion } from '../../host/index.js';
import type { NodeReport } from '../../model/host/fleet.js';
import type { KubernetesRequest, PodImage } from '../../model/host/fleet-request.js';
import { MACHINES } from '../../payload/index.js';
import { plain } from '../follow.js';

export interface ClusterPlan {
  readonly jobs: readonly ClusterJob[];
  /** Nodes that are wanted and cannot run the job. */
  readonly notStarted: readonly NodeReport[];
  /** Nodes that their owner took out of service. */
  readonly resting: readonly ClusterNode[];
}

/**
 * Decides which nodes get a pod, and with which image: one Job per image. Throws `environment` where no node can run
 * it.
 */
export function planCluster(
  all: readonly ClusterNode[],
  { images, selector }: Pick<KubernetesRequest, 'images' | 'selector'>,
  runId: string,
): ClusterPlan {
  if (all.length === 0)
    throw new BenchError(
      'environment',
      selector === null ? 'the cluster has no nodes' : `--selector ${selector} matches no node`,
      { hint: 'kubectl get nodes --show-labels lists them.' },
    );
  const active = all.filter(({ isCordoned }) => !isCordoned);
  const able = active.filter(({ isReady, os }) => isReady && os === 'linux');
  if (able.length === 0) throw noneReady(all);
  const known = images ?? defaultImages();
  const imageOf = ({ machine }: ClusterNode): string | undefined =>
    known.find((image) => image.machine === machine || image.machine === null)?.name;
  const names = [...new Set(able.flatMap((node) => imageOf(node) ?? []))];
  if (names.length === 0) throw noImageFits(able, known);
  return {
    jobs: names.map((image, index) => ({
      name: names.length === 1 ? runId : `${runId}-${index}`,
      image,
      nodes: able.filter((node) => imageOf(node) === image),
    })),
    notStarted: [
      ...active.filter((node) => !able.includes(node)).map((node) => notStarted(node, whyNot(node))),
      ...able
        .filter((node) => imageOf(node) === undefined)
        .map((node) => notStarted(node, `there is no image for ${node.machine}: --image ${node.machine}=NAME`)),
    ],
    resting: all.filter(({ isCordoned }) => isCordoned),
  };
}

const defaultImages = (): readonly PodImage[] =>
  MACHINES.map((machine) => ({ machine, name: `seccomp-bench:${packageVersion()}-${machine}` }));

const notStarted = (node: ClusterNode, reason: string): NodeReport => ({
  node: plain(node),
  outcome: { state: 'notStarted', reason, results: [] },
});

/** Why a node that is in service cannot run the job. */
function whyNot({ os, words }: ClusterNode): string {
  if (os !== 'linux') return `the node runs ${os}`;
  return words === '' ? 'the node is not ready' : `the node is not ready: ${words}`;
}

function noneReady(all: readonly ClusterNode[]): BenchError {
  const states = all.map((node) => `${node.name} (${node.isCordoned ? 'cordoned' : whyNot(node)})`);
  return new BenchError('environment', `no node is ready: ${states.join(', ')}`, {
    hint: 'kubectl get nodes lists them; kubectl uncordon NODE puts one back into service.',
  });
}

function noImageFits(able: readonly ClusterNode[], known: readonly PodImage[]): BenchError {
  const machines = [...new Set(able.map(({ machine }) => machine))].join(', ');
  const there = known.map(({ name, machine }) => `${name} for ${machine ?? 'all'}`).join(', ');
  return new BenchError('environment', `no image for ${machines}, only ${there}`, {
    hint: `--image ${able[0]?.machine ?? 'MACHINE'}=NAME names one.`,
  });
}
