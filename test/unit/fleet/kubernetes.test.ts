import { describe, expect, it } from 'vitest';
import { manifestOf, type ClusterNode } from '../../../src/engine/index.js';
import { packageVersion } from '../../../src/host/index.js';
import { planCluster } from '../../../src/fleet/kubernetes/plan.js';
import { schemaErrors } from '../../e2e/cluster/schema.js';

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
const ARM = { machine: 'aarch64', arch: 'arm64' };
const ANY = { images: null, selector: null };

describe('the plan of a fleet of pods', () => {
  it('makes a Job per image: one for all machines with an image list, else one per machine', () => {
    const nodes = [node('a'), node('b', ARM)];
    const list = planCluster(nodes, { images: [{ machine: null, name: 'i' }], selector: null }, 'sb-1');
    expect(list.jobs.map(({ name, nodes: own }) => [name, own.length])).toEqual([['sb-1', 2]]);
    const { jobs } = planCluster(nodes, ANY, 'sb-1');
    expect(jobs.map(({ name, nodes: own }) => [name, ...own.map((one) => one.name)])).toEqual([
      ['sb-1-0', 'a'],
      ['sb-1-1', 'b'],
    ]);
    expect(jobs.map(({ image }) => image)).toEqual([
      `seccomp-bench:${packageVersion()}-x86_64`,
      `seccomp-bench:${packageVersion()}-aarch64`,
    ]);
  });

  it('names the nodes that get no pod, and leaves cordoned ones alone', () => {
    const { jobs, notStarted, resting } = planCluster(
      [
        node('a'),
        node('b', { isReady: false, words: 'KubeletNotReady: no CNI' }),
        node('c', { isCordoned: true }),
        node('d', { os: 'windows' }),
        node('e', { machine: 's390x', arch: 's390x' }),
      ],
      ANY,
      'sb-1',
    );
    expect(jobs.flatMap(({ nodes }) => nodes.map(({ name }) => name))).toEqual(['a']);
    expect(notStarted.map(({ node: { name }, outcome }) => [name, 'reason' in outcome ? outcome.reason : ''])).toEqual([
      ['b', 'the node is not ready: KubeletNotReady: no CNI'],
      ['d', 'the node runs windows'],
      ['e', 'there is no image for s390x: --image s390x=NAME'],
    ]);
    expect(resting.map(({ name }) => name)).toEqual(['c']);
  });

  it('refuses a cluster without a node for it', () => {
    expect(() => planCluster([], ANY, 'sb-1')).toThrow('the cluster has no nodes');
    expect(() => planCluster([], { images: null, selector: 'disk=ssd' }, 'sb-1')).toThrow(
      '--selector disk=ssd matches no node',
    );
    expect(() => planCluster([node('a', { isCordoned: true })], ANY, 'sb-1')).toThrow('no node is ready: a (cordoned)');
    expect(() =>
      planCluster([node('a', ARM)], { images: [{ machine: 'x86_64', name: 'i' }], selector: null }, 'sb-1'),
    ).toThrow('no image for aarch64, only i for x86_64');
  });
});

interface Job {
  readonly kind: string;
  readonly spec: Record<string, unknown> & {
    readonly template: { readonly spec: Record<string, unknown> & { readonly containers: readonly [Container] } };
  };
}
type Container = Record<string, unknown> & {
  readonly volumeMounts: readonly { readonly mountPath: string }[];
};

describe('the manifest of a fleet of pods', () => {
  const RUN = {
    runId: 'sb-03e2b85e',
    namespace: 'seccomp-bench-03e2b85e',
    makesNamespace: true,
    jobs: [{ name: 'sb-03e2b85e', image: 'bench:1', nodes: [node('a'), node('b')] }],
    files: [{ path: '/home/me/own.json', content: Buffer.from('{}') }],
    engine: 'cri',
    socket: '/run/containerd/containerd.sock',
    args: ['fleet-node', '--limit', '60', '--', 'sequential'],
    folder: '/home/me',
    limitSeconds: 60,
    minorVersion: 31,
  } as const;
  const jobOf = (run: Parameters<typeof manifestOf>[0]): Job =>
    manifestOf(run).find(({ kind }) => kind === 'Job') as unknown as Job;

  it('is what the schema of Kubernetes has, for both engines, old and new servers, with and without files', () => {
    for (const engine of ['cri', 'namespaces'] as const)
      for (const minorVersion of [20, 31])
        for (const files of [[], RUN.files])
          for (const object of manifestOf({ ...RUN, engine, minorVersion, files }))
            expect(schemaErrors(object)).toEqual([]);
    // The check sees a field that there is none of, and a value of another type.
    const job = jobOf(RUN);
    expect(schemaErrors({ ...job, spec: { ...job.spec, completionsMode: 'Indexed' } })).toEqual([
      'strict decoding error: unknown field "spec.completionsMode"',
    ]);
    expect(schemaErrors({ ...job, spec: { ...job.spec, completions: 'two' } })).not.toEqual([]);
  });

  it('puts one pod on each node, never two, tries none again, and ends by itself', () => {
    const { spec } = jobOf(RUN);
    expect(spec).toMatchObject({
      completionMode: 'Indexed',
      completions: 2,
      parallelism: 2,
      backoffLimitPerIndex: 0,
      maxFailedIndexes: 2,
      activeDeadlineSeconds: 720,
      ttlSecondsAfterFinished: 86400,
    });
    expect(jobOf({ ...RUN, minorVersion: 28 }).spec).toMatchObject({ backoffLimit: 0 });
    const pod = spec.template.spec;
    expect(pod).toMatchObject({
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      tolerations: [{ operator: 'Exists' }],
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: ['a', 'b'].map((name) => ({
              matchFields: [{ key: 'metadata.name', operator: 'In', values: [name] }],
            })),
          },
        },
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname' }],
        },
      },
    });
    const [container] = pod.containers;
    expect(container).toMatchObject({
      image: 'bench:1',
      args: RUN.args,
      workingDir: '/home/me',
      securityContext: { privileged: true },
      resources: { requests: { cpu: '500m', memory: '256Mi' } },
    });
    expect(container['env']).toContainEqual({
      name: 'BENCH_NODE',
      valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } },
    });
  });

  it("gives a pod the node's CRI socket, or none for the built-in engine, and the files under their own paths", () => {
    const mounts = (engine: 'cri' | 'namespaces'): readonly string[] =>
      jobOf({ ...RUN, engine }).spec.template.spec.containers[0].volumeMounts.map(({ mountPath }) => mountPath);
    expect(mounts('cri')).toEqual([RUN.socket, '/var/lib/seccomp-bench', '/home/me/own.json']);
    expect(mounts('namespaces')).toEqual(['/tmp', '/home/me/own.json']);
    expect(jobOf(RUN).spec.template.spec).toMatchObject({ hostPID: true });
    expect(jobOf({ ...RUN, engine: 'namespaces' }).spec.template.spec).not.toHaveProperty('hostPID');
  });

  it('makes the namespace first, with the Pod Security level that the pods need, unless one was given', () => {
    expect(manifestOf(RUN).map(({ kind }) => kind)).toEqual(['Namespace', 'ConfigMap', 'Job']);
    expect(manifestOf(RUN)[0]).toMatchObject({
      metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'privileged', 'seccomp-bench': 'sb-03e2b85e' } },
    });
    expect(manifestOf({ ...RUN, makesNamespace: false, files: [] }).map(({ kind }) => kind)).toEqual(['Job']);
  });
});
