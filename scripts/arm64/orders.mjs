// What is done in the guest, and beside it on this machine.
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ROOT } from './settings.mjs';

/** Runs of the guest, by what creates their containers. */
export const ENGINES = ['runc', 'crun', 'namespaces'];

/** The published cases of each machine, which the one report of both is about. */
const GUEST_CASES = ['isulad-arm64-sequential-500', 'isulad-arm64-parallel-150'];
export const HOST_CASES = ['isulad-x86_64-sequential-500', 'isulad-x86_64-parallel-200'];

/** Fewer containers than were published: an emulated start takes a second, and its time is no part of this proof. */
const REDUCED = {
  'isulad-arm64-sequential-500': { count: 2, warmup: 0 },
  'isulad-arm64-parallel-150': { count: 3, concurrency: 3, rounds: 1, warmup: 0 },
  'isulad-x86_64-sequential-500': { count: 40 },
  'isulad-x86_64-parallel-200': { count: 8, concurrency: 8, rounds: 20 },
};

/** Seeded, so that a failure can be repeated, and without a report of its own. */
const COMMON = ['--seed', '20211230', '--no-report'];
/** An emulated start may take thirty times as long. */
const PATIENT = ['--timeout', '240', ...COMMON];

/** The scenario's own file with the smaller numbers, as text for a file of the same name. */
export function reducedScenario(name) {
  const scenario = JSON.parse(readFileSync(join(ROOT, `scenarios/${name}.json`), 'utf8'));
  return `${JSON.stringify({ ...scenario, $schema: undefined, ...REDUCED[name] }, null, 2)}\n`;
}

/**
 * Each call is one of `bench` in the guest, and hangs after so long; the files are laid beside the job before the
 * first.
 */
export function guestOrders(limitSeconds) {
  const results = ['--results', '/out/results'];
  const own = (kind, engine, ...more) => ({
    name: `${kind} on ${engine}`,
    args: [kind, '--engine', engine, '--warmup', '0', ...more, ...PATIENT, ...results],
  });
  const published = (name) => ({
    name,
    args: ['run', `/job/${name}.json`, '--engine', 'runc', ...PATIENT, ...results],
  });
  // Proving an arm takes more starts than running it: no arm is proved on an engine again where once is enough.
  const parallel = ['--count', '3', '--rounds', '1', '--arms', 'after'];
  const counted = ['--count-syscalls', '--count-repeats', '1', '--count-with', 'strace'];
  return {
    callLimitMs: 1000 * limitSeconds,
    files: Object.fromEntries(GUEST_CASES.map((name) => [`${name}.json`, reducedScenario(name)])),
    calls: [
      { name: 'doctor', args: ['doctor', '--json'] },
      ...GUEST_CASES.map(published),
      // The published cases have no arm in whose list ARM is missing, where a 32-bit program must die.
      own('sequential', 'runc', '--count', '1', '--arms', 'native'),
      own('sequential', 'crun', '--count', '2', '--arms', 'before,after,native'),
      own('parallel', 'crun', ...parallel),
      own('sequential', 'namespaces', '--count', '2', '--arms', 'before,after,native,unconfined', ...counted),
      own('parallel', 'namespaces', ...parallel),
      {
        name: 'report',
        args: ['report', '--reports', '/out/reports', '--name', 'guest'],
        results: { folder: '/out/results', like: 'isulad-arm64-sequential' },
      },
    ],
  };
}

/** The same cases of this machine's architecture, on runc where it is here. */
export function hostCalls(folder, results, env) {
  const hasRunc = [...(env.PATH ?? '').split(delimiter), '/usr/sbin'].some(
    (place) => place !== '' && existsSync(join(place, 'runc')),
  );
  return HOST_CASES.map((name) => ({
    name,
    args: [
      'run',
      join(folder, `${name}.json`),
      '--engine',
      hasRunc ? 'runc' : 'namespaces',
      ...COMMON,
      '--results',
      results,
    ],
  }));
}
