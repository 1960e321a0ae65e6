import { join } from 'node:path';
import type { ArmSpec } from '../../model/container/container.js';
import type { PodSeccomp } from '../../model/container/pod.js';
import { isUnconfined } from '../../model/container/container.js';
import { isProgram } from '../../model/container/program.js';
import type { Inside } from '../../model/container/program.js';
import { RUN_VARIABLE } from '../../process/processes.js';
import { cgroupLimit, MASKED_PATHS, READONLY_PATHS, SCRATCH } from '../../model/container/containment.js';
import type { Containment } from '../../model/container/containment.js';
import { programOf } from '../oci/config.js';
import type { ContainerConfig, LinuxResources, PodSandboxConfig, SecurityProfile } from './api.js';

/** The label of everything a run makes; its value is the run's id. */
export const RUN_LABEL = 'seccomp-bench';
/** The label of one pod; its value is the container's id in this run. */
export const POD_LABEL = 'seccomp-bench-pod';

/** One pod with one container. */
export interface PodWish {
  readonly id: string;
  readonly runId: string;
  readonly arm: ArmSpec;
  /** File of the arm's spec; not there for an arm without one. */
  readonly profile: string;
  readonly podSeccomp: PodSeccomp;
  readonly image: string;
  readonly mode: Inside;
  /** Folder on this machine for the container's log. */
  readonly logs: string;
  /** An empty folder on this machine, for a program's /tmp. */
  readonly scratch: string;
  readonly containment: Containment;
}

/** A pod, as the calls that make it take it. */
export interface Pod {
  readonly id: string;
  readonly sandbox: PodSandboxConfig;
  readonly container: ContainerConfig;
  /** Of the container. */
  readonly log: string;
}

const RUNTIME_DEFAULT: SecurityProfile = { profileType: 'RuntimeDefault' };
const UNCONFINED: SecurityProfile = { profileType: 'Unconfined' };

/** The arm's filter as the interface names it. */
function profileOfArm({ arm, profile }: Pick<PodWish, 'arm' | 'profile'>): SecurityProfile {
  if (arm.given?.kind === 'runtimeDefault') return RUNTIME_DEFAULT;
  return isUnconfined(arm) ? UNCONFINED : { profileType: 'Localhost', localhostRef: profile };
}

function profileOfPod(wish: PodWish): SecurityProfile {
  switch (wish.podSeccomp) {
    case 'runtime-default':
      return RUNTIME_DEFAULT;
    case 'unconfined':
      return UNCONFINED;
    case 'arm':
      return profileOfArm(wish);
  }
}

/**
 * The pod and its container: the node's network, so that no CNI plugin is needed, and a read-only root, as with the
 * other engines.
 */
export function podOf(wish: PodWish): Pod {
  const { id, runId, image, mode, logs, scratch, containment } = wish;
  const { args, env, cwd, binds } = programOf(mode);
  const hasScratch = binds.every(({ target }) => target !== SCRATCH);
  const labels = { [RUN_LABEL]: runId, [POD_LABEL]: id };
  const namespaceOptions = { network: 'NODE', pid: 'CONTAINER', ipc: 'POD' } as const;
  const logPath = `${id}.log`;
  return {
    id,
    log: join(logs, logPath),
    sandbox: {
      metadata: { name: id, uid: id, namespace: RUN_LABEL },
      logDirectory: logs,
      labels,
      linux: { securityContext: { namespaceOptions, readonlyRootfs: true, seccomp: profileOfPod(wish) } },
    },
    container: {
      metadata: { name: 'payload' },
      image: { image },
      command: args,
      workingDir: cwd,
      envs: [...env, `${RUN_VARIABLE}=${runId}`].map(keyAndValue),
      mounts: isProgram(mode)
        ? [
            ...(hasScratch ? [{ containerPath: SCRATCH, hostPath: scratch, readonly: false }] : []),
            ...binds.map(({ source, target }) => ({ containerPath: target, hostPath: source, readonly: true })),
          ]
        : [],
      labels,
      logPath,
      linux: {
        resources: resourcesOf(containment),
        securityContext: {
          capabilities: {
            addCapabilities: containment.capabilities.map((capability) => capability.replace(/^CAP_/, '')),
            dropCapabilities: ['ALL'],
          },
          namespaceOptions,
          runAsUser: { value: 0 },
          runAsGroup: { value: 0 },
          readonlyRootfs: true,
          noNewPrivs: true,
          maskedPaths: MASKED_PATHS,
          readonlyPaths: READONLY_PATHS,
          seccomp: profileOfArm(wish),
        },
      },
    },
  };
}

/** CRI has no field for a number of processes, but takes any of cgroup version 2 by its name. */
function resourcesOf({ pids, memory }: Containment): LinuxResources {
  const [most, bytes] = [cgroupLimit(pids), cgroupLimit(memory)];
  return {
    ...(bytes === undefined ? {} : { memoryLimitInBytes: bytes }),
    ...(most === undefined ? {} : { unified: { 'pids.max': String(most) } }),
  };
}

function keyAndValue(entry: string): { readonly key: string; readonly value: Buffer } {
  const equals = entry.indexOf('=');
  return { key: entry.slice(0, equals), value: Buffer.from(entry.slice(equals + 1)) };
}
