import type { ClusterJob, ClusterLook, ClusterNode, ClusterPod } from '../../engine/index.js';
import type { NodeReport } from '../../model/host/fleet.js';
import { followNodes, silence, type Follow, type Moment, type NodeEnd, type NodeNow } from '../follow.js';

/** How a pod's work on a node ended. */
export type PodEnd = NodeEnd<ClusterPod>;

/** What the cluster says now. */
export interface ClusterSeen extends ClusterLook {
  /** All nodes of the cluster. */
  readonly nodes: readonly ClusterNode[];
  /** Why pods could not be made; `null`: not asked, or nothing is known. */
  readonly refusal: string | null;
}

export interface PodWatch extends Omit<Follow<ClusterNode, ClusterSeen, ClusterPod>, 'judge' | 'nodes'> {
  /** With the nodes that each is for. */
  readonly jobs: readonly ClusterJob[];
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

/** A full node may become free, and a controller needs a moment to make pods. */
const PATIENCE_MS = 60_000;

/** The pod that counts for each node, and since when the others wait. */
interface Placed {
  /** By the node's name. */
  readonly first: Map<string, ClusterPod>;
  readonly twice: Map<string, ClusterPod>;
  /** By the Job's name: since when it has no pod that may still come to a node. */
  readonly nobodyComesSinceMs: Map<string, number>;
}

/**
 * Waits until, on every node, the pod has ended or cannot start, the node is gone, or the time is over. The first pod
 * of a node counts; another one is told of, and not waited for.
 */
export async function watchPods(watch: PodWatch): Promise<readonly NodeReport[]> {
  const placed: Placed = { first: new Map(), twice: new Map(), nobodyComesSinceMs: new Map() };
  return await followNodes<ClusterNode, ClusterSeen, ClusterPod>({
    ...watch,
    nodes: watch.jobs.flatMap(({ nodes }) => nodes),
    look: async () => {
      const seen = await watch.look();
      place(seen, placed, watch);
      return seen;
    },
    judge: (node, moment) => stateOf(node, moment, placed, watch),
  });
}

function place({ pods }: ClusterSeen, placed: Placed, { jobs, now, notify }: PodWatch): void {
  for (const pod of pods) {
    if (pod.node === undefined) continue;
    const first = placed.first.get(pod.node);
    if (first === undefined || first.id === pod.id) placed.first.set(pod.node, pod);
    else if (!placed.twice.has(pod.id)) {
      placed.twice.set(pod.id, pod);
      notify({ kind: 'nodeTwice', node: pod.node, pod: pod.name });
    }
  }
  const since = placed.nobodyComesSinceMs;
  for (const { name } of jobs) {
    if (pods.some(({ job, node, state }) => job === name && node === undefined && state.kind === 'waiting'))
      since.delete(name);
    else if (!since.has(name)) since.set(name, now());
  }
}

function stateOf(
  node: ClusterNode,
  { seen, silentMs, elapsedMs }: Moment<ClusterSeen>,
  placed: Placed,
  watch: PodWatch,
): NodeNow<ClusterPod> {
  const pod = placed.first.get(node.name);
  if (pod?.state.kind === 'ended') return { kind: 'ended', task: pod };
  if (watch.signal.aborted) return { kind: 'unfinished', reason: 'stopped before it had ended' };
  if (seen === null) return silence('the API server', silentMs);
  const job = watch.jobs.find(({ nodes }) => nodes.some(({ id }) => id === node.id))?.name ?? '';
  const failure = seen.failed.find(({ name }) => name === job)?.words;
  const end =
    nodeGone(node, seen) ??
    (pod === undefined ? nobodyComes(job, failure, seen, { placed, watch }) : podStops(pod, failure, seen));
  if (end !== undefined) return end;
  if (elapsedMs > watch.limitMs)
    return { kind: 'unfinished', reason: `not ended after ${Math.round(elapsedMs / 1000)} s (${doing(pod)})` };
  return { kind: pod?.state.kind === 'running' ? 'running' : 'waiting' };
}

function nodeGone({ name }: ClusterNode, { nodes }: ClusterSeen): PodEnd | undefined {
  const now = nodes.find((node) => node.name === name);
  if (now === undefined) return { kind: 'lost', reason: 'the node left the cluster' };
  if (now.isReady) return undefined;
  return { kind: 'lost', reason: `the node is not ready${now.words === '' ? '' : `: ${now.words}`}` };
}

/** A placed pod that will not end by itself. `failure`: of its Job. */
function podStops(pod: ClusterPod, failure: string | undefined, { pods }: ClusterSeen): PodEnd | undefined {
  if (pod.state.kind === 'stuck') return { kind: 'failed', reason: pod.state.words };
  if (failure === undefined)
    return pods.some(({ id }) => id === pod.id)
      ? undefined
      : { kind: 'lost', reason: `its pod ${pod.name} was deleted` };
  const words = `the Job failed: ${failure}`;
  if (pod.state.kind !== 'running') return { kind: 'failed', reason: words };
  // Its log, if it is still there, has the pod's last words.
  return { kind: 'ended', task: { ...pod, state: { kind: 'ended', exitCode: null, hadContainer: true, words } } };
}

/** A node that no pod came to, once none may come any more. */
function nobodyComes(
  job: string,
  failure: string | undefined,
  seen: ClusterSeen,
  { placed, watch }: { readonly placed: Placed; readonly watch: PodWatch },
): PodEnd | undefined {
  if (failure !== undefined) return { kind: 'notStarted', reason: `the Job failed: ${failure}` };
  const own = seen.pods.filter((pod) => pod.job === job);
  const elsewhere = [...placed.twice.values()].find((pod) => pod.job === job);
  if (elsewhere !== undefined && own.every(({ node }) => node !== undefined))
    return { kind: 'notStarted', reason: `its pod ${elsewhere.name} came to ${elsewhere.node ?? ''}, which had one` };
  const sinceMs = placed.nobodyComesSinceMs.get(job);
  if (sinceMs === undefined || watch.now() - sinceMs < PATIENCE_MS) return undefined;
  const unplaced = own.find(({ node }) => node === undefined);
  if (unplaced?.state.kind === 'unschedulable')
    return { kind: 'notStarted', reason: `no node could take its pod: ${unplaced.state.words}` };
  return { kind: 'notStarted', reason: `no pod was made for it${seen.refusal === null ? '' : `: ${seen.refusal}`}` };
}

function doing(pod: ClusterPod | undefined): string {
  if (pod === undefined) return 'no pod was placed on it';
  const words = 'words' in pod.state ? pod.state.words : '';
  return `pod ${pod.name} is ${pod.state.kind}${words === '' ? '' : `: ${words}`}`;
}
