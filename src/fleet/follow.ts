import { systemReason } from '../errors.js';
import type { FleetNode, NodeReport } from '../model/host/fleet.js';
import type { FleetEvent } from '../model/host/fleet-request.js';

/** How the job on a node ended; `Task` is what its cluster knows of it. */
export type NodeEnd<Task> =
  | { readonly kind: 'ended'; readonly task: Task }
  | { readonly kind: 'failed' | 'lost' | 'unfinished' | 'notStarted'; readonly reason: string };

/** The end of a node's job, or what it does. */
export type NodeNow<Task> = NodeEnd<Task> | { readonly kind: 'running' } | { readonly kind: 'waiting' };

/** A round of the wait. */
export interface Moment<Seen> {
  /** `null`: the cluster did not answer. */
  readonly seen: Seen | null;
  /** Since it last answered. */
  readonly silentMs: number;
  readonly elapsedMs: number;
}

export interface Follow<Node extends FleetNode, Seen, Task> {
  /** Nodes that get the job. */
  readonly nodes: readonly Node[];
  /** Asks the cluster; a rejection counts as silence. */
  readonly look: () => Promise<Seen>;
  readonly judge: (node: Node, moment: Moment<Seen>) => NodeNow<Task>;
  /** Milliseconds; injected, as `sleep` is. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly notify: (event: FleetEvent) => void;
  /** Stores what a node sent. */
  readonly take: (node: Node, end: NodeEnd<Task>) => Promise<NodeReport>;
}

const POLL_MS = 1000;
/** A cluster's manager may change, or be busy; after this it counts as gone. */
const SILENCE_LIMIT_MS = 30_000;

/**
 * Waits until the job has ended on every node, or cannot end any more. Results are stored as soon as a job ends, while
 * others go on.
 */
export async function followNodes<Node extends FleetNode, Seen, Task>(
  follow: Follow<Node, Seen, Task>,
): Promise<readonly NodeReport[]> {
  const { now, notify, judge } = follow;
  const startMs = now();
  const pending = new Map(follow.nodes.map((node) => [node.id, node]));
  const running = new Set<string>();
  const taken: Promise<NodeReport>[] = [];
  let answeredMs = startMs;
  const round = (seen: Seen | null): void => {
    const moment = { seen, silentMs: now() - answeredMs, elapsedMs: now() - startMs };
    for (const node of [...pending.values()]) {
      const state = judged(judge, node, moment);
      if (state.kind === 'waiting') continue;
      if (state.kind !== 'running') {
        pending.delete(node.id);
        taken.push(reported(node, state, follow));
      } else if (!running.has(node.id)) {
        running.add(node.id);
        notify({ kind: 'nodeRunning', node: node.name });
      }
    }
  };
  while (pending.size > 0) {
    const seen = await follow.look().catch(() => null);
    if (seen !== null) answeredMs = now();
    round(seen);
    if (pending.size > 0) await follow.sleep(POLL_MS);
  }
  return await Promise.all(taken);
}

/** An answer of the cluster that makes no sense costs the node that it is about. */
function judged<Node extends FleetNode, Seen, Task>(
  judge: Follow<Node, Seen, Task>['judge'],
  node: Node,
  moment: Moment<Seen>,
): NodeNow<Task> {
  try {
    return judge(node, moment);
  } catch (error) {
    return { kind: 'lost', reason: `what the cluster says of it makes no sense: ${systemReason(error)}` };
  }
}

/**
 * Never rejects: the others are still awaited, and an unhandled rejection would end Node before the job is removed from
 * the cluster.
 */
async function reported<Node extends FleetNode, Task>(
  node: Node,
  end: NodeEnd<Task>,
  { take, notify }: Pick<Follow<Node, unknown, Task>, 'take' | 'notify'>,
): Promise<NodeReport> {
  const report = await storedBy(take, node, end);
  notify({ kind: 'nodeEnded', report });
  return report;
}

async function storedBy<Node extends FleetNode, Task>(
  take: Follow<Node, unknown, Task>['take'],
  node: Node,
  end: NodeEnd<Task>,
): Promise<NodeReport> {
  try {
    return await take(node, end);
  } catch (error) {
    const reason = `its results could not be stored: ${systemReason(error)}`;
    return { node: plain(node), outcome: { state: 'lost', reason, results: [] } };
  }
}

/** A node without what only its cluster needs. */
export const plain = ({ id, name, machine }: FleetNode): FleetNode => ({ id, name, machine });

/** What a silent cluster means for a node; `who` is whom bench asks: `the manager`. */
export const silence = (who: string, silentMs: number): NodeNow<never> =>
  silentMs > SILENCE_LIMIT_MS
    ? { kind: 'lost', reason: `${who} has not answered for ${Math.round(silentMs / 1000)} s` }
    : { kind: 'waiting' };

/** What the nodes sent, and why what was made for it could not be removed; `null`: all is gone. */
export interface Gathered {
  readonly nodes: readonly NodeReport[];
  readonly notRemoved: Error | null;
}

/**
 * Gathers, then removes what was made in the cluster, however the gathering ended. A removal that fails costs no
 * results. Throws what `gather` throws, with the failed removal in an AggregateError.
 */
export async function gatherAndRemove(
  made: AsyncDisposable,
  gather: () => Promise<readonly NodeReport[]>,
): Promise<Gathered> {
  const remove = async (): Promise<Error | null> => {
    try {
      await made[Symbol.asyncDispose]();
      return null;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  };
  let nodes: readonly NodeReport[];
  try {
    nodes = await gather();
  } catch (error) {
    const notRemoved = await remove();
    throw notRemoved === null ? error : new AggregateError([error, notRemoved]);
  }
  return { nodes, notRemoved: await remove() };
}
