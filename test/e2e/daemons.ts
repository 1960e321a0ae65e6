import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { argvOf, killProcess } from '../../src/process/processes.js';

const START_LIMIT_MS = 60_000;
export const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;

/** Whether a program is installed. */
export const has = (program: string): boolean =>
  spawnSync('sh', ['-c', `command -v ${program}`], { env: { ...process.env, PATH } }).status === 0;

/** How the runtime of an exec comes to its filter, which only a trace shows. */
export const seenWhereTraced = (kind: 'built' | 'stored'): string => (has('strace') ? kind : 'notSeen');

/** A daemon's images and containers are some hundred MB at most. */
const ENOUGH_MEMORY = 4e9;

/**
 * A folder for what a daemon keeps, in memory where root can mount that: daemons wait for the disk at every step of a
 * container. With a short name, because a socket's path has room for 107 bytes.
 */
export function memoryFolder(prefix: string, parent = tmpdir()): string {
  const folder = mkdtempSync(join(parent, prefix));
  if (process.getuid?.() === 0 && freemem() > ENOUGH_MEMORY)
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'mode=0700', 'tmpfs', folder], { env: { ...process.env, PATH } });
  return folder;
}

/** With what is still mounted below it. */
export function removeMemoryFolder(folder: string): void {
  for (const mount of mountsUnder(folder)) spawnSync('umount', ['-l', mount], { env: { ...process.env, PATH } });
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

/** A loopback port that is free now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
      .on('error', reject)
      .listen(0, '127.0.0.1', () => {
        const address = server.address();
        server.close(() => {
          resolve(typeof address === 'object' && address !== null ? address.port : 0);
        });
      });
  });
}

/** A real daemon on a private socket, with everything it keeps in its own folder. */
export interface RealDaemon {
  readonly engine: 'docker' | 'podman';
  /** unix:///... */
  readonly host: string;
  /** Starts it once more, where it was killed. */
  readonly again: () => Promise<void>;
  /** Ends it by its pid and removes all it made. */
  readonly stop: () => Promise<void>;
}

/** Or why there is none here. */
export type DaemonHere = RealDaemon | { readonly missing: string };

/** Debian's dockerd, without bridge and firewall rules; `more` are arguments, such as further places to listen at. */
export function startDocker(...more: readonly string[]): Promise<DaemonHere> {
  return start('docker', ['dockerd', 'containerd', 'runc'], (folder) => ({
    file: 'dockerd',
    env: {},
    args: [
      '--bridge=none',
      '--iptables=false',
      '--ip6tables=false',
      '--data-root',
      join(folder, 'data'),
      '--exec-root',
      join(folder, 'exec'),
      '-p',
      join(folder, 'pid'),
      '-H',
      `unix://${join(folder, 'S')}`,
      ...more,
    ],
  }));
}

/** Podman's service with its own storage; runc, because Debian's crun refuses hosts with both kinds of cgroups. */
export function startPodman(runtime = 'runc'): Promise<DaemonHere> {
  return start('podman', ['podman', runtime, 'conmon'], (folder) => {
    // Its default limits need CAP_SYS_RESOURCE.
    writeFileSync(
      join(folder, 'containers.conf'),
      '[containers]\ndefault_ulimits = []\npids_limit = 0\n[engine]\nevents_logger = "none"\n',
    );
    writeFileSync(
      join(folder, 'storage.conf'),
      `[storage]\ndriver = "vfs"\nrunroot = "${join(folder, 'run')}"\ngraphroot = "${join(folder, 'graph')}"\n`,
    );
    const env = {
      CONTAINERS_CONF: join(folder, 'containers.conf'),
      CONTAINERS_STORAGE_CONF: join(folder, 'storage.conf'),
    };
    return {
      file: 'podman',
      env,
      args: [
        '--runtime',
        whereIs(runtime),
        '--tmpdir',
        join(folder, 'tmp'),
        'system',
        'service',
        '--time',
        '0',
        `unix://${join(folder, 'S')}`,
      ],
    };
  });
}

const whereIs = (program: string): string =>
  spawnSync('sh', ['-c', `command -v ${program}`], { env: { ...process.env, PATH }, encoding: 'utf8' }).stdout.trim();

interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

async function start(
  engine: RealDaemon['engine'],
  programs: readonly string[],
  commandIn: (folder: string) => Command,
): Promise<DaemonHere> {
  if (process.getuid?.() !== 0) return { missing: 'needs root' };
  const absent = programs.find((program) => !has(program));
  if (absent !== undefined) return { missing: `${absent} is not installed` };
  const folder = memoryFolder('bd-');
  const socket = join(folder, 'S');
  const command = commandIn(folder);
  let child = spawnIn(folder, command);
  const stop = (): Promise<void> => endDaemon(child, folder);
  const again = async (): Promise<void> => {
    // Of one that was killed, which would not be replaced.
    for (const name of ['S', 'pid']) rmSync(join(folder, name), { force: true });
    child = spawnIn(folder, command);
    if (!(await waitForAnswer(child, socket))) throw new Error(wordsIn(folder));
  };
  if (await waitForAnswer(child, socket)) return { engine, host: `unix://${socket}`, again, stop };
  const words = wordsIn(folder);
  await stop();
  return { missing: `${command.file} does not start here: ${words}` };
}

/** A file, not a pipe: nobody reads while a test waits for bench, and a daemon that cannot log stands still. */
function spawnIn(folder: string, { file, args, env }: Command): ChildProcess {
  const log = openSync(join(folder, 'log'), 'w');
  const child = spawn(file, [...args], {
    env: { ...process.env, TMPDIR: folder, ...env, PATH },
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  child.on('error', () => undefined);
  return child;
}

const wordsIn = (folder: string): string => readFileSync(join(folder, 'log'), 'utf8').trim().split('\n').at(-1) ?? '';

/** Whether the daemon answers on its socket, in a minute. */
export async function waitForAnswer(child: ChildProcess, socket: string): Promise<boolean> {
  for (
    let waitedMs = 0;
    waitedMs < START_LIMIT_MS && child.exitCode === null && child.pid !== undefined;
    waitedMs += 100
  ) {
    if (existsSync(socket) && (await ping(socket))) return true;
    await sleep(100);
  }
  return false;
}

const ping = (socketPath: string): Promise<boolean> =>
  new Promise((resolve) => {
    request({ socketPath, path: '/_ping', timeout: 2000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    })
      .on('error', () => {
        resolve(false);
      })
      .end();
  });

/** Ends a daemon by its pid, and removes all it kept in its folder. */
export async function endDaemon(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
    const closed = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const killer = setTimeout(() => child.kill('SIGKILL'), 30_000);
    await closed;
    clearTimeout(killer);
  }
  // With some runtimes (runsc) the shims of removed containers stay; they are told from others' by their daemon's
  // folder.
  for (const pid of startedFor(folder)) killProcess(pid);
  removeMemoryFolder(folder);
}

/** Pids of processes whose command line names the folder. */
const startedFor = (folder: string): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map(Number)
    .filter((pid) => argvOf(pid).some((word) => word.startsWith(`${folder}/`)));

/** The deepest first, and the folder last. */
const mountsUnder = (folder: string): readonly string[] =>
  readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path === folder || path.startsWith(`${folder}/`))
    .reverse();

/** What the daemon answers to a GET, as JSON. */
export const ask = async (host: string, path: string): Promise<unknown> =>
  JSON.parse(await call(host, 'GET', path)) as unknown;

/** Loads an image archive, as `docker load` does. */
export async function loadImage(host: string, archive: Buffer): Promise<void> {
  await call(host, 'POST', '/images/load', archive);
}

/** An image with an empty root file system, as `docker import` makes it of an empty archive. */
export async function importEmptyImage(host: string, repository: string, tag: string): Promise<void> {
  const endOfArchive = Buffer.alloc(1024);
  await call(host, 'POST', `/images/create?fromSrc=-&repo=${encodeURIComponent(repository)}&tag=${tag}`, endOfArchive);
}

export async function removeImage(host: string, name: string): Promise<void> {
  await call(host, 'DELETE', `/images/${name}`);
}

function call(host: string, method: string, path: string, body?: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    request(
      { socketPath: host.replace('unix://', ''), method, path, headers: { 'content-type': 'application/x-tar' } },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => {
          resolve(Buffer.concat(chunks).toString());
        });
      },
    )
      .on('error', reject)
      .end(body);
  });
}
