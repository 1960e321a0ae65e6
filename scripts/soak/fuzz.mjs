// Hostile texts and files at every door of bench: each must be read, or refused in one line with a hint, without a
// stack trace, in bounded time and memory. What fails is kept.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Place } from './bench.mjs';
import { nameDoor, nodeDoor, optionDoor, ownerDoor, versionDoor } from './doors-command.mjs';
import { formDoor, parcelDoor, resultsDoor, scenarioDoor } from './doors-here.mjs';

export const COLUMNS = ['door', 'inputs', 'read', 'refused', 'slowest, ms', 'failed'];

/** Of ten thousand inputs; a command takes a hundred times as long as a reader. */
const SHARES = { forms: 2500, tables: 1500, scenarios: 1500, results: 2500, parcels: 1000 };
const COMMAND_SHARE = 200;
/** From so many inputs on it is worth to run a program first, of which there are further documents. */
const PROGRAM_FROM = 1000;
const PROGRAM_LIMIT_MS = 600_000;
const MOST_MS = 20_000;
const MOST_MIB = 1500;

/** @param {import('./settings.mjs').Soak} soak */
export async function fuzz(soak) {
  const made = await makeResults(soak);
  /** @type {Record<string, [(given: object) => any, number]>} */
  const doors = {
    'profiles of every form': [formDoor(false), SHARES.forms],
    'tables of strace and perf': [formDoor(true), SHARES.tables],
    'scenario files': [scenarioDoor, SHARES.scenarios],
    'documents of results': [resultsDoor(made), SHARES.results],
    'parcels of nodes': [parcelDoor(made), SHARES.parcels],
    'options (commands)': [optionDoor, COMMAND_SHARE],
    'names of arms and reports (commands)': [nameDoor, COMMAND_SHARE],
    'versions of runtimes (commands)': [versionDoor, COMMAND_SHARE],
    'owner.json (commands)': [ownerDoor, COMMAND_SHARE],
    'results of nodes (commands)': [nodeDoor, COMMAND_SHARE],
  };
  const rows = [];
  for (const [name, [door, share]] of Object.entries(doors)) {
    const inputs = Math.max(1, Math.round((soak.count * share) / 10_000));
    rows.push(await tryDoor({ name, door, inputs }, soak));
  }
  const mib = Math.round(process.resourceUsage().maxRSS / 1024);
  soak.tally.check('memory of this process is bounded', mib <= MOST_MIB, `${mib} MiB`);
  soak.say(`${mib} MiB at most in this process`);
  return rows;
}

async function tryDoor({ name, door, inputs }, { work, draw, tally, signal }) {
  const row = { read: 0, refused: 0, slowest: 0, failed: 0 };
  const folder = join(work, 'door');
  for (let index = 0; index < inputs && !signal.aborted; index++) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    const place = new Place(join(work, 'x'));
    // Written before it is read: what hangs is found there.
    const input = {
      file: '',
      keep: (file, bytes) => writeFileSync((input.file = join(folder, `input-${file}`)), bytes),
    };
    const started = performance.now();
    const { fault, read } = await door({ draw, index, folder, place, keep: input.keep });
    const ms = Math.round(performance.now() - started);
    const wrong = fault ?? (ms > MOST_MS && !name.endsWith('(commands)') ? `took ${ms} ms` : null);
    if (wrong === null) row[read ? 'read' : 'refused'] += 1;
    else row.failed += 1;
    row.slowest = Math.max(row.slowest, ms);
    tally.check(`${name}, input ${index}`, wrong === null, wrong ?? '');
    if (wrong !== null) tally.note(`  kept in ${kept(work, input.file, tally.failed)}`);
  }
  return [name, inputs, row.read, row.refused, row.slowest, row.failed];
}

function kept(work, file, number) {
  const folder = join(work, 'failed');
  mkdirSync(folder, { recursive: true });
  const target = join(folder, `${number}-${file.split('/').at(-1)}`);
  if (existsSync(file)) writeFileSync(target, readFileSync(file));
  return target;
}

/** Results with counts and findings, of a short run of a program, where many inputs are wanted. */
async function makeResults({ count, work, say }) {
  if (count < PROGRAM_FROM) return [];
  const place = new Place(join(work, 'made'));
  const command = [
    'workload',
    '--blocks',
    '2',
    '--warmup',
    '0',
    '--engine',
    'namespaces',
    '--bind-host',
    '--no-report',
  ];
  const { status } = await place.run([...command, '--', 'true'], { limitMs: PROGRAM_LIMIT_MS });
  if (status === 0) return readdirSync(place.results).map((name) => join(place.results, name));
  say('no results of a program: the built-in engine does not work here');
  return [];
}
