import type { Swarm, SwarmNode, SwarmTask } from '../engine/index.js';
import type { NodeReport } from '../model/host/fleet.js';
import { followNodes, silence, type Follow, type Moment, type NodeEnd, type NodeNow } from './follow.js';

/** How the job on a node ended. */
export type JobEnd = NodeEnd<SwarmTask>;

export interface Watch extends Omit<Follow<SwarmNode, Seen, SwarmTask>, 'look' | 'judge'> {
  readonly swarm: Pick<Swarm, 'nodes' | 'tasksOf'>;
  readonly serviceIds: readonly string[];
  readonly limitMs: number;
  readonly signal: AbortSignal;
  /** Whether the node of a task got the job again, so that the task counts no longer. */
  readonly again: (task: SwarmTask) => Promise<boolean>;
}

interface Seen {
  readonly nodes: readonly SwarmNode[];
  readonly tasks: readonly SwarmTask[];
}

const ENDED = new Set(['complete', 'failed', 'rejected', 'shutdown', 'orphaned', 'remove']);
const AWAY = new Set(['down', 'disconnected']);

/** Waits until, on every node, the job has ended, the node is gone, or the time is over. */
export async function watchJobs(watch: Watch): Promise<readonly NodeReport[]> {
  return await followNodes<SwarmNode, Seen, SwarmTask>({
    ...watch,
    look: () => look(watch),
    judge: (node, moment) => stateOf(node, moment, watch),
  });
}

async function look({ swarm, serviceIds, again }: Watch): Promise<Seen> {
  const tasks = (await Promise.all(serviceIds.map((id) => swarm.tasksOf(id)))).flat();
  const repeated = await Promise.all(tasks.map(again));
  return { nodes: await swarm.nodes(), tasks: tasks.filter((_, index) => repeated[index] !== true) };
}

function stateOf(
  { id }: SwarmNode,
  { seen, silentMs, elapsedMs }: Moment<Seen>,
  { limitMs, signal }: Watch,
): NodeNow<SwarmTask> {
  const task = seen?.tasks.find(({ nodeId }) => nodeId === id);
  if (task !== undefined && ENDED.has(task.state)) return { kind: 'ended', task };
  if (signal.aborted) return { kind: 'unfinished', reason: 'stopped before it had ended' };
  if (seen === null) return silence('the manager', silentMs);
  const now = seen.nodes.find((node) => node.id === id);
  if (now === undefined) return { kind: 'lost', reason: 'the node left the swarm' };
  if (AWAY.has(now.state))
    return { kind: 'lost', reason: `the node is ${now.state}${now.words === '' ? '' : `: ${now.words}`}` };
  const doing = task === undefined ? 'no task was made for it' : `${task.state}: ${task.words}`;
  if (elapsedMs > limitMs)
    return { kind: 'unfinished', reason: `not ended after ${Math.round(elapsedMs / 1000)} s (${doing})` };
  return { kind: task?.state === 'running' ? 'running' : 'waiting' };
}
