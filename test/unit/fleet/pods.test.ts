import { describe, expect, it } from 'vitest';
import type { ClusterNode, ClusterPod } from '../../../src/engine/index.js';
import { watchPods, type ClusterSeen, type PodEnd } from '../../../src/fleet/kubernetes/watch.js';

const node = (name: string, change: Partial<ClusterNode> = {}): ClusterNode => ({
  id: `uid-${name}`,
  name,
  machine: 'x86_64',
  arch: 'amd64',
  os: 'linux',
  isReady: true,
  words: '',
  isCordoned: false,
  ...change,
});
const pod = (id: string, on: string | undefined, state: ClusterPod['state']): ClusterPod => ({
  id,
  name: `pod-${id}`,
  job: 'job',
  ...(on === undefined ? {} : { node: on }),
  state,
});
const RUNNING = { kind: 'running' } as const;
const WAITING = { kind: 'waiting', words: '' } as const;
const FULL = { kind: 'unschedulable', words: 'Unschedulable: 0/2 nodes are available' } as const;
const ENDED = { kind: 'ended', exitCode: 0, hadContainer: true, words: '' } as const;

const BOTH = [node('a'), node('b')];
const seen = (pods: readonly ClusterPod[], change: Partial<ClusterSeen> = {}): ClusterSeen => ({
  nodes: BOTH,
  pods,
  failed: [],
  refusal: null,
  ...change,
});

/** How each node's pod ended, and after how many seconds, by a clock that only sleep moves; the last look stays. */
async function ends(
  looks: readonly (ClusterSeen | null)[],
  { limitMs = 1e6, abortAtMs = Infinity }: { readonly limitMs?: number; readonly abortAtMs?: number } = {},
): Promise<{
  readonly how: Readonly<Record<string, PodEnd>>;
  readonly seconds: Readonly<Record<string, number>>;
  readonly said: readonly string[];
}> {
  let nowMs = 0;
  const abort = new AbortController();
  const how: Record<string, PodEnd> = {};
  const seconds: Record<string, number> = {};
  const said: string[] = [];
  await watchPods({
    jobs: [{ name: 'job', image: 'i', nodes: BOTH }],
    limitMs,
    signal: abort.signal,
    now: () => nowMs,
    notify: (event) => {
      if (event.kind === 'nodeRunning') said.push(`${event.node}: running`);
      if (event.kind === 'nodeTwice') said.push(`${event.node}: ${event.pod} too`);
    },
    sleep: (ms) => {
      nowMs += ms;
      if (nowMs >= abortAtMs) abort.abort();
      return Promise.resolve();
    },
    look: () => {
      const look = looks[Math.min(Math.floor(nowMs / 1000), looks.length - 1)] ?? null;
      return look === null ? Promise.reject(new Error('ECONNREFUSED')) : Promise.resolve(look);
    },
    take: (of, end) => {
      how[of.name] = end;
      seconds[of.name] = nowMs / 1000;
      return Promise.resolve({ node: of, outcome: { state: 'failed', reason: end.kind, results: [] } });
    },
  });
  return { how, seconds, said };
}

