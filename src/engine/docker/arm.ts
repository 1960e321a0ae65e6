import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from '../../errors.js';
import { RUN_VARIABLE } from '../../process/processes.js';
import type { ArmSpec } from '../../model/container/container.js';
import { isProgram } from '../../model/container/program.js';
import type { Inside } from '../../model/container/program.js';
import { cgroupLimit, SCRATCH } from '../../model/container/containment.js';
import type { Containment } from '../../model/container/containment.js';
import { programOf } from '../oci/config.js';
import { RUN_LABEL } from './daemon.js';
import type { ContainerOptions } from './daemon.js';

export type Flavour = 'docker' | 'podman';

/** An arm as it is passed to the daemon. */
export interface DaemonArm {
  readonly spec: ArmSpec;
  /** The value of `--security-opt`: the profile itself for Docker, its path for Podman. */
  readonly seccomp: string;
}

/** Writes the file Podman's service reads; Docker gets the text in the request. */
export function daemonArm(spec: ArmSpec, flavour: Flavour, folder: string): DaemonArm {
  if (spec.spec === null) return { spec, seccomp: 'seccomp=unconfined' };
  if (flavour === 'docker') return { spec, seccomp: `seccomp=${spec.text.trim()}` };
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${spec.name}.json`);
  writeFileSync(file, spec.text);
  chmodSync(file, 0o644);
  return { spec, seccomp: `seccomp=${file}` };
}

export interface ContainerWish {
  readonly image: string;
  readonly runId: string;
  readonly runtime: string | null;
  readonly mode: Inside;
  readonly flavour: Flavour;
  readonly containment: Containment;
}

/**
 * The same container as the config.json of the OCI engines describes: no network, a read-only root, Docker's
 * capabilities, no core files, no log except Podman's (see timed.ts).
 */
export function containerOptions(
  name: string,
  arm: DaemonArm,
  { image, runId, runtime, mode, flavour, containment }: ContainerWish,
): ContainerOptions {
  const { args, env, cwd, binds } = programOf(mode);
  const [pids, memory] = [cgroupLimit(containment.pids), cgroupLimit(containment.memory)];
  return {
    name,
    Image: image,
    Cmd: [],
    Entrypoint: [...args],
    Env: [...env, `${RUN_VARIABLE}=${runId}`],
    Hostname: 'bench',
    WorkingDir: cwd,
    User: '0:0',
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
    Labels: { [RUN_LABEL]: runId },
    HostConfig: {
      NetworkMode: 'none',
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      CapAdd: containment.capabilities.map((capability) => capability.replace(/^CAP_/, '')),
      ...(isProgram(mode)
        ? {
            Binds: binds.map(({ source, target }) => `${source}:${target}:ro`),
            ...(binds.some(({ target }) => target === SCRATCH) ? {} : { Tmpfs: { [SCRATCH]: '' } }),
          }
        : {}),
      SecurityOpt: ['no-new-privileges', arm.seccomp],
      LogConfig: { Type: flavour === 'docker' ? 'none' : 'k8s-file', Config: {} },
      Init: false,
      RestartPolicy: { Name: 'no' },
      // Podman adds its default limits to those it is given; they may be higher than this machine allows.
      ...(flavour === 'docker' ? { Ulimits: [{ Name: 'core', Soft: 0, Hard: 0 }] } : {}),
      // Podman limits the number of processes unless told otherwise, which needs the pids controller.
      ...(pids === undefined ? (flavour === 'podman' ? { PidsLimit: 0 } : {}) : { PidsLimit: pids }),
      ...(memory === undefined ? {} : { Memory: memory }),
      ...(runtime === null ? {} : { Runtime: runtime }),
    },
  };
}

/** Checks that the daemon uses the profile it was given. Throws `runFailed` where it uses another one. */
export function assertSeccomp(name: string, arm: DaemonArm, securityOpt: readonly string[] | null | undefined): void {
  const used = securityOpt?.find((option) => option.startsWith('seccomp'))?.replace(/^seccomp[:=]/, 'seccomp=');
  if (used === arm.seccomp) return;
  throw new BenchError(
    'runFailed',
    `container ${name} does not use the profile of arm ${arm.spec.name} (${fingerprint(arm.seccomp)}) but ` +
      (used === undefined ? 'none' : fingerprint(used)),
    {
      hint: 'Does a plugin or a proxy change what the daemon is asked for?',
    },
  );
}

const fingerprint = (option: string): string =>
  option === 'seccomp=unconfined'
    ? 'unconfined'
    : `sha256 ${createHash('sha256').update(option).digest('hex').slice(0, 12)}`;
