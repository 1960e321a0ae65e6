// Many containers in one run, in one batch and in flight: memory, open files, zombies and kernel objects must not grow
// with their number.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorFault } from '../shared/ends.mjs';
import { lastAttempts } from '../shared/results.mjs';
import { endWithin, Place } from './bench.mjs';
import { slopeOf, slopeText } from './slopes.mjs';
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
  'MiB per 1,000 [95 %]',
  'files per 1,000 [95 %]',
  'ms between per 1,000 [95 %]',
  'processes of the machine',
  'cgroups',
  'net namespaces',
  'mounts',
];

const LOOK_MS = 100;
/** Fewer looks at batches are mostly looks at their beginning. */
const FEWEST_LOOKS = 20;
const LIMIT_MS = 3_600_000;
/** Shares of the time from the first container to the last, at which is looked. */
const SHARES = [0.1, 0.5, 1];
/** What the garbage of JavaScript and the samples that a run keeps may add from 10 % to the end. */
const MOST_MORE_MIB = 96;
const MOST_MORE_FILES = 8;
/** Growth whose whole 95 % interval is above this is a fault. */
const MOST_MIB_PER_1000 = 1;
const MOST_MS_PER_1000 = 0.05;
/** In a shorter run the heap of JavaScript is still on its way to its size, and slopes are mostly chance. */
const FEWEST_FOR_SLOPES = 2000;

/** Containers per run; LXC starts several processes per container. */
const SIZES = {
  namespaces: { run: 10_000, batch: 2000, inBatch: 200, flight: 1000 },
  runc: { run: 5000, batch: 2000, inBatch: 50, flight: 1000 },
  lxc: { run: 1000, batch: 400, inBatch: 50, flight: 200 },
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
  const inBatch = Math.min(batch, sizes.inBatch);
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
    { title: `${batch} in a batch, ${inBatch} in flight`, planned: batch * 2, args: parallel(batch, inBatch) },
    { title: `${flight} in flight`, planned: flight * 2, args: parallel(flight, flight) },
  ];
}

async function measure({ title, planned, args, target }, { work, tally, say }) {
  const place = new Place(join(work, 'l'));
  say(`${target.engine}: ${title}`);
  const bench = place.start([...args, '--arms', 'native', '--no-report', ...target.args], target.env);
  const { looks, all, last, end } = await watch(bench, place);
  const containers = containersIn(place);
  const ok = containers.filter(({ state }) => state === 'ok').length;
  const left = [...(await leftOf({ place, runIds: runIdsIn(place) })), ...(await target.left())];
  const name = `${target.engine}, ${title}`;
  const words = end.status === 0 ? '' : (errorFault(bench.stderr()) ?? bench.stderr().slice(-300));
  tally.check(`${name}: ends with 0`, end.status === 0 && !end.hung, words);
  tally.check(`${name}: all containers are ok`, ok === planned, `${ok} of ${planned}`);
  tally.check(`${name}: nothing is left`, left.length === 0, left.slice(0, 5).join('; '));
  const [early, , late] = looks;
  if (late === undefined) return [target.engine, title, ok, seconds(end), '', '', '', '', '', '', '', '', '', ''];
  const grown = { mib: late.mib - early.mib, files: late.files - early.files };
  tally.check(`${name}: memory is flat`, grown.mib <= MOST_MORE_MIB, `${Math.round(grown.mib)} MiB more`);
  const isJudged = args[0] === 'sequential' || all.length >= FEWEST_LOOKS;
  if (isJudged) tally.check(`${name}: open files are flat`, grown.files <= MOST_MORE_FILES, `${grown.files} more`);
  else say(`${name}: open files are not judged: ${all.length} looks at a run in flight`);
  if (last?.isMeasuring) say(`${name}: no look came after the last container, so zombies are not judged`);
  else tally.check(`${name}: no zombies at the end`, last?.zombies === 0, `${last?.zombies}`);
  const over = (key) => looks.map((look) => Math.round(look[key])).join(', ');
  const keys = ['mib', 'files', 'zombies', 'processes', 'cgroups', 'networks', 'mounts'];
  const own = keys.slice(0, 3).map(over);
  const slopes = slopesOf(all, containers);
  judgeSlopes(slopes.judged, { name, planned }, { tally, say });
  return [
    target.engine,
    title,
    `${ok} of ${planned}`,
    seconds(end),
    ...own,
    ...slopes.texts,
    ...keys.slice(3).map(over),
  ];
}

/** Of a sequential run, as it has a container at a time: its memory, open files and time between two containers. */
function slopesOf(looks, containers) {
  const all = containers.filter(({ state, warmup }) => state === 'ok' && !warmup);
  const isSequential =
    all.length > 1 && all.every(({ startNs }, place) => place === 0 || startNs >= endOf(all[place - 1]));
  if (!isSequential) return { texts: ['-', '-', '-'], judged: [] };
  // Looks are even in time, and so, nearly, in containers.
  const along = (key) =>
    slopeOf(looks.map((look, place) => ({ containers: (place * all.length) / looks.length, value: look[key] })));
  const between = slopeOf(
    all.slice(1).map(({ startNs }, place) => ({ containers: place, value: (startNs - endOf(all[place])) / 1e6 })),
  );
  const [mib, files] = [along('mib'), along('files')];
  return {
    texts: [slopeText(mib), slopeText(files), slopeText(between, 3)],
    // The samples that a run has written are not kept, but what JavaScript frees it frees late.
    judged: [
      { what: 'MiB', found: mib, most: MOST_MIB_PER_1000 },
      { what: 'open files', found: files, most: 0 },
      { what: 'times between containers', found: between, most: MOST_MS_PER_1000 },
    ],
  };
}

function judgeSlopes(judged, { name, planned }, { tally, say }) {
  if (planned < FEWEST_FOR_SLOPES) {
    if (judged.some(({ found }) => found !== null)) say(`${name}: slopes are not judged: ${planned} containers`);
    return;
  }
  for (const { what, found, most } of judged)
    tally.check(`${name}: ${what} do not grow`, found === null || found.low <= most, slopeText(found));
}

const endOf = ({ startNs, wallNs }) => startNs + wallNs;

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
  return { looks: measuring.length === 0 ? [] : SHARES.map(at), all: measuring, last: looks.at(-1), end: await ended };
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

function containersIn({ results }) {
  const [folder] = existsSync(results) ? readdirSync(results) : [];
  if (folder === undefined) return [];
  const lines = readFileSync(join(results, folder, 'samples.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .filter(Boolean);
  return lastAttempts(lines.map((line) => JSON.parse(line))).filter(({ kind }) => kind === 'container');
}
