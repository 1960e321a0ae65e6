import type { FleetNode } from '../../model/host/fleet.js';
import { machineNamed } from '../docker/machines.js';
import type { ConditionAnswer, ContainerStateAnswer, JobAnswer, NodeAnswer, PodAnswer } from './answers.js';

export interface ClusterNode extends FleetNode {
  /** The architecture in Kubernetes' words: `amd64`. */
  readonly arch: string;
  readonly os: string;
  readonly isReady: boolean;
  /** What the node says of itself where it is not ready; may be empty. */
  readonly words: string;
  /** Taken out of service by `kubectl cordon`. */
  readonly isCordoned: boolean;
}

/** What bench needs to know of a pod of its Job. */
export interface ClusterPod {
  readonly id: string;
  readonly name: string;
  /** Of the Job that made it. */
  readonly job: string;
  /** Absent until the scheduler has found one. */
  readonly node?: string;
  readonly state: PodState;
}

export type PodState =
  /** Neither placed nor refused yet, or its container is being made. */
  | { readonly kind: 'waiting'; readonly words: string }
  /** The scheduler finds no node for it. */
  | { readonly kind: 'unschedulable'; readonly words: string }
  /** Its container cannot be made: its image is missing, or refused. */
  | { readonly kind: 'stuck'; readonly words: string }
  | { readonly kind: 'running' }
  /** `exitCode` is null where no container of it ended by itself. */
  | {
      readonly kind: 'ended';
      readonly exitCode: number | null;
      /** Whether it may have written a log. */
      readonly hadContainer: boolean;
      readonly words: string;
    };

/** A Job that has failed, in the Job controller's words. */
export interface FailedJob {
  readonly name: string;
  readonly words: string;
}

/** Reasons of the kubelet that do not pass by waiting (kubelet/images/types.go, kuberuntime). */
const STUCK = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
  'SignatureValidationFailed',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
]);

export function nodeOf({ metadata, spec, status }: NodeAnswer): ClusterNode {
  const { architecture = 'unknown', operatingSystem = 'linux' } = status?.nodeInfo ?? {};
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return {
    id: metadata.uid ?? metadata.name,
    name: metadata.name,
    machine: machineNamed(architecture),
    arch: architecture,
    os: operatingSystem,
    isReady: ready?.status === 'True',
    words: ready?.status === 'True' ? '' : wordsOf(ready),
    isCordoned: spec?.unschedulable === true,
  };
}

export function podOf(pod: PodAnswer): ClusterPod {
  const { metadata, spec } = pod;
  return {
    id: metadata.uid ?? metadata.name,
    name: metadata.name,
    // The name with a prefix is newer (1.27).
    job: metadata.labels?.['batch.kubernetes.io/job-name'] ?? metadata.labels?.['job-name'] ?? '',
    ...(spec?.nodeName === undefined ? {} : { node: spec.nodeName }),
    state: stateOf(pod),
  };
}

function stateOf({ status = {} }: PodAnswer): PodState {
  const { phase = '', containerStatuses = [], conditions = [] } = status;
  const { terminated, running, waiting } = containerStatuses[0]?.state ?? {};
  if (['Succeeded', 'Failed'].includes(phase) || terminated !== undefined) return endOf(terminated, wordsOf(status));
  if (running !== undefined) return { kind: 'running' };
  const unplaced = conditions.find(({ type, status: is }) => type === 'PodScheduled' && is === 'False');
  if (unplaced !== undefined) return { kind: 'unschedulable', words: wordsOf(unplaced) };
  return { kind: STUCK.has(waiting?.reason ?? '') ? 'stuck' : 'waiting', words: wordsOf(waiting) };
}

function endOf(terminated: ContainerStateAnswer['terminated'], own: string): PodState {
  const { exitCode = null } = terminated ?? {};
  const said = [own, exitCode === 0 ? '' : wordsOf(terminated)].filter(Boolean).join('; ');
  const code = exitCode === null || exitCode === 0 ? '' : `exit code ${exitCode}`;
  const hadContainer = terminated !== undefined;
  return { kind: 'ended', exitCode, hadContainer, words: [code, said].filter(Boolean).join(': ') };
}

/** Jobs that have failed. */
export const failuresOf = (jobs: readonly JobAnswer[]): readonly FailedJob[] =>
  jobs.flatMap(({ metadata, status }) => {
    const failed = status?.conditions?.find(({ type, status: is }) => type === 'Failed' && is === 'True');
    return failed === undefined ? [] : [{ name: metadata.name, words: wordsOf(failed) }];
  });

/** `Evicted: The node was low on resource: memory.` */
const wordsOf = (from: Partial<Pick<ConditionAnswer, 'reason' | 'message'>> | undefined): string =>
  [from?.reason, from?.message].filter((part) => part !== undefined && part !== '').join(': ');
