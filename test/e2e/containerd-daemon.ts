import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { has, memoryFolder, PATH, removeMemoryFolder } from './daemons.js';

/** A containerd of its own. */
interface RealContainerd {
  readonly socket: string;
  /** Ends it by its pid and removes all it made. */
  readonly stop: () => Promise<void>;
}

/** A private containerd with private folders, without CRI and without access to a registry; or why there is none. */
export async function startContainerd(): Promise<RealContainerd | { readonly missing: string }> {
  if (process.getuid?.() !== 0) return { missing: 'needs root' };
  const absent = ['containerd', 'ctr', 'runc'].find((program) => !has(program));
  if (absent !== undefined) return { missing: `${absent} is not installed` };
  const folder = memoryFolder('bd-');
  const [socket, config] = [join(folder, 'c.sock'), join(folder, 'config.toml')];
  writeFileSync(
    config,
    [
      'version = 2',
      `root = "${folder}/root"`,
      `state = "${folder}/state"`,
      'disabled_plugins = ["io.containerd.grpc.v1.cri"]',
      '[grpc]',
      `address = "${socket}"`,
      '',
    ].join('\n'),
  );
  const daemon = spawn('containerd', ['--config', config], {
    stdio: 'ignore',
    env: { ...process.env, TMPDIR: folder, PATH },
  });
  const ended = once(daemon, 'exit');
  for (let tries = 0; tries < 200 && !existsSync(socket); tries++) await sleep(50);
  const stop = async (): Promise<void> => {
    daemon.kill('SIGTERM');
    await ended;
    removeMemoryFolder(folder);
  };
  if (existsSync(socket)) return { socket, stop };
  await stop();
  return { missing: 'containerd does not start here' };
}
