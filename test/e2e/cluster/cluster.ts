import { randomBytes, randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { JobSpec, PodTemplate, Stored } from './objects.js';
import { runPod, type RunningPod } from './kubelet.js';

/** A made-up node; what is in it may be changed while the cluster runs. */
export interface StandInNode {
  readonly name: string;
  readonly arch: 'amd64' | 'arm64';
  readonly labels: Readonly<Record<string, string>>;
  /** Images that a pod can have there. */
  readonly images: Set<string>;
  isReady: boolean;
  isCordoned: boolean;
  /** Has no room for another pod. */
  isFull: boolean;
}

export const nodeNamed = (name: string, change: Partial<StandInNode> = {}): StandInNode => ({
  name,
  arch: 'amd64',
  labels: {},
  images: new Set(['bench:test']),
  isReady: true,
  isCordoned: false,
  isFull: false,
  ...change,
});

/**
 * The state of a cluster: objects, a Job controller, a scheduler and a kubelet per node, which runs the pods' commands
 * here.
 */
export class StandInCluster {
  readonly nodes = new Map<string, StandInNode>();
  readonly objects = new Map<string, Stored>();
  /** Emits `deleted` with the object. */
  readonly changes = new EventEmitter();
  readonly #running = new Map<string, RunningPod>();
  readonly #logs = new Map<string, string>();
  /** Of Pod Security, for a namespace without a label. */
  defaultLevel = 'privileged';
  version = 1;

  constructor() {
    this.changes.setMaxListeners(0);
  }

  key(resource: string, namespace: string | null, name: string): string {
    return `${resource}/${namespace ?? ''}/${name}`;
  }

  /** Objects of a resource, in one namespace or in all. */
  list(resource: string, namespace: string | null): readonly Stored[] {
    if (resource === 'nodes') return [...this.nodes.values()].map(nodeObject);
    const lead = namespace === null ? `${resource}/` : `${resource}/${namespace}/`;
    return [...this.objects].filter(([key]) => key.startsWith(lead)).map(([, object]) => object);
  }

  add(resource: string, object: Stored): void {
    const { metadata } = object;
    metadata.uid = randomUUID();
    metadata.resourceVersion = String((this.version += 1));
    metadata.creationTimestamp = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    this.objects.set(this.key(resource, metadata.namespace ?? null, metadata.name), object);
    if (resource === 'jobs') this.#makePods(object);
  }

  /** Of a pod that exists. */
  log(pod: Stored): string {
    const name = pod.metadata.name;
    return this.#running.get(name)?.log() ?? this.#logs.get(name) ?? '';
  }

  podsOn(node: string): readonly Stored[] {
    return this.list('pods', null).filter(({ spec }) => (spec as PodTemplate).nodeName === node);
  }

  /** As the kernel does where a container needs more memory than there is. */
  kill(node: string): void {
    for (const { metadata } of this.podsOn(node)) this.#running.get(metadata.name)?.kill();
  }

  /** Ends a Job as its controller does: its pods are told to end, and removed. */
  failJob(job: Stored, reason: string, message: string): void {
    job.status = { conditions: [{ type: 'Failed', status: 'True', reason, message }] };
    for (const pod of this.#podsOf(job)) if (this.#running.has(pod.metadata.name)) void this.removePod(pod);
  }

  async remove(resource: string, object: Stored): Promise<void> {
    object.metadata.deletionTimestamp = new Date().toISOString();
    const { name, namespace = null } = object.metadata;
    if (resource === 'pods') {
      await this.removePod(object);
      return;
    }
    if (resource === 'namespaces') {
      for (const inner of ['jobs', 'configmaps'])
        for (const one of this.list(inner, name)) await this.remove(inner, one);
      await Promise.all(this.list('pods', name).map((pod) => this.removePod(pod)));
    }
    if (resource === 'jobs') for (const pod of this.#podsOf(object)) void this.removePod(pod);
    this.#drop(resource, namespace, object);
  }

  async removePod(pod: Stored): Promise<void> {
    const { name, namespace = null } = pod.metadata;
    pod.metadata.deletionTimestamp = new Date().toISOString();
    const running = this.#running.get(name);
    running?.stop();
    await running?.end;
    this.#drop('pods', namespace, pod);
  }

  /** Ends all that runs. */
  async end(): Promise<void> {
    const running = [...this.#running.values()];
    for (const pod of running) pod.kill();
    await Promise.all(running.map(({ end }) => end));
  }

  #drop(resource: string, namespace: string | null, object: Stored): void {
    this.version += 1;
    this.objects.delete(this.key(resource, namespace, object.metadata.name));
    this.changes.emit('deleted', resource, object);
  }

  #podsOf(job: Stored): readonly Stored[] {
    return this.list('pods', job.metadata.namespace ?? null).filter(
      ({ metadata }) => metadata.labels?.['job-name'] === job.metadata.name,
    );
  }

  #makePods(job: Stored): void {
    const { completions, template } = job.spec as JobSpec;
    const { name, namespace = '' } = job.metadata;
    const level = this.#levelOf(namespace);
    for (let index = 0; index < completions; index += 1) {
      if (level !== 'privileged') {
        this.#event(
          job,
          `pods "${name}-${index}-xxxxx" is forbidden: violates PodSecurity "${level}:latest": privileged`,
        );
        continue;
      }
      this.add('pods', {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: {
          name: `${name}-${index}-${randomBytes(3).toString('hex').slice(0, 5)}`,
          namespace,
          labels: { ...template.metadata.labels, 'job-name': name, 'batch.kubernetes.io/job-name': name },
          annotations: { 'batch.kubernetes.io/job-completion-index': String(index) },
        },
        spec: structuredClone(template.spec),
        status: { phase: 'Pending' },
      });
    }
    this.schedule();
  }

  #levelOf(namespace: string): string {
    const { metadata } = this.objects.get(this.key('namespaces', null, namespace)) ?? {};
    return metadata?.labels?.['pod-security.kubernetes.io/enforce'] ?? this.defaultLevel;
  }

  #event(job: Stored, message: string): void {
    this.add('events', {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: {
        name: `${job.metadata.name}.${randomBytes(4).toString('hex')}`,
        namespace: job.metadata.namespace ?? '',
      },
      ...{ reason: 'FailedCreate', message, involvedObject: { kind: 'Job', name: job.metadata.name } },
    });
  }

  /** Places what waits, where a node of its affinity has room and no pod like it. */
  schedule(): void {
    for (const pod of this.list('pods', null)) {
      const spec = pod.spec as PodTemplate;
      if (spec.nodeName !== undefined || pod.metadata.deletionTimestamp !== undefined) continue;
      const terms = spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms;
      const named = new Set(terms.flatMap(({ matchFields: [field] }) => field?.values ?? []));
      const node = [...this.nodes.values()].find(
        (one) => named.has(one.name) && !one.isFull && !this.#isTaken(one, spec),
      );
      if (node === undefined) {
        const message = `0/${this.nodes.size} nodes are available: insufficient cpu or pod anti-affinity rules.`;
        const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message };
        pod.status = { phase: 'Pending', conditions: [condition] };
      } else {
        spec.nodeName = node.name;
        this.#start(pod, node);
      }
    }
  }

  /** Whether a pod that has not ended forbids another one; ended pods count no more. */
  #isTaken({ name }: StandInNode, { affinity }: PodTemplate): boolean {
    const [rule] = affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution;
    const wanted = Object.entries(rule?.labelSelector.matchLabels ?? {});
    return this.podsOn(name).some(
      ({ metadata, status }) =>
        !['Succeeded', 'Failed'].includes((status as { readonly phase: string }).phase) &&
        wanted.every(([label, value]) => metadata.labels?.[label] === value),
    );
  }

  #start(pod: Stored, node: StandInNode): void {
    const spec = pod.spec as PodTemplate;
    const [{ image }] = spec.containers;
    const waits = (reason: string, message: string): void => {
      const state = { waiting: { reason, message } };
      pod.status = { phase: 'Pending', containerStatuses: [{ name: 'bench', state }] };
    };
    if (!node.images.has(image)) {
      waits('ErrImagePull', `failed to pull and unpack image "${image}": not found`);
      return;
    }
    const name = spec.volumes.find(({ configMap }) => configMap !== undefined)?.configMap?.name ?? '';
    const files = this.objects.get(this.key('configmaps', pod.metadata.namespace ?? '', name))?.binaryData ?? {};
    const running = runPod(pod, files);
    if (typeof running === 'string') {
      waits('ContainerCreating', running);
      return;
    }
    this.#running.set(pod.metadata.name, running);
    pod.status = { phase: 'Running', containerStatuses: [{ name: 'bench', state: { running: {} } }] };
    void running.end.then((exitCode) => {
      this.#ended(pod, exitCode);
    });
  }

  #ended(pod: Stored, exitCode: number): void {
    const { name } = pod.metadata;
    this.#logs.set(name, this.#running.get(name)?.log() ?? '');
    this.#running.delete(name);
    const reason = exitCode === 0 ? 'Completed' : exitCode === 137 ? 'OOMKilled' : 'Error';
    const state = { terminated: { exitCode, reason } };
    pod.status = { phase: exitCode === 0 ? 'Succeeded' : 'Failed', containerStatuses: [{ name: 'bench', state }] };
    const job = this.list('jobs', null).find(({ metadata }) => metadata.name === pod.metadata.labels?.['job-name']);
    if (job !== undefined && pod.metadata.deletionTimestamp === undefined) this.#count(job, exitCode);
    this.schedule();
  }

  #count(job: Stored, exitCode: number): void {
    const spec = job.spec as JobSpec;
    if (exitCode !== 0 && spec.backoffLimit === 0)
      this.failJob(job, 'BackoffLimitExceeded', 'Job has reached the specified backoff limit');
    const phases = this.#podsOf(job).map(({ status }) => (status as { readonly phase: string }).phase);
    if (phases.every((phase) => phase === 'Succeeded'))
      job.status = { conditions: [{ type: 'Complete', status: 'True' }] };
    else if (phases.every((phase) => phase === 'Succeeded' || phase === 'Failed') && job.status === undefined)
      job.status = {
        conditions: [{ type: 'Failed', status: 'True', reason: 'FailedIndexes', message: 'Job has failed indexes' }],
      };
  }
}

const nodeObject = ({ name, arch, labels, isReady, isCordoned }: StandInNode): Stored => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name,
    labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/arch': arch, ...labels },
    uid: `uid-${name}`,
  },
  spec: isCordoned ? { unschedulable: true } : {},
  status: {
    nodeInfo: { architecture: arch, operatingSystem: 'linux' },
    conditions: [
      isReady
        ? { type: 'Ready', status: 'True', reason: 'KubeletReady' }
        : {
            type: 'Ready',
            status: 'Unknown',
            reason: 'NodeStatusUnknown',
            message: 'Kubelet stopped posting node status.',
          },
    ],
  },
});
