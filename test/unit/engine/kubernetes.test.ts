import { describe, expect, it } from 'vitest';
import { kubectlWords } from '../../../src/engine/kubernetes/kubectl.js';
import { failuresOf, nodeOf, podOf } from '../../../src/engine/kubernetes/views.js';

describe("kubectl's words", () => {
  it.each([
    [
      'E1127 00:10:02.123456    4711 memcache.go:265] "Unhandled Error"\nThe connection to the server a:1 was refused - did you specify the right host or port?\n',
      'The connection to the server a:1 was refused - did you specify the right host or port?',
    ],
    ['Error from server (NotFound): namespaces "x" not found\n', 'namespaces "x" not found'],
    [
      'Error from server (Forbidden): error when creating "STDIN": jobs.batch is forbidden: User "u" cannot create\n',
      'jobs.batch is forbidden: User "u" cannot create',
    ],
    ['Warning: would violate PodSecurity\nerror: context "x" does not exist\n', 'context "x" does not exist'],
    ['', ''],
  ])('are one line without the logs of its libraries: %j', (stderr, words) => {
    expect(kubectlWords(stderr)).toBe(words);
  });
});

describe('what a pod does', () => {
  const stateOf = (status: object): unknown =>
    podOf({ kind: 'Pod', metadata: { name: 'p' }, status } as Parameters<typeof podOf>[0]).state;
  const container = (state: object): object => ({ phase: 'Pending', containerStatuses: [{ state }] });

  it.each([
    [{ phase: 'Pending' }, { kind: 'waiting', words: '' }],
    [container({ waiting: { reason: 'ContainerCreating' } }), { kind: 'waiting', words: 'ContainerCreating' }],
    [
      container({ waiting: { reason: 'ErrImagePull', message: 'not found' } }),
      { kind: 'stuck', words: 'ErrImagePull: not found' },
    ],
    [
      {
        phase: 'Pending',
        conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: 'm' }],
      },
      { kind: 'unschedulable', words: 'Unschedulable: m' },
    ],
    [container({ running: {} }), { kind: 'running' }],
    [
      { phase: 'Succeeded', ...container({ terminated: { exitCode: 0, reason: 'Completed' } }) },
      { kind: 'ended', exitCode: 0, hadContainer: true, words: '' },
    ],
    [
      container({ terminated: { exitCode: 137, reason: 'OOMKilled' } }),
      { kind: 'ended', exitCode: 137, hadContainer: true, words: 'exit code 137: OOMKilled' },
    ],
    [
      { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' },
      { kind: 'ended', exitCode: null, hadContainer: false, words: 'Evicted: The node was low on resource: memory.' },
    ],
  ])('is read from its status: %j', (status, state) => {
    expect(stateOf(status)).toEqual(state);
  });
});

describe('a node of a cluster', () => {
  it('is ready, or says why not', () => {
    const ready = nodeOf({
      metadata: { name: 'a' },
      status: {
        nodeInfo: { architecture: 'arm64', operatingSystem: 'linux' },
        conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'posting ready status' }],
      },
    });
    expect(ready).toMatchObject({ machine: 'aarch64', isReady: true, words: '', isCordoned: false });
    const conditions = [{ type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: 'no CNI' }];
    expect(nodeOf({ metadata: { name: 'a' }, spec: { unschedulable: true }, status: { conditions } })).toMatchObject({
      isReady: false,
      words: 'KubeletNotReady: no CNI',
      isCordoned: true,
    });
  });
});

describe('a Job', () => {
  it('has failed where its controller says so', () => {
    const job = (type: string): Parameters<typeof failuresOf>[0][number] => ({
      kind: 'Job',
      metadata: { name: type },
      status: { conditions: [{ type, status: 'True', reason: 'DeadlineExceeded', message: 'too long' }] },
    });
    expect(failuresOf([job('Complete'), job('Failed'), { kind: 'Job', metadata: { name: 'new' } }])).toEqual([
      { name: 'Failed', words: 'DeadlineExceeded: too long' },
    ]);
  });
});
