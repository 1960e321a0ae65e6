// What runs that ended, or were killed, left on this machine.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandOf, processesWith, stillRuns } from './processes.mjs';

/** What a runtime removes a moment after it said so. */
const PATIENCE_MS = 3000;
const LOOK_MS = 100;
/** Where runtimes and bench keep things outside a run's folder. */
const OTHER_PLACES = ['/run', '/dev/shm', '/var/tmp', '/var/lib/lxc'];

/**
 * @typedef {object} Ended
 * @property {{ folder: string, tmp: string }} place
 * @property {readonly string[]} runIds
 * @property {readonly { pid: number, start: string }[]} [family] processes that it had
 */

/**
 * Everything that carries a run's id or lies in the place, and those processes of the run that still live.
 * @param {Ended} run
 * @returns {Promise<readonly string[]>}
 */
export async function leftOf(run) {
  let left = looked(run);
  for (let waited = 0; left.length > 0 && waited < PATIENCE_MS; waited += LOOK_MS) {
    await sleep(LOOK_MS);
    left = looked(run);
  }
  return left;
}

/** @param {Ended} run */
function looked({ place, runIds, family = [] }) {
  const pids = new Set([
    ...processesWith(runIds.map((id) => `SECCOMP_BENCH_RUN=${id}`)),
    ...processesWith([`${place.tmp}/`]),
    ...family.filter(stillRuns).map(({ pid }) => pid),
  ]);
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => [place.folder, ...runIds].some((word) => line.includes(word)));
  return [
    ...[...pids].map((pid) => `process ${pid} ${commandOf(pid)}`),
    ...mounts.map((line) => `mount ${line.split(' ')[4]}`),
    ...named('/sys/fs/cgroup', runIds).map((path) => `cgroup ${path}`),
    ...OTHER_PLACES.filter(existsSync).flatMap((path) => named(path, runIds)),
    ...readdirSync(place.tmp).map((name) => `folder ${join(place.tmp, name)}`),
    ...readdirSync(place.folder)
      .filter((name) => name.startsWith('seccomp-bench-'))
      .map((name) => `folder ${join(place.folder, name)}`),
  ];
}

/** Paths below a folder whose name has a run's id. */
function named(folder, runIds) {
  if (runIds.length === 0) return [];
  const wanted = runIds.flatMap((id, index) => [...(index === 0 ? [] : ['-o']), '-name', `*${id}*`]);
  const { stdout } = spawnSync('find', [folder, '-xdev', '(', ...wanted, ')', '-prune', '-print'], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  // Hierarchies of cgroups are file systems of their own.
  const inner = folder === '/sys/fs/cgroup' ? readdirSync(folder, { withFileTypes: true }) : [];
  const more = inner.filter((entry) => entry.isDirectory()).flatMap((entry) => named(join(folder, entry.name), runIds));
  return [...stdout.split('\n').filter(Boolean), ...more];
}

/** Ids of the runs in a place: of workspaces that exist now, and of results. */
export function runIdsIn(place) {
  const list = (folder) => (existsSync(folder) ? readdirSync(folder) : []);
  const workspaces = list(place.tmp)
    .filter((name) => name.startsWith('seccomp-bench-'))
    .flatMap((name) => list(join(place.tmp, name)));
  const results = list(place.results).flatMap((name) => /-([0-9a-f]{8})$/.exec(name)?.[1] ?? []);
  return [...new Set([...workspaces, ...results.map((id) => `sb-${id}`)])];
}
