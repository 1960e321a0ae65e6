import { describe, expect, it } from 'vitest';
import { watchJobs, type JobEnd } from '../../../src/fleet/watch.js';
import type { SwarmNode, SwarmTask } from '../../../src/engine/docker/swarm/swarm.js';

const node = (id: string, change: Partial<SwarmNode> = {}): SwarmNode => ({
  id,
  name: `node-${id}`,
  machine: 'x86_64',
  arch: 'x86_64',
  os: 'linux',
  role: 'worker',
  state: 'ready',
  availability: 'active',
  words: '',
  labels: {},
  engineLabels: {},
  ...change,
});
const task = (nodeId: string, state: string): SwarmTask => ({
  id: `task-${nodeId}`,
  nodeId,
  state,
  words: state,
  exitCode: null,
});

/** One look after the other; the last stays. `null`: the manager does not answer. */
type Look = { readonly nodes: readonly SwarmNode[]; readonly tasks: readonly SwarmTask[] } | null;

/** How each node's job ended, and after how many seconds, by a clock that only sleep moves. */
async function ends(
  looks: readonly Look[],
  {
    limitMs = 100_000,
    abortAtMs = Infinity,
    refuses = () => undefined,
  }: {
    readonly limitMs?: number;
    readonly abortAtMs?: number;
    readonly refuses?: (id: string) => Error | undefined;
  } = {},
): Promise<{
  readonly how: Readonly<Record<string, JobEnd>>;
  readonly seconds: Readonly<Record<string, number>>;
  readonly said: readonly string[];
}> {
  let nowMs = 0;
  const abort = new AbortController();
  const how: Record<string, JobEnd> = {};
  const seconds: Record<string, number> = {};
  const said: string[] = [];
  const at = (): Look => looks[Math.min(Math.floor(nowMs / 1000), looks.length - 1)] ?? null;
  const answer = <Value>(read: (look: NonNullable<Look>) => Value): Promise<Value> => {
    const look = at();
    return look === null ? Promise.reject(new Error('ECONNREFUSED')) : Promise.resolve(read(look));
  };
  await watchJobs({
    swarm: { nodes: () => answer((look) => look.nodes), tasksOf: () => answer((look) => look.tasks) },
    serviceIds: ['s'],
    again: () => Promise.resolve(false),
    nodes: [node('a'), node('b')],
    limitMs,
    signal: abort.signal,
    now: () => nowMs,
    notify: (event) => {
      if (event.kind === 'nodeRunning') said.push(`${event.node}: running`);
      if (event.kind === 'nodeEnded')
        said.push(
          `${event.report.node.name}: ${event.report.outcome.state}: ${'reason' in event.report.outcome ? event.report.outcome.reason : ''}`,
        );
    },
    sleep: (ms) => {
      nowMs += ms;
      if (nowMs >= abortAtMs) abort.abort();
      // A turn of the event loop, as time passing is: a rejection that nobody handles would show here.
      return new Promise((resolve) => setImmediate(resolve));
    },
    take: (of, end) => {
      how[of.id] = end;
      seconds[of.id] = nowMs / 1000;
      const refusal = refuses(of.id);
      if (refusal !== undefined) throw refusal;
      return Promise.resolve({ node: of, outcome: { state: 'failed', reason: end.kind, results: [] } });
    },
  });
  return { how, seconds, said };
}

const both = [node('a'), node('b')];

