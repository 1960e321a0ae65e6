import { join } from 'node:path';
import type { ArmSpec } from '../../model/container/container.js';
import { cgroupLimit, MASKED_PATHS, READONLY_PATHS, SCRATCH } from '../../model/container/containment.js';
import type { Containment } from '../../model/container/containment.js';
import type { PayloadMode, BindMount, ContainerProgram, Inside } from '../../model/container/program.js';
import { isProgram } from '../../model/container/program.js';
import { mountsBelow } from '../program-root.js';

const SECCOMP_PLACE = '"seccomp-goes-here"';
/**
 * In place of linux.seccomp, which need not be there, crun 0.18 and newer loads the filter in this annotation, base64
 * (libcrun's container.c and seccomp.c). Without linux.seccomp it sets SECCOMP_FILTER_FLAG_SPEC_ALLOW, as it does for a
 * spec without flags.
 */
export const RAW_FILTER_ANNOTATION = 'run.oci.seccomp_bpf_data';

export interface ConfigOptions {
  readonly rootfs: string;
  readonly mode: Inside;
  readonly env: readonly string[];
  /** Ids mapped into a user namespace; `null` for root. */
  readonly rootless: { readonly uid: number; readonly gid: number } | null;
  readonly containment: Containment;
}

/**
 * The OCI runtime configuration (config.json) of an arm. It contains the spec's text byte for byte, so 64-bit
 * integers stay exact.
 */
export function ociConfig(arm: ArmSpec, options: ConfigOptions): string {
  const inside = programOf(options.mode);
  const filter = filterIn(arm);
  const seccomp = filter === undefined ? arm.text.trim() : frameOf(arm);
  const config = {
    ociVersion: '1.0.2',
    ...(filter === undefined ? {} : { annotations: { [RAW_FILTER_ANNOTATION]: filter } }),
    process: ociProcess(inside, options.env, options.containment),
    root: { path: inside.rootfs ?? options.rootfs, readonly: true },
    hostname: 'bench',
    mounts: [
      ...mounts(options.rootless !== null),
      ...(isProgram(options.mode) ? [scratch(), ...inside.binds.flatMap(bind)] : []),
    ],
    linux: {
      ...(options.rootless === null
        ? { resources: { devices: [{ allow: false, access: 'rwm' }], ...limits(options.containment) } }
        : idMappings(options.rootless)),
      namespaces: [
        'pid',
        // A runtime leaves a container without one in the network that the runtime itself was started in.
        ...(inside.network === 'joined' ? [] : ['network']),
        'ipc',
        'uts',
        'mount',
        ...(options.rootless === null ? [] : ['user']),
      ].map((type) => ({ type })),
      maskedPaths: MASKED_PATHS,
      readonlyPaths: READONLY_PATHS,
      ...(arm.spec === null || seccomp === undefined ? {} : { seccomp: 'seccomp-goes-here' }),
    },
  };
  return JSON.stringify(config).replace(SECCOMP_PLACE, () => seccomp ?? 'null');
}

/** The filter that a runtime gets instead of a spec, in base64. */
function filterIn({ given, text, prebuilt }: ArmSpec): string | undefined {
  if (given?.kind === 'raw') return text;
  return prebuilt === undefined ? undefined : Buffer.from(prebuilt).toString('base64');
}

/**
 * What of a spec is not in its filter: flags and listener, which crun takes from linux.seccomp with the annotation too.
 * `undefined`: the spec has neither.
 */
function frameOf({ spec }: ArmSpec): string | undefined {
  if (spec === null) return undefined;
  const { defaultAction, flags = [], listenerPath, listenerMetadata } = spec;
  if (flags.length === 0 && listenerPath === undefined) return undefined;
  return JSON.stringify({
    defaultAction,
    ...(flags.length === 0 ? {} : { flags }),
    ...(listenerPath === undefined ? {} : { listenerPath }),
    ...(listenerMetadata === undefined ? {} : { listenerMetadata }),
  });
}

/** The `process` of a configuration, which `RUNTIME exec` also takes. */
export function ociProcess(
  inside: Pick<ContainerProgram, 'args' | 'env' | 'cwd'>,
  env: readonly string[],
  { capabilities, pids }: Pick<Containment, 'capabilities' | 'pids'>,
): object {
  return {
    terminal: false,
    user: { uid: 0, gid: 0 },
    args: inside.args,
    env: [...inside.env, ...env],
    cwd: inside.cwd,
    capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
    rlimits: [
      // A probe that the filter kills must leave no core file.
      { type: 'RLIMIT_CORE', hard: 0, soft: 0 },
      ...(pids.kind === 'rlimit' ? [{ type: 'RLIMIT_NPROC', hard: pids.most, soft: pids.most }] : []),
    ],
    noNewPrivileges: true,
  };
}

/** The limits of its cgroups. */
function limits({ pids, memory }: Containment): object {
  const [most, bytes] = [cgroupLimit(pids), cgroupLimit(memory)];
  return {
    ...(most === undefined ? {} : { pids: { limit: most } }),
    ...(bytes === undefined ? {} : { memory: { limit: bytes } }),
  };
}

/** The payload seen as a program. */
export function programOf(
  mode: Inside,
): Pick<ContainerProgram, 'args' | 'env' | 'cwd' | 'rootfs' | 'binds' | 'network'> {
  return isProgram(mode) ? mode : { args: payloadArgs(mode), env: ['PATH=/'], cwd: '/', binds: [] };
}

/** argv inside the container. */
export function payloadArgs(mode: PayloadMode): string[] {
  switch (mode) {
    case 'exit':
      return ['/payload'];
    case 'stamp':
    case 'sleep':
    case 'seccomp':
      return ['/payload', mode];
    case 'probe32':
      return ['/probe32'];
  }
}

function idMappings({ uid, gid }: { readonly uid: number; readonly gid: number }): object {
  return {
    uidMappings: [{ containerID: 0, hostID: uid, size: 1 }],
    gidMappings: [{ containerID: 0, hostID: gid, size: 1 }],
  };
}

/** "ro" holds for the first mount alone, so what is mounted below the source is bound over itself. */
const bind = ({ source, target }: BindMount): readonly object[] =>
  ['', ...mountsBelow(source)].map((below) => ({
    destination: join(target, below),
    type: 'bind',
    source: join(source, below),
    options: ['rbind', 'ro', 'nosuid', 'nodev'],
  }));

const scratch = (): object => ({
  destination: SCRATCH,
  type: 'tmpfs',
  source: 'tmpfs',
  options: ['nosuid', 'nodev', 'mode=1777'],
});

/**
 * The mounts that `runc spec` writes, without the cgroup one. Group 5 (tty) is not mapped in a rootless container.
 */
function mounts(rootless: boolean): object[] {
  const mount = (destination: string, type: string, options: readonly string[], source = type): object => ({
    destination,
    type,
    source,
    options,
  });
  const quiet = ['nosuid', 'noexec', 'nodev'];
  return [
    mount('/proc', 'proc', []),
    mount('/dev', 'tmpfs', ['nosuid', 'strictatime', 'mode=755', 'size=65536k']),
    mount('/dev/pts', 'devpts', [
      'nosuid',
      'noexec',
      'newinstance',
      'ptmxmode=0666',
      'mode=0620',
      ...(rootless ? [] : ['gid=5']),
    ]),
    mount('/dev/shm', 'tmpfs', [...quiet, 'mode=1777', 'size=65536k'], 'shm'),
    mount('/dev/mqueue', 'mqueue', quiet),
    mount('/sys', 'sysfs', [...quiet, 'ro']),
  ];
}
