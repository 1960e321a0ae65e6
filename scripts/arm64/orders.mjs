// What is done in the guest, and beside it on this machine.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './settings.mjs';

export const ENGINES = ['runc', 'crun', 'namespaces'];

/** The arms whose treatment is proved: with every architecture, with the host's, with the native one alone, and without any filter. */
const ARMS = 'before,after,native,unconfined';

/** Of every run: seeded, so that a failure can be repeated, with time for an emulated start, and without a report of its own. */
const COMMON = ['--seed', '20211230', '--timeout', '240', '--no-report'];

/** A published case with few containers: an emulated start takes a second, so its size is no part of this proof. */
const REDUCED = {
  'isulad-arm64-sequential-500': { count: 2, warmup: 0 },
  'isulad-arm64-parallel-150': { count: 3, concurrency: 3, rounds: 1, warmup: 0 },
  'isulad-x86_64-sequential-500': { count: 20 },
  'isulad-x86_64-parallel-200': { count: 20, concurrency: 20, rounds: 20 },
};

/** The scenario's own file with the smaller numbers, as text for a file of the same name. */
export function reducedScenario(name) {
  const scenario = JSON.parse(readFileSync(join(ROOT, `scenarios/${name}.json`), 'utf8'));
  return `${JSON.stringify({ ...scenario, $schema: undefined, ...REDUCED[name] }, null, 2)}\n`;
}

/** Each order is one call of `bench` in the guest; files are laid beside the job before it begins. */
export function guestOrders() {
  const results = ['--results', '/out/results'];
  const published = ['isulad-arm64-sequential-500', 'isulad-arm64-parallel-150'];
  return {
    files: Object.fromEntries(published.map((name) => [`${name}.json`, reducedScenario(name)])),
    calls: [
      { name: 'doctor', args: ['doctor', '--json'] },
      ...ENGINES.flatMap((engine) => [
        { name: `sequential on ${engine}`, args: ['sequential', '--count', '2', '--warmup', '0', '--arms', ARMS, '--engine', engine, ...COMMON, ...results] },
        { name: `parallel on ${engine}`, args: ['parallel', '--count', '3', '--rounds', '1', '--warmup', '0', '--engine', engine, ...COMMON, ...results] },
      ]),
      ...published.map((name) => ({ name, args: ['run', `/job/${name}.json`, '--engine', 'runc', ...COMMON, ...results] })),
      { name: 'report drawn in the guest', args: ['report', '--reports', '/out/reports', '--name', 'guest'], withResults: '/out/results' },
    ],
  };
}

/** The same two cases of this machine's architecture. */
export const hostScenarios = () => ['isulad-x86_64-sequential-500', 'isulad-x86_64-parallel-200'];
export const hostCall = (file, engine, results) => ['run', file, '--engine', engine, ...COMMON, '--results', results];
