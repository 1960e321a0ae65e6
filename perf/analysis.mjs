// What reading and analysing a long run costs: 100,000 samples from disk to verdicts, against JSON.parse of their
// lines.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { writeChecksums } from '#built/results/checksums.js';
import { readResultFolder } from '#built/results/index.js';
import { analyse } from '#built/statistics/index.js';

const EXAMPLE = fileURLToPath(new URL('../results/example-x86_64-runc', import.meta.url));
const BLOCKS = 33_334;
const ROUNDS = 15;
/** A million samples: a fleet of ten. */
const NODES = 10;
const LIMIT = 1;
const FLEET_SECONDS = 2;
const MEMORY_LIMIT_MIB = 300;
/** Twice the samples may take twice the time; what is above is not linear any more. */
const GROWTH_LIMIT = 2.2;

/** The example run's samples over and over, each time a little different, in the plan's own order. */
export function writeRun(folder, blocks) {
  mkdirSync(folder, { recursive: true });
  for (const name of ['host.json', 'evidence.json'])
    writeFileSync(join(folder, name), readFileSync(join(EXAMPLE, name)));
  const plan = JSON.parse(readFileSync(join(EXAMPLE, 'plan.json'), 'utf8'));
  writeFileSync(join(folder, 'plan.json'), JSON.stringify({ ...plan, scenario: { ...plan.scenario, count: blocks } }));
  const measured = readFileSync(join(EXAMPLE, 'samples.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ warmup }) => !warmup);
  const lines = [];
  for (let i = 0; lines.length < 3 * blocks; i += 1) {
    const sample = measured[i % measured.length];
    const round = Math.floor(i / measured.length);
    const block = sample.block + round * (measured.length / 3);
    if (block < blocks)
      lines.push(
        JSON.stringify({
          ...sample,
          block,
          startNs: sample.startNs + round * 30e9,
          wallNs: sample.wallNs + 1009 * round,
          userNs: sample.userNs + 1000 * round,
        }),
      );
  }
  writeFileSync(join(folder, 'samples.jsonl'), `${lines.join('\n')}\n`);
  writeChecksums(folder);
  return lines;
}

function timed(action) {
  const start = performance.now();
  action();
  return performance.now() - start;
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** A process that does nothing but read and analyse folders: its largest resident memory in MiB, and seconds of CPU. */
function ownProcess(folders) {
  const script = `import { readResultFolder } from ${JSON.stringify(import.meta.resolve('#built/results/index.js'))};
    import { analyse } from ${JSON.stringify(import.meta.resolve('#built/statistics/index.js'))};
    const before = process.cpuUsage();
    const all = process.argv.slice(1).map((folder) => {
      const run = readResultFolder(folder);
      return { run, analysis: analyse(run, { margin: 0.01 }) };
    });
    const { user, system } = process.cpuUsage(before);
    const mib = process.resourceUsage().maxRSS / 1024;
    process.stdout.write(JSON.stringify({ runs: all.length, seconds: (user + system) / 1e6, mib }));`;
  const args = ['--input-type=module', '-e', script, ...folders];
  return JSON.parse(spawnSync(process.execPath, args, { encoding: 'utf8' }).stdout);
}

/** The rows of a million samples, all of them read and analysed in one process. */
export function fleetPerf() {
  const parent = mkdtempSync(join(tmpdir(), 'seccomp-bench-perf-'));
  try {
    const folders = fleetIn(parent);
    const { seconds, mib } = ownProcess(folders);
    const samples = NODES * 3 * BLOCKS;
    return [
      {
        figure: `read and analyse ${samples} samples of ${NODES} runs in one process`,
        target: `under ${FLEET_SECONDS} s`,
        met: seconds < FLEET_SECONDS,
        measured: `${seconds.toFixed(2)} s CPU`,
      },
      {
        figure: 'peak memory of that process',
        target: `under ${MEMORY_LIMIT_MIB} MiB`,
        met: mib < MEMORY_LIMIT_MIB,
        measured: `${mib.toFixed(0)} MiB`,
      },
    ];
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
}

/** Folders of ten runs with a million samples together. */
export function fleetIn(parent) {
  const folders = Array.from({ length: NODES }, (_, node) => join(parent, `node-${node}`));
  writeRun(folders[0], BLOCKS);
  for (const folder of folders.slice(1)) cpSync(folders[0], folder, { recursive: true });
  return folders;
}

/** The rows of these figures: {figure, measured, target, met}. */
export async function analysisPerf() {
  const folders = [BLOCKS, 2 * BLOCKS].map(() => mkdtempSync(join(tmpdir(), 'seccomp-bench-perf-')));
  try {
    const [lines] = folders.map((folder, i) => writeRun(folder, (i + 1) * BLOCKS));
    /** @type {number[][]} */
    const times = [[], [], []];
    // The first round warms up.
    for (let round = 0; round <= ROUNDS; round += 1) {
      const taken = [
        timed(() => {
          for (const line of lines) JSON.parse(line);
        }),
        ...folders.map((folder) => timed(() => analyse(readResultFolder(folder), { margin: 0.01 }))),
      ];
      if (round > 0) taken.forEach((time, i) => times[i].push(time));
    }
    const [parse, own, twice] = times.map(median);
    const ratio = median(times[1].map((time, i) => time / times[0][i]));
    const growth = median(times[2].map((time, i) => time / times[1][i]));
    const memory = ownProcess([folders[0]]).mib;
    return [
      {
        figure: `read, verify and analyse ${lines.length} samples over JSON.parse of their lines`,
        target: `at most ${LIMIT}`,
        met: ratio <= LIMIT,
        measured: `${ratio.toFixed(2)} (${own.toFixed(0)} ms over ${parse.toFixed(0)} ms, median of ${ROUNDS} rounds)`,
      },
      {
        figure: 'the same for twice as many samples',
        target: `at most ${GROWTH_LIMIT} times as long`,
        met: growth <= GROWTH_LIMIT,
        measured: `${growth.toFixed(2)} times as long (${twice.toFixed(0)} ms)`,
      },
      {
        figure: 'peak memory of a process that reads and analyses them',
        target: `under ${MEMORY_LIMIT_MIB} MiB`,
        met: memory > 0 && memory < MEMORY_LIMIT_MIB,
        measured: `${memory.toFixed(0)} MiB`,
      },
    ];
  } finally {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const rows = await analysisPerf();
  for (const { figure, measured, target, met } of rows)
    process.stdout.write(`${met ? 'met' : 'MISSED'}  ${figure}: ${measured}, ${target}\n`);
  process.exitCode = rows.every(({ met }) => met) ? 0 : 1;
}
