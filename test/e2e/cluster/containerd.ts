import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { memoryFolder, PATH, removeMemoryFolder } from '../daemons.js';

/** A containerd as nodes have it, with the CRI plugin, private folders and no access to a registry. */
export interface NodeContainerd extends AsyncDisposable {
  readonly socket: string;
  /** Ids of the containers that CRI keeps. */
  readonly containers: () => readonly string[];
}

const LIMIT_MS = 30_000;
const POLL_MS = 100;

/** Or why there is none here; either is to be disposed of. */
export async function startContainerd(): Promise<NodeContainerd | ({ readonly missing: string } & AsyncDisposable)> {
  // Not below /tmp: a socket's path is short, and a pod may have a /tmp of its own.
  const folder = memoryFolder('bench-ctd-', '/var/tmp');
  const socket = join(folder, 'c.sock');
  const config = [
    `version = 2\nroot = "${folder}/root"\nstate = "${folder}/state"\n[grpc]\naddress = "${socket}"`,
    '[plugins."io.containerd.grpc.v1.cri"]\nrestrict_oom_score_adj = true\ndisable_cgroup = true',
    `[plugins."io.containerd.grpc.v1.cri".cni]\nconf_dir = "${folder}/cni"`,
    `[plugins."io.containerd.internal.v1.opt"]\npath = "${folder}/opt"\n`,
  ].join('\n');
  writeFileSync(join(folder, 'config.toml'), config);
  const daemon = spawn('containerd', ['--config', join(folder, 'config.toml')], {
    stdio: 'ignore',
    env: { ...process.env, PATH, TMPDIR: folder },
  });
  const ended = once(daemon, 'exit');
  const ctr = (...args: readonly string[]): string =>
    spawnSync('ctr', ['--address', socket, '--namespace', 'k8s.io', ...args], {
      encoding: 'utf8',
      env: { ...process.env, PATH },
    }).stdout;
  const dispose = async (): Promise<void> => {
    daemon.kill('SIGTERM');
    await ended;
    removeMemoryFolder(folder);
  };
  for (let waitedMs = 0; !existsSync(socket) && waitedMs < LIMIT_MS; waitedMs += POLL_MS) await sleep(POLL_MS);
  if (!existsSync(socket)) return { missing: 'containerd does not start here', [Symbol.asyncDispose]: dispose };
  return {
    socket,
    containers: () => ctr('containers', 'list', '--quiet').split('\n').filter(Boolean),
    [Symbol.asyncDispose]: dispose,
  };
}
