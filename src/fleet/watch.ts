import type { Swarm, SwarmNode, SwarmTask } from '../engine/index.js';
import { systemReason } from '../errors.js';
import type { NodeReport } from '../model/host/fleet.js';
import type { FleetEvent } from '../model/host/fleet-request.js';

/** How the job on a node ended. */
export type JobEnd =
  | { readonly kind: 'ended'; readonly task: SwarmTask }
  | { readonly kind: 'lost' | 'unfinished'; readonly reason: string };

export interface Watch {
  readonly swarm: Pick<Swarm, 'nodes' | 'tasksOf'>;
  readonly serviceIds: readonly string[];
  /** Nodes that get the job. */
  readonly nodes: readonly SwarmNode[];
  readonly limitMs: number;
  readonly signal: AbortSignal;
  /** Milliseconds; injected, as `sleep` is. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly notify: (event: FleetEvent) => void;
  /** Stores what a node sent. */
  readonly take: (node: SwarmNode, end: JobEnd) => Promise<NodeReport>;
}

const POLL_MS = 1000;
/** A manager may change, or be busy; after this it counts as gone. */
const SILENCE_LIMIT_MS = 30_000;

const ENDED = new Set(['complete', 'failed', 'rejected', 'shutdown', 'orphaned', 'remove']);
const AWAY = new Set(['down', 'disconnected']);

/**
 * Waits until, on every node, the job has ended, the node is gone, or the time is over. Results are stored as soon as
 * a job ends, while others go on.
 */
export async function watchJobs(watch: Watch): Promise<readonly NodeReport[]> {
  const startMs = watch.now();
  const pending = new Map(watch.nodes.map((node) => [node.id, node]));
  const states = new Map<string, string>();
  const taken: Promise<NodeReport>[] = [];
  let answeredMs = startMs;
  const end = (node: SwarmNode, how: JobEnd): void => {
    pending.delete(node.id);
    taken.push(
      takeFrom(node, how, watch).then((report) => {
        watch.notify({ kind: 'nodeEnded', report });
        return report;
      }),
    );
  };
  while (pending.size > 0) {
    const seen = await look(watch);
    if (seen !== null) answeredMs = watch.now();
    for (const node of [...pending.values()]) {
      const task = seen?.tasks.find(({ nodeId }) => nodeId === node.id);
      const how = howEnded(
        node,
        seen,
        { task, silentMs: watch.now() - answeredMs, elapsedMs: watch.now() - startMs },
        watch,
      );
      if (how !== undefined) end(node, how);
      else if (task !== undefined && states.get(node.id) !== task.state && task.state === 'running')
        watch.notify({ kind: 'nodeRunning', node: node.name });
      if (task !== undefined) states.set(node.id, task.state);
    }
    if (pending.size > 0) await watch.sleep(POLL_MS);
  }
  return await Promise.all(taken);
}

/**
 * Never rejects: the others are still awaited, and an unhandled rejection would end Node before the services are
 * removed.
 */
async function takeFrom(node: SwarmNode, how: JobEnd, { take }: Watch): Promise<NodeReport> {
  try {
    return await take(node, how);
  } catch (error) {
    const reason = `its results could not be stored: ${systemReason(error)}`;
    return {
      node: { id: node.id, name: node.name, machine: node.machine },
      outcome: { state: 'lost', reason, results: [] },
    };
  }
}

interface Seen {
  readonly nodes: readonly SwarmNode[];
  readonly tasks: readonly SwarmTask[];
}

/** `null` where the manager does not answer. */
async function look({ swarm, serviceIds }: Watch): Promise<Seen | null> {
  try {
    const tasks = await Promise.all(serviceIds.map((id) => swarm.tasksOf(id)));
    return { nodes: await swarm.nodes(), tasks: tasks.flat() };
  } catch {
    return null;
  }
}

interface Moment {
  readonly task: SwarmTask | undefined;
  readonly silentMs: number;
  readonly elapsedMs: number;
}

function howEnded(
  { id }: SwarmNode,
  seen: Seen | null,
  { task, silentMs, elapsedMs }: Moment,
  { limitMs, signal }: Watch,
): JobEnd | undefined {
  if (task !== undefined && ENDED.has(task.state)) return { kind: 'ended', task };
  if (signal.aborted) return { kind: 'unfinished', reason: 'stopped before it had ended' };
  if (seen === null)
    return silentMs > SILENCE_LIMIT_MS
      ? { kind: 'lost', reason: `the manager has not answered for ${Math.round(silentMs / 1000)} s` }
      : undefined;
  const now = seen.nodes.find((node) => node.id === id);
  if (now === undefined) return { kind: 'lost', reason: 'the node left the swarm' };
  if (AWAY.has(now.state))
    return { kind: 'lost', reason: `the node is ${now.state}${now.words === '' ? '' : `: ${now.words}`}` };
  const doing = task === undefined ? 'no task was made for it' : `${task.state}: ${task.words}`;
  return elapsedMs > limitMs
    ? { kind: 'unfinished', reason: `not ended after ${Math.round(elapsedMs / 1000)} s (${doing})` }
    : undefined;
}
