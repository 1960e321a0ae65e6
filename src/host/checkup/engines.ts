import type { EngineChoice } from '../../model/container/container.js';
import type { Subject } from '../../model/host/checkup.js';
import type { PackageName } from './packages.js';

/** A daemon that creates containers: where it listens, and how to start it. */
export interface DaemonEntry {
  /** For root; the first that exists counts. */
  readonly sockets: readonly string[];
  /** Below XDG_RUNTIME_DIR, for the daemon of an ordinary user. */
  readonly userSocket?: string;
  /** Environment variable with another address. */
  readonly variable?: string;
  /** systemd's unit. */
  readonly unit: string;
  /** Script in /etc/init.d, for machines without systemd. */
  readonly script?: string;
  /** Shell command where neither exists; `SOCKET` stands for the first socket. */
  readonly command: string;
}

/** An engine that doctor looks for. */
export interface EngineEntry extends Subject {
  /** The first that is found counts. */
  readonly programs: readonly string[];
  /** The one of them that only talks to the daemon. */
  readonly client?: string;
  /** Arguments that make the program print its version. */
  readonly versionArgs: readonly string[];
  readonly packages: PackageName;
  readonly daemon?: DaemonEntry;
  /** The name for `--engine` with which one start is tried. */
  readonly tried: EngineChoice;
  /** The name for `--runtime`, where the engine needs one. */
  readonly runtime?: string;
  /** `--engine auto` considers it, in the order of the list. */
  readonly automatic?: true;
}

/** All engines that doctor looks for. */
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
    id: 'bwrap',
    title: 'bubblewrap',
    programs: ['bwrap'],
    versionArgs: ['--version'],
    packages: 'bubblewrap',
    tried: 'bwrap',
  },
  {
    id: 'docker',
    title: 'Docker',
    programs: ['docker', 'dockerd'],
    client: 'docker',
    versionArgs: ['--version'],
    packages: { debian: 'docker.io', fedora: 'moby-engine', other: 'docker' },
    tried: 'docker',
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
    tried: 'podman',
    daemon: {
      sockets: ['/run/podman/podman.sock', '/var/run/podman/podman.sock'],
      userSocket: 'podman/podman.sock',
      variable: 'CONTAINER_HOST',
      unit: 'podman.socket',
      command: 'podman system service --time 0 unix://SOCKET &',
    },
  },
  { id: 'lxc', title: 'LXC', programs: ['lxc-start'], versionArgs: ['--version'], packages: 'lxc', tried: 'lxc' },
  {
    id: 'containerd',
    title: 'containerd',
    programs: ['ctr'],
    client: 'ctr',
    versionArgs: ['--version'],
    packages: 'containerd',
    tried: 'containerd',
    daemon: {
      sockets: ['/run/containerd/containerd.sock'],
      variable: 'CONTAINERD_ADDRESS',
      unit: 'containerd',
      script: 'containerd',
      command: 'containerd &',
    },
  },
  {
    // Only openEuler has a package of it.
    id: 'isulad',
    title: 'iSulad',
    programs: ['isula'],
    client: 'isula',
    versionArgs: ['--version'],
    packages: { fedora: 'iSulad', other: null },
    tried: 'isulad',
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
    tried: 'oci',
    runtime: 'runsc',
  },
];
