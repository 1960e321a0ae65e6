import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { childrenOf, killProcess } from '../../../src/process/processes.js';
import { CLI } from '../bench.js';
import { PATH } from '../daemons.js';
import type { Container, PodTemplate, Stored } from './objects.js';

/** A pod's container as processes of this machine, in mount, pid and host name namespaces of their own. */
export interface RunningPod {
  readonly log: () => string;
  /** SIGTERM, and SIGKILL after the pod's grace. */
  readonly stop: () => void;
  readonly kill: () => void;
  readonly end: Promise<number>;
}

/** $1 host name, $2 working folder, then pairs of source and target until --, then the command. */
const IN_POD = [
  'hostname "$1" && cwd=$2 && shift 2',
  'while [ "$1" != -- ]; do',
  '  if [ -d "$1" ]; then mkdir -p "$2"; else mkdir -p "$(dirname "$2")" && touch "$2"; fi',
  '  mount --bind "$1" "$2" && shift 2 || exit 125',
  'done',
  'shift && mkdir -p "$cwd" && cd "$cwd" && exec "$@"',
].join('\n');

/** Whether this machine can run them. */
export const podPrograms = ['unshare', 'mount', 'hostname'] as const;

/**
 * Runs a pod's container with this machine's own root and the built bench as its image. Gives why it cannot: a
 * socket of the node that is missing.
 */
export function runPod(pod: Stored, files: Readonly<Record<string, string>>): RunningPod | string {
  const spec = pod.spec as PodTemplate;
  const [container] = spec.containers;
  for (const { hostPath } of spec.volumes)
    if (hostPath?.type === 'Socket' && statSync(hostPath.path, { throwIfNoEntry: false })?.isSocket() !== true)
      return `MountVolume.SetUp failed: hostPath type check failed: ${hostPath.path} is not a socket file`;
  // Not below /tmp, which the pod's own covers.
  const folder = mkdtempSync('/var/tmp/bench-pod-');
  // The image: where this repository is below /tmp, the pod's own /tmp covers it.
  const image = join(folder, 'image');
  const binds = [dirname(dirname(CLI)), image, ...bindsOf(spec, container, folder, files)];
  // With hostPID the pod sees the processes of its node.
  const namespaces = spec.hostPID === true ? [] : ['--pid', '--mount-proc'];
  const child = spawn(
    'unshare',
    [
      ...['--mount', '--uts', '--fork', '--kill-child=KILL', ...namespaces],
      ...['sh', '-c', IN_POD, 'sh', pod.metadata.name, container.workingDir, ...binds, '--'],
      ...[process.execPath, join(image, 'dist/cli.js'), ...container.args],
    ],
    { env: { PATH, HOME: '/root', ...environment(container, spec) }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  return watched(child, folder, (spec.terminationGracePeriodSeconds ?? 30) * 1000);
}

function watched(child: ChildProcess, folder: string, graceMs: number): RunningPod {
  let log = '';
  let isKilled = false;
  const add = (chunk: Buffer): void => {
    log += chunk.toString();
  };
  child.stdout?.on('data', add);
  child.stderr?.on('data', add);
  const end = new Promise<number>((resolve) => {
    child.on('close', (code) => {
      rmSync(folder, { recursive: true, force: true });
      // unshare does not always pass the signal on.
      resolve(isKilled ? 137 : (code ?? 137));
    });
  });
  const signal = (name: NodeJS.Signals): void => {
    if (child.pid === undefined) return;
    isKilled ||= name === 'SIGKILL';
    for (const pid of childrenOf(child.pid)) {
      if (name === 'SIGKILL') killProcess(pid);
      else process.kill(pid, name);
    }
  };
  return {
    log: () => log,
    end,
    kill: () => {
      signal('SIGKILL');
    },
    stop: () => {
      signal('SIGTERM');
      const timer = setTimeout(() => {
        signal('SIGKILL');
      }, graceMs);
      void end.then(() => {
        clearTimeout(timer);
      });
    },
  };
}

/** Pairs of source and target, an emptyDir before the files in it. */
function bindsOf(
  { volumes }: PodTemplate,
  { volumeMounts }: Container,
  folder: string,
  files: Readonly<Record<string, string>>,
): readonly string[] {
  const sourceOf = (name: string, subPath: string | undefined): string => {
    const volume = volumes.find((one) => one.name === name);
    if (volume?.hostPath !== undefined) {
      const { path, type } = volume.hostPath;
      if (type === 'DirectoryOrCreate') mkdirSync(path, { recursive: true });
      return path;
    }
    const source = join(folder, `${name}-${subPath ?? ''}`);
    if (volume?.emptyDir !== undefined) mkdirSync(source);
    else writeFileSync(source, Buffer.from(files[subPath ?? ''] ?? '', 'base64'));
    return source;
  };
  return [...volumeMounts]
    .sort((a, b) => a.mountPath.length - b.mountPath.length)
    .flatMap(({ name, mountPath, subPath }) => [sourceOf(name, subPath), mountPath]);
}

function environment({ env }: Container, { nodeName = '' }: PodTemplate): Readonly<Record<string, string>> {
  return Object.fromEntries(
    env.map(({ name, value = '', valueFrom }) => [
      name,
      valueFrom?.fieldRef.fieldPath === 'spec.nodeName' ? nodeName : value,
    ]),
  );
}
