import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import { rulesText } from '../../src/filter/index.js';
import type { SeccompSpec } from '../../src/model/profile/seccomp.js';
import { nativePrograms, needCommand } from '../unit/payload/machine.js';

/** A container whose payload sleeps. */
export interface Sleeping extends AsyncDisposable {
  readonly pid: number;
}

/** Skips the test where this process may not make namespaces or read filters. */
export function needRoot(ctx: TestContext): void {
  if (process.getuid?.() !== 0) ctx.skip('reading a loaded filter needs root');
  if (!/^\s*0\s+0\s+4294967295$/m.test(readFileSync('/proc/self/uid_map', 'utf8')))
    ctx.skip('reading a loaded filter needs root of the first user namespace');
  if (!/^Seccomp:\s+0$/m.test(readFileSync('/proc/self/status', 'utf8')))
    ctx.skip('a process that is filtered itself cannot read filters');
  const tried = spawnSync('unshare', ['--mount', '--pid', '--net', '--fork', 'true'], { encoding: 'utf8' });
  if (tried.status !== 0) ctx.skip(`namespaces cannot be made here: ${tried.stderr.trim()}`);
}

async function untilReady(child: ChildProcess): Promise<void> {
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`ended with ${String(code ?? signal)}: ${errors}`);
  });
  // Ends later, by our hand.
  ended.catch(() => undefined);
  if (child.stdout !== null) await Promise.race([once(child.stdout, 'data'), ended]);
}

/** `rootfs` as writeRootfs makes it. */
export async function inNamespaces(ctx: TestContext, rootfs: string, spec: SeccompSpec | null): Promise<Sleeping> {
  const rules = join(rootfs, '../rules');
  writeFileSync(rules, rulesText(spec));
  const child = spawn(
    nativePrograms(ctx).bpfBuild,
    [
      rules,
      '--',
      'unshare',
      '--mount',
      '--uts',
      '--ipc',
      '--net',
      '--pid',
      '--fork',
      '--kill-child',
      `--root=${rootfs}`,
      '/loader',
      '{fd}',
      '/payload',
      'sleep',
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  await untilReady(child);
  const inner = Number(readFileSync(`/proc/${child.pid ?? 0}/task/${child.pid ?? 0}/children`, 'utf8'));
  const dispose = async (): Promise<void> => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return { pid: inner, [Symbol.asyncDispose]: dispose };
}

/**
 * A hybrid host (cgroup v1 with the v2 tree beside it) is refused by some crun versions: it gets a mount namespace
 * without the v2 tree.
 */
function commandOf(runtime: string, args: readonly string[]): readonly [string, readonly string[]] {
  const hybrid = runtime === 'crun' && existsSync('/sys/fs/cgroup/unified');
  return hybrid
    ? ['unshare', ['-m', 'sh', '-c', 'umount /sys/fs/cgroup/unified && exec "$0" "$@"', runtime, ...args]]
    : [runtime, args];
}

/**
 * Runs the payload in an OCI runtime; skips the test where the runtime is missing or cannot even run a container
 * without seccomp.
 */
export async function inRuntime(
  ctx: TestContext,
  runtime: string,
  rootfs: string,
  seccomp: SeccompSpec | null,
): Promise<Sleeping> {
  needCommand(ctx, runtime);
  const bundle = join(rootfs, '..', `bundle-${runtime}`);
  const write = (args: readonly string[], spec: SeccompSpec | null): void => {
    mkdirSync(bundle, { recursive: true });
    writeFileSync(join(bundle, 'config.json'), JSON.stringify(configOf(rootfs, args, spec)));
  };
  const id = `seccomp-bench-test-${process.pid}-${runtime}`;
  const root = join(rootfs, '..', `state-${runtime}`);
  write(['/payload'], null);
  const [file, args] = commandOf(runtime, ['--root', root, 'run', '--bundle', bundle, `${id}-trial`]);
  const trial = spawnSync(file, args, { encoding: 'utf8' });
  if (trial.stdout !== 'ok\n') ctx.skip(`${runtime} cannot run a container here: ${trial.stderr.trim()}`);
  write(['/payload', 'sleep'], seccomp);
  return started(runtime, ['--root', root], bundle, id);
}

async function started(runtime: string, options: readonly string[], bundle: string, id: string): Promise<Sleeping> {
  const pidFile = join(bundle, 'pid');
  // Of an earlier container.
  rmSync(pidFile, { force: true });
  const [file, args] = commandOf(runtime, [...options, 'run', '--bundle', bundle, '--pid-file', pidFile, id]);
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  await untilReady(child);
  // Some runtimes write it only after the payload runs.
  while (!existsSync(pidFile) || readFileSync(pidFile, 'utf8') === '')
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  const dispose = async (): Promise<void> => {
    const [killer, killArgs] = commandOf(runtime, [...options, 'kill', id, 'KILL']);
    const exit = once(child, 'exit');
    spawnSync(killer, killArgs);
    await exit;
  };
  return { pid: Number(readFileSync(pidFile, 'utf8')), [Symbol.asyncDispose]: dispose };
}

function configOf(rootfs: string, args: readonly string[], seccomp: SeccompSpec | null): object {
  return {
    ociVersion: '1.0.2',
    root: { path: rootfs, readonly: true },
    process: { args, cwd: '/', env: [], user: { uid: 0, gid: 0 }, noNewPrivileges: true },
    mounts: [{ destination: '/proc', type: 'proc', source: 'proc' }],
    linux: {
      namespaces: ['pid', 'ipc', 'uts', 'mount', 'network'].map((type) => ({ type })),
      ...(seccomp === null ? {} : { seccomp }),
    },
  };
}
