import type { EngineChoice } from '../../model/container/container.js';
import type { Subject } from '../../model/host/checkup.js';
import type { PackageName } from './packages.js';

/** A daemon that makes the containers: where it listens, and how it is started. */
export interface DaemonEntry {
  /** For root; the first one there is counts. */
  readonly sockets: readonly string[];
  /** For an ordinary user, under XDG_RUNTIME_DIR, where the engine has daemons of users. */
  readonly userSocket?: string;
  /** The variable that names another place. */
  readonly variable?: string;
  /** Of systemd. */
  readonly unit: string;
  /** Script of /etc/init.d, where there is no systemd. */
  readonly script?: string;
  /** In a shell, where neither is there; `SOCKET` stands for the first socket. */
  readonly command: string;
}

export interface EngineEntry extends Subject {
  /** The first one found counts. */
  readonly programs: readonly string[];
  /** The one of them that only talks to the daemon. */
  readonly client?: string;
  /** Asked of the program for its version. */
  readonly versionArgs: readonly string[];
  readonly packages: PackageName;
  readonly daemon?: DaemonEntry;
  /** As `--engine` takes it, where one start shall be tried. */
  readonly tried?: EngineChoice;
  /** `--engine auto` may take it, in the order of the list. */
  readonly automatic?: true;
}

/** Every engine that is looked for. To have another one really tried, name what `--engine` calls it in `tried`. */
export const ENGINES: readonly EngineEntry[] = [
  {
    id: 'runc',
    title: 'runc',
    programs: ['runc'],
    versionArgs: ['--version'],
    packages: 'runc',
    tried: 'runc',
    automatic: true,
  },
  {
    id: 'crun',
    title: 'crun',
    programs: ['crun'],
    versionArgs: ['--version'],
    packages: 'crun',
    tried: 'crun',
    automatic: true,
  },
  {
    id: 'namespaces',
    title: 'namespaces',
    programs: ['unshare'],
    versionArgs: ['--version'],
    packages: 'util-linux',
    tried: 'namespaces',
    automatic: true,
  },
  {
    id: 'docker',
    title: 'Docker',
    programs: ['docker', 'dockerd'],
    client: 'docker',
    versionArgs: ['--version'],
    packages: { debian: 'docker.io', fedora: 'moby-engine', other: 'docker' },
    daemon: {
      sockets: ['/run/docker.sock', '/var/run/docker.sock'],
      variable: 'DOCKER_HOST',
      unit: 'docker',
      script: 'docker',
      command: 'dockerd &',
    },
  },
  {
    id: 'podman',
    title: 'Podman',
    programs: ['podman'],
    versionArgs: ['--version'],
    packages: 'podman',
    daemon: {
      sockets: ['/run/podman/podman.sock', '/var/run/podman/podman.sock'],
      userSocket: 'podman/podman.sock',
      variable: 'CONTAINER_HOST',
      unit: 'podman.socket',
      command: 'podman system service --time 0 unix://SOCKET &',
    },
  },
  { id: 'lxc', title: 'LXC', programs: ['lxc-execute'], versionArgs: ['--version'], packages: 'lxc' },
  {
    id: 'containerd',
    title: 'containerd',
    programs: ['ctr'],
    client: 'ctr',
    versionArgs: ['--version'],
    packages: 'containerd',
    daemon: {
      sockets: ['/run/containerd/containerd.sock'],
      variable: 'CONTAINERD_ADDRESS',
      unit: 'containerd',
      script: 'containerd',
      command: 'containerd &',
    },
  },
  {
    // Packaged by openEuler, where it is at home, and nowhere else.
    id: 'isulad',
    title: 'iSulad',
    programs: ['isula'],
    client: 'isula',
    versionArgs: ['--version'],
    packages: { fedora: 'iSulad', other: null },
    daemon: {
      sockets: ['/run/isulad.sock', '/var/run/isulad.sock'],
      variable: 'ISULAD_HOST',
      unit: 'isulad',
      command: 'isulad &',
    },
  },
  {
    id: 'gvisor',
    title: 'gVisor',
    programs: ['runsc'],
    versionArgs: ['--version'],
    packages: { debian: 'runsc', other: null },
  },
];
