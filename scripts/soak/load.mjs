// Many containers in one run, in one batch and in flight: memory, open files, zombies and kernel objects must not grow
// with their number.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorFault } from '../shared/ends.mjs';
import { lastAttempts } from '../shared/results.mjs';
import { endWithin, Place } from './bench.mjs';
import { leftOf, runIdsIn } from './left.mjs';
import { zombiesOf } from './processes.mjs';
import { openTargets } from './targets.mjs';

export const COLUMNS = [
  'engine',
  'run',
  'containers ok',
  's',
  'MiB resident',
  'open files',
  'zombies',
  'processes of the machine',
  'cgroups',
  'net namespaces',
  'mounts',
];

const LOOK_MS = 250;
const LIMIT_MS = 3_600_000;
/** Shares of the time from the first container to the last, at which is looked. */
const SHARES = [0.1, 0.5, 1];
/** What the garbage of JavaScript and the samples that a run keeps may add from 10 % to the end. */
const MOST_MORE_MIB = 96;
const MOST_MORE_FILES = 8;

/** Containers per run; LXC starts several processes per container. */
const SIZES = {
  namespaces: { run: 10_000, batch: 2000, flight: 1000 },
  runc: { run: 10_000, batch: 2000, flight: 1000 },
  lxc: { run: 1000, batch: 400, flight: 200 },
};

/** @param {import('./settings.mjs').Soak} soak */
export async function load(soak) {
  const names = soak.engines ?? Object.keys(SIZES);
  const targets = await openTargets(names, { ...soak, what: 'load' });
  const rows = [];
  for (const target of targets) {
    for (const one of casesOf(target.engine, soak.count / 100)) {
      if (soak.signal.aborted) break;
      rows.push(await measure({ ...one, target }, soak));
    }
    await target.stop();
  }
  return rows;
}

function casesOf(engine, share) {
  const sizes = SIZES[engine] ?? SIZES.lxc;
  const [run, batch, flight] = [sizes.run, sizes.batch, sizes.flight].map((size) => Math.ceil((size * share) / 2) * 2);
  const parallel = (count, concurrency) => [
    ...['parallel', '--count', String(count), '--concurrency', String(concurrency), '--blocks', '1'],
    ...['--warmup', '0', '--timeout', '300'],
  ];
  return [
    // Two arms: the one that is named, and its control.
    {
      title: `${run} in one run`,
      planned: run,
      args: ['sequential', '--blocks', String(run / 2), '--warmup', '0'],
    },
    { title: `${batch} in a batch, 50 in flight`, planned: batch * 2, args: parallel(batch, Math.min(batch, 50)) },
    { title: `${flight} in flight`, planned: flight * 2, args: parallel(flight, flight) },
  ];
}

async function measure({ title, planned, args, target }, { work, tally, say }) {
  const place = new Place(join(work, 'l'));
  say(`${target.engine}: ${title}`);
  const bench = place.start([...args, '--arms', 'native', '--no-report', ...target.args], target.env);
  const { looks, last, end } = await watch(bench, place);
  const ok = countOk(place);
  const left = [...(await leftOf({ place, runIds: runIdsIn(place) })), ...(await target.left())];
  const name = `${target.engine}, ${title}`;
  const words = end.status === 0 ? '' : (errorFault(bench.stderr()) ?? bench.stderr().slice(-300));
  tally.check(`${name}: ends with 0`, end.status === 0 && !end.hung, words);
  tally.check(`${name}: all containers are ok`, ok === planned, `${ok} of ${planned}`);
  tally.check(`${name}: nothing is left`, left.length === 0, left.slice(0, 5).join('; '));
  const [early, , late] = looks;
  if (late === undefined) return [target.engine, title, ok, seconds(end), '', '', '', '', '', '', ''];
  const grown = { mib: late.mib - early.mib, files: late.files - early.files };
  tally.check(`${name}: memory is flat`, grown.mib <= MOST_MORE_MIB, `${Math.round(grown.mib)} MiB more`);
  tally.check(`${name}: open files are flat`, grown.files <= MOST_MORE_FILES, `${grown.files} more`);
  tally.check(`${name}: no zombies at the end`, last?.zombies === 0, `${last?.zombies}`);
  const over = (key) => looks.map((look) => Math.round(look[key])).join(', ');
  const keys = ['mib', 'files', 'zombies', 'processes', 'cgroups', 'networks', 'mounts'];
  return [target.engine, title, `${ok} of ${planned}`, seconds(end), ...keys.map(over)];
}

const seconds = ({ ms }) => Math.round(ms / 1000);

/** Looks at the process over and over; gives what it saw at the shares of the time in which it measured. */
async function watch(bench, place) {
  const looks = [];
  const ended = endWithin(bench, LIMIT_MS);
  for (;;) {
    const look = lookAt(bench.pid, place);
    if (look !== null) looks.push(look);
    if ((await Promise.race([ended, sleep(LOOK_MS, null)])) !== null) break;
  }
  const measuring = looks.filter(({ isMeasuring }) => isMeasuring);
  const at = (share) => measuring[Math.min(measuring.length - 1, Math.floor(share * measuring.length))];
  return { looks: measuring.length === 0 ? [] : SHARES.map(at), last: looks.at(-1), end: await ended };
}

function lookAt(pid, place) {
  try {
    const [folder] = existsSync(place.results) ? readdirSync(place.results) : [];
    const has = (name) => folder !== undefined && existsSync(join(place.results, folder, name));
    return {
      isMeasuring: has('samples.jsonl') && !has('ledger.json'),
      mib: Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024,
      files: readdirSync(`/proc/${pid}/fd`).length,
      zombies: zombiesOf(pid),
      processes: Number(readFileSync('/proc/loadavg', 'utf8').split(' ')[3].split('/')[1]),
      cgroups: cgroups(),
      networks: Number(/^net_namespace\s+(\d+)/m.exec(textOf('/proc/slabinfo'))?.[1] ?? Number.NaN),
      mounts: textOf('/proc/self/mountinfo').split('\n').length - 1,
    };
  } catch {
    // It has just ended.
    return null;
  }
}

/** Those of all hierarchies together; the kernel counts some after they were removed. */
const cgroups = () =>
  textOf('/proc/cgroups')
    .split('\n')
    .slice(1)
    .reduce((sum, line) => sum + Number(line.split('\t')[2] ?? 0), 0);

function textOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function countOk({ results }) {
  const [folder] = existsSync(results) ? readdirSync(results) : [];
  if (folder === undefined) return 0;
  const lines = readFileSync(join(results, folder, 'samples.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .filter(Boolean);
  return lastAttempts(lines.map((line) => JSON.parse(line))).filter(
    ({ kind, state }) => kind === 'container' && state === 'ok',
  ).length;
}
