// Enters a Debian in namespaces and a cgroup of its own, and leaves nothing of them.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from '../shared/failure.mjs';
import { ROOT } from './settings.mjs';

const ENTRY = join(import.meta.dirname, 'enter.sh');
const NAMESPACES = [
  '--mount',
  '--propagation',
  'private',
  '--net',
  '--ipc',
  '--uts',
  '--pid',
  '--fork',
  '--kill-child',
];
/** How long the kernel may take to let go of a cgroup whose processes were killed. */
const CGROUP_LIMIT_MS = 10_000;

/**
 * Runs a command there; its words go to this terminal.
 * @param {{ root: string, out: string, scratch: string, opt?: string }} folders the Debian, what is /out there, an
 * empty folder, and what is /opt/other there
 * @param {readonly string[]} command
 * @param {AbortSignal} signal ends all that runs there
 * @returns {Promise<number>} its exit code
 */
export async function enter({ root, out, scratch, opt }, command, signal) {
  const cgroup = join(unifiedCgroups(), `bench-distro-${process.pid}`);
  mkdirSync(cgroup);
  mkdirSync(scratch, { recursive: true });
  try {
    return await new Promise((resolve, reject) => {
      const child = spawn('unshare', [...NAMESPACES, '--', ENTRY, ...command], {
        stdio: ['ignore', 'inherit', 'inherit'],
        env: {
          PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`,
          BENCH_ROOT: root,
          BENCH_REPOSITORY: ROOT,
          BENCH_OUT: out,
          BENCH_SCRATCH: scratch,
          BENCH_CGROUP: cgroup,
          BENCH_OPT: opt ?? '',
          CI: 'true',
        },
      });
      const stop = () => child.kill('SIGKILL');
      signal.addEventListener('abort', stop, { once: true });
      child.on('error', reject);
      child.on('close', (code) => {
        signal.removeEventListener('abort', stop);
        resolve(code ?? 1);
      });
    });
  } finally {
    await removeCgroup(cgroup);
  }
}

/** Where cgroup v2 is mounted: on some hosts beside version 1. */
function unifiedCgroups() {
  const place = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .find((words) => words.includes('cgroup2'))?.[4];
  if (place !== undefined) return place;
  throw new Failure(2, 'cgroup v2 is not mounted', 'mount -t cgroup2 cgroup2 /sys/fs/cgroup');
}

/** What still runs there is killed. */
async function removeCgroup(cgroup) {
  const until = Date.now() + CGROUP_LIMIT_MS;
  if (existsSync(join(cgroup, 'cgroup.kill'))) writeFileSync(join(cgroup, 'cgroup.kill'), '1');
  for (;;) {
    try {
      for (const folder of foldersUnder(cgroup)) rmdirSync(folder);
      return;
    } catch (error) {
      if (Date.now() > until) throw new Failure(1, `${dirname(cgroup)} keeps a cgroup: ${error.message}`, 'Try rmdir.');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** The deepest first, the folder itself last. */
const foldersUnder = (folder) => [
  ...readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => foldersUnder(join(folder, entry.name))),
  folder,
];