describe('watching the jobs of a fleet', () => {
  it('takes what a node sends as soon as its job ended, while others go on', async () => {
    const { seconds, said } = await ends([
      { nodes: both, tasks: [] },
      { nodes: both, tasks: [task('a', 'running'), task('b', 'running')] },
      { nodes: both, tasks: [task('a', 'complete'), task('b', 'running')] },
      { nodes: both, tasks: [task('a', 'complete'), task('b', 'running')] },
      { nodes: both, tasks: [task('a', 'complete'), task('b', 'failed')] },
    ]);
    expect(seconds).toEqual({ a: 2, b: 4 });
    expect(said).toEqual(['node-a: running', 'node-b: running', 'node-a: failed: ended', 'node-b: failed: ended']);
  });

  it('believes the first task of a node: Swarm may make another after it', async () => {
    const { how } = await ends([
      { nodes: both, tasks: [task('a', 'failed'), { ...task('a', 'running'), id: 'second' }, task('b', 'complete')] },
    ]);
    expect(how['a']).toEqual({ kind: 'ended', task: task('a', 'failed') });
  });

  it.each([
    [
      'is down',
      [node('a'), node('b', { state: 'down', words: 'heartbeat failure' })],
      'the node is down: heartbeat failure',
    ],
    ['is disconnected', [node('a'), node('b', { state: 'disconnected' })], 'the node is disconnected'],
    ['left', [node('a')], 'the node left the swarm'],
  ])('does not wait for a node that %s', async (_, nodes, reason) => {
    const running = [task('a', 'running'), task('b', 'running')];
    const { how, seconds } = await ends([
      { nodes: both, tasks: running },
      { nodes, tasks: running },
      { nodes, tasks: [task('a', 'complete'), task('b', 'running')] },
    ]);
    expect([how['b'], seconds['b']]).toEqual([{ kind: 'lost', reason }, 1]);
    expect(how['a']?.kind).toBe('ended');
  });

  it('waits for a node of which a new manager knows nothing yet', async () => {
    const unknown = [node('a'), node('b', { state: 'unknown' })];
    const { how } = await ends([
      { nodes: unknown, tasks: [task('a', 'complete'), task('b', 'running')] },
      { nodes: both, tasks: [task('a', 'complete'), task('b', 'complete')] },
    ]);
    expect(how['b']?.kind).toBe('ended');
  });

  it('gives up what has not ended within the limit, and says what it was doing', async () => {
    const { how, seconds } = await ends([{ nodes: both, tasks: [task('a', 'running')] }], { limitMs: 5000 });
    expect(how).toEqual({
      a: { kind: 'unfinished', reason: 'not ended after 6 s (running: running)' },
      b: { kind: 'unfinished', reason: 'not ended after 6 s (no task was made for it)' },
    });
    expect(seconds).toEqual({ a: 6, b: 6 });
  });

  it('bears a manager that is silent for half a minute, and no more', async () => {
    const before: Look = { nodes: both, tasks: [task('a', 'running'), task('b', 'running')] };
    const silence = (count: number): Look[] => Array.from({ length: count }, () => null);
    expect(
      (await ends([before, ...silence(20), { nodes: both, tasks: [task('a', 'complete'), task('b', 'complete')] }]))
        .how['a']?.kind,
    ).toBe('ended');
    expect((await ends([before, ...silence(60)])).how).toEqual({
      a: { kind: 'lost', reason: 'the manager has not answered for 31 s' },
      b: { kind: 'lost', reason: 'the manager has not answered for 31 s' },
    });
  });

  it('goes on waiting for the others where the results of one cannot be stored', async () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    const { how, seconds, said } = await ends(
      [
        { nodes: both, tasks: [task('a', 'complete'), task('b', 'running')] },
        { nodes: both, tasks: [task('a', 'complete'), task('b', 'running')] },
        { nodes: both, tasks: [task('a', 'complete'), task('b', 'complete')] },
      ],
      { refuses: (id) => (id === 'a' ? full : undefined) },
    );
    expect([how['b']?.kind, seconds['b']]).toEqual(['ended', 2]);
    expect(said).toContain('node-a: lost: its results could not be stored: no space left on device');
  });

  it('ends at once when it is stopped', async () => {
    const { how, seconds } = await ends([{ nodes: both, tasks: [task('a', 'running'), task('b', 'running')] }], {
      abortAtMs: 3000,
    });
    expect([how['a'], seconds['b']]).toEqual([{ kind: 'unfinished', reason: 'stopped before it had ended' }, 3]);
  });
});
