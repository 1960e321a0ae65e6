import { RUN_LABEL } from '../docker/daemon.js';
import type { ClusterNode } from './views.js';

/** Engines that a pod can measure with: the node's own containerd or CRI-O, or bench's built-in one in the pod. */
export type PodEngine = 'cri' | 'namespaces';

/** One Job: the same image on each of its nodes. */
export interface ClusterJob {
  readonly name: string;
  readonly image: string;
  readonly nodes: readonly ClusterNode[];
}

/** A file of this machine that the pods see under the same path. */
export interface ClusterFile {
  /** Absolute. */
  readonly path: string;
  readonly content: Buffer;
}

export interface ClusterManifest {
  readonly runId: string;
  readonly namespace: string;
  /** Whether the namespace is the run's own, and made first. */
  readonly makesNamespace: boolean;
  readonly jobs: readonly ClusterJob[];
  readonly files: readonly ClusterFile[];
  readonly engine: PodEngine;
  /** The node's CRI socket. */
  readonly socket: string;
  /** Of the image's bench. */
  readonly args: readonly string[];
  /** The pods' working folder: paths in the arguments are relative to it. */
  readonly folder: string;
  /** After which a node's bench ends and sends what it has. */
  readonly limitSeconds: number;
  /** Minor version of the API server. */
  readonly minorVersion: number;
}

/** An object of Kubernetes' API. */
export type KubernetesObject = Readonly<Record<string, unknown>>;

const NAME = 'seccomp-bench';
/** For bench to remove its containers once it is stopped. */
const GRACE_SECONDS = 60;
/** For the image to be pulled, and for the pod to wait for its node. */
const START_SECONDS = 600;
/** A Job whose bench fleet was killed removes itself. */
const KEPT_SECONDS = 86_400;
/** Jobs have a limit of failures per index since 1.29 (on by default). */
const PER_INDEX_SINCE = 29;
/** On the node: containerd reads profiles there under the path that the pod writes them to. */
const NODE_FOLDER = '/var/lib/seccomp-bench';

/** The objects of a run, in the order in which they are created. */
export function manifestOf(run: ClusterManifest): readonly KubernetesObject[] {
  return [
    ...(run.makesNamespace ? [namespaceObject(run)] : []),
    ...(run.files.length === 0 ? [] : [filesObject(run)]),
    ...run.jobs.map((job) => jobObject(job, run)),
  ];
}

const labelsOf = ({ runId }: ClusterManifest): Readonly<Record<string, string>> => ({
  'app.kubernetes.io/name': NAME,
  [RUN_LABEL]: runId,
});

function namespaceObject(run: ClusterManifest): KubernetesObject {
  const labels = {
    ...labelsOf(run),
    // Without it a cluster with a stricter default refuses the pods.
    'pod-security.kubernetes.io/enforce': 'privileged',
  };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: run.namespace, labels } };
}

const filesName = ({ runId }: ClusterManifest): string => `${runId}-files`;

function filesObject(run: ClusterManifest): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: filesName(run), namespace: run.namespace, labels: labelsOf(run) },
    binaryData: Object.fromEntries(
      run.files.map(({ content }, index) => [`file-${index}`, content.toString('base64')]),
    ),
  };
}

function jobObject(job: ClusterJob, run: ClusterManifest): KubernetesObject {
  const count = job.nodes.length;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: job.name, namespace: run.namespace, labels: labelsOf(run) },
    spec: {
      completionMode: 'Indexed',
      completions: count,
      parallelism: count,
      // A second try would be a second measurement. Where a Job can say so per pod, a pod that fails leaves the
      // pods of the other nodes alone.
      ...(run.minorVersion >= PER_INDEX_SINCE
        ? { backoffLimitPerIndex: 0, maxFailedIndexes: count }
        : { backoffLimit: 0 }),
      activeDeadlineSeconds: run.limitSeconds + START_SECONDS + GRACE_SECONDS,
      ttlSecondsAfterFinished: KEPT_SECONDS,
      template: { metadata: { labels: labelsOf(run) }, spec: podSpec(job, run) },
    },
  };
}

function podSpec({ image, nodes }: ClusterJob, run: ClusterManifest): KubernetesObject {
  const volumes = volumesOf(run);
  return {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: GRACE_SECONDS,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    // The node's runtime is asked for containers whose processes bench looks at.
    ...(run.engine === 'cri' ? { hostPID: true } : {}),
    affinity: affinityOf(nodes),
    // Control planes and nodes with a taint of their own are measured too.
    tolerations: [{ operator: 'Exists' }],
    containers: [
      {
        name: 'bench',
        image,
        imagePullPolicy: 'IfNotPresent',
        args: [...run.args],
        workingDir: run.folder,
        env: [
          { name: 'BENCH_NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
          { name: 'TMPDIR', value: run.engine === 'cri' ? NODE_FOLDER : '/tmp' },
        ],
        // Room to schedule it, and no limit: a limit would be part of what is measured.
        resources: { requests: { cpu: '500m', memory: '256Mi' } },
        securityContext: { privileged: true, seccompProfile: { type: 'Unconfined' } },
        volumeMounts: volumes.map(({ mount }) => mount).flat(),
      },
    ],
    volumes: volumes.map(({ volume }) => volume),
  };
}

function affinityOf(nodes: readonly ClusterNode[]): KubernetesObject {
  return {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        // A term names one node: terms are alternatives, and `values` takes one name.
        nodeSelectorTerms: nodes.map(({ name }) => ({
          matchFields: [{ key: 'metadata.name', operator: 'In', values: [name] }],
        })),
      },
    },
    podAntiAffinity: {
      // Never two at once on a node, whoever started them.
      requiredDuringSchedulingIgnoredDuringExecution: [
        {
          topologyKey: 'kubernetes.io/hostname',
          labelSelector: { matchLabels: { 'app.kubernetes.io/name': NAME } },
          namespaceSelector: {},
        },
      ],
    },
  };
}

interface Volume {
  readonly volume: KubernetesObject;
  readonly mount: readonly KubernetesObject[];
}

function volumesOf(run: ClusterManifest): readonly Volume[] {
  const { engine, socket, files } = run;
  const kept: readonly Volume[] =
    files.length === 0
      ? []
      : [
          {
            volume: { name: 'files', configMap: { name: filesName(run), defaultMode: 0o444 } },
            mount: files.map(({ path }, index) => ({
              name: 'files',
              mountPath: path,
              subPath: `file-${index}`,
              readOnly: true,
            })),
          },
        ];
  if (engine === 'namespaces')
    return [{ volume: { name: 'tmp', emptyDir: {} }, mount: [{ name: 'tmp', mountPath: '/tmp' }] }, ...kept];
  return [
    {
      volume: { name: 'engine', hostPath: { path: socket, type: 'Socket' } },
      mount: [{ name: 'engine', mountPath: socket }],
    },
    {
      volume: { name: 'work', hostPath: { path: NODE_FOLDER, type: 'DirectoryOrCreate' } },
      mount: [{ name: 'work', mountPath: NODE_FOLDER }],
    },
    ...kept,
  ];
}