describe('watching the pods of a fleet', () => {
  it('takes what a pod sends as soon as it has ended, while others go on', async () => {
    const { how, seconds, said } = await ends([
      seen([]),
      seen([pod('1', 'a', RUNNING), pod('2', 'b', WAITING)]),
      seen([pod('1', 'a', ENDED), pod('2', 'b', RUNNING)]),
      seen([pod('1', 'a', ENDED), pod('2', 'b', ENDED)]),
    ]);
    expect(seconds).toEqual({ a: 2, b: 3 });
    expect(said).toEqual(['a: running', 'b: running']);
    expect(how['a']).toEqual({ kind: 'ended', task: pod('1', 'a', ENDED) });
  });

  it('counts the first pod of a node, and ends the wait for the node that the second did not come to', async () => {
    const { how, seconds, said } = await ends([
      seen([pod('1', 'a', RUNNING), pod('2', undefined, FULL)]),
      seen([pod('1', 'a', ENDED), pod('2', 'a', RUNNING)]),
      seen([pod('1', 'a', ENDED), pod('2', 'a', ENDED)]),
    ]);
    expect(how['a']).toEqual({ kind: 'ended', task: pod('1', 'a', ENDED) });
    expect(how['b']).toEqual({ kind: 'notStarted', reason: 'its pod pod-2 came to a, which had one' });
    expect(seconds).toEqual({ a: 1, b: 1 });
    expect(said).toEqual(['a: running', 'a: pod-2 too']);
  });

  it('gives an unschedulable pod a minute, and says what the scheduler said', async () => {
    const waits = seen([pod('1', 'a', RUNNING), pod('2', undefined, FULL)]);
    const { how, seconds } = await ends([waits], { limitMs: 90_000 });
    expect([how['b'], seconds['b']]).toEqual([
      { kind: 'notStarted', reason: 'no node could take its pod: Unschedulable: 0/2 nodes are available' },
      60,
    ]);
    expect(how['a']).toEqual({ kind: 'unfinished', reason: 'not ended after 91 s (pod pod-1 is running)' });
    const late = [...Array.from({ length: 50 }, () => waits), seen([pod('1', 'a', ENDED), pod('2', 'b', ENDED)])];
    expect((await ends(late)).how['b']?.kind).toBe('ended');
  });

  it('ends the wait for a pod whose image cannot be had, and not for the others', async () => {
    const stuck = { kind: 'stuck', words: 'ErrImagePull: not found' } as const;
    const { how, seconds } = await ends([
      seen([pod('1', 'a', RUNNING), pod('2', 'b', stuck)]),
      seen([pod('1', 'a', RUNNING), pod('2', 'b', stuck)]),
      seen([pod('1', 'a', ENDED), pod('2', 'b', stuck)]),
    ]);
    expect([how['b'], seconds]).toEqual([
      { kind: 'failed', reason: 'ErrImagePull: not found' },
      { a: 2, b: 0 },
    ]);
  });

  it('says why no pod was made', async () => {
    const refusal = 'pods "job-0" is forbidden: violates PodSecurity "baseline:latest": privileged';
    const { how, seconds } = await ends([seen([], { refusal })]);
    expect(how['a']).toEqual({ kind: 'notStarted', reason: `no pod was made for it: ${refusal}` });
    expect(seconds['b']).toBe(60);
  });

  it('ends the wait when the Job fails, and takes the last words of pods that ran', async () => {
    const failed = [{ name: 'job', words: 'DeadlineExceeded: too long' }];
    const words = 'the Job failed: DeadlineExceeded: too long';
    expect((await ends([seen([pod('1', 'a', RUNNING)], { failed })])).how).toEqual({
      a: { kind: 'ended', task: pod('1', 'a', { kind: 'ended', exitCode: null, hadContainer: true, words }) },
      b: { kind: 'notStarted', reason: words },
    });
    expect((await ends([seen([pod('1', 'a', WAITING)], { failed })])).how['a']).toEqual({
      kind: 'failed',
      reason: words,
    });
    const other = [{ name: 'other', words: 'BackoffLimitExceeded' }];
    const { how } = await ends([seen([pod('1', 'a', RUNNING), pod('2', 'b', RUNNING)], { failed: other })], {
      limitMs: 1000,
    });
    expect(how['a']?.kind).toBe('unfinished');
  });

  it.each([
    ['left', [node('a')], 'the node left the cluster'],
    [
      'is not ready',
      [node('a'), node('b', { isReady: false, words: 'NodeStatusUnknown: Kubelet stopped posting node status.' })],
      'the node is not ready: NodeStatusUnknown: Kubelet stopped posting node status.',
    ],
  ])('does not wait for a node that %s', async (_, nodes, reason) => {
    const pods = [pod('1', 'a', RUNNING), pod('2', 'b', RUNNING)];
    const done = [pod('1', 'a', ENDED), pod('2', 'b', RUNNING)];
    const { how, seconds } = await ends([seen(pods), seen(pods, { nodes }), seen(done, { nodes })]);
    expect([how['b'], seconds]).toEqual([
      { kind: 'lost', reason },
      { a: 2, b: 1 },
    ]);
    expect(how['a']?.kind).toBe('ended');
  });

  it('calls a node lost whose pod was deleted', async () => {
    const { how } = await ends([seen([pod('1', 'a', RUNNING), pod('2', 'b', RUNNING)]), seen([pod('1', 'a', ENDED)])]);
    expect(how['b']).toEqual({ kind: 'lost', reason: 'its pod pod-2 was deleted' });
  });

  it('waits half a minute for an API server that does not answer', async () => {
    const silence = Array.from({ length: 60 }, () => null);
    const before = seen([pod('1', 'a', RUNNING), pod('2', 'b', RUNNING)]);
    const reason = 'the API server has not answered for 31 s';
    expect((await ends([before, ...silence])).how).toEqual({
      a: { kind: 'lost', reason },
      b: { kind: 'lost', reason },
    });
    const after = seen([pod('1', 'a', ENDED), pod('2', 'b', ENDED)]);
    expect((await ends([before, ...silence.slice(0, 20), after])).how['a']?.kind).toBe('ended');
  });

  it('ends at once when it is stopped', async () => {
    const { how, seconds } = await ends([seen([pod('1', 'a', RUNNING), pod('2', 'b', RUNNING)])], { abortAtMs: 3000 });
    expect([how['a'], seconds['b']]).toEqual([{ kind: 'unfinished', reason: 'stopped before it had ended' }, 3]);
  });
});
