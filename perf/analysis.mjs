// What reading and analysing a long run costs: 100,000 samples from disk to verdicts, against JSON.parse of their
// lines.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { readResultFolder } from '#built/results/index.js';
import { analyse } from '#built/statistics/index.js';

const EXAMPLE = fileURLToPath(new URL('../results/example-x86_64-runc', import.meta.url));
const BLOCKS = 33_334;
const ROUNDS = 15;
const LIMIT = 1.5;
const MEMORY_LIMIT_MIB = 300;
/** Twice the samples may take twice the time; what is above is not linear any more. */
const GROWTH_LIMIT = 2.2;

/** The example run's samples over and over, each time a little different, in the plan's own order. */
function writeRun(folder, blocks) {
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
  return lines;
}

function timed(action) {
  const start = performance.now();
  action();
  return performance.now() - start;
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** Largest resident memory of a process that does nothing but read and analyse, in MiB. */
function peakMiB(folder) {
  const script = `import { readResultFolder } from ${JSON.stringify(import.meta.resolve('#built/results/index.js'))};
    import { analyse } from ${JSON.stringify(import.meta.resolve('#built/statistics/index.js'))};
    analyse(readResultFolder(process.argv[1]), { margin: 0.01 });
    process.stdout.write(String(process.resourceUsage().maxRSS / 1024));`;
  return Number(
    spawnSync(process.execPath, ['--input-type=module', '-e', script, folder], { encoding: 'utf8' }).stdout,
  );
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
    const memory = peakMiB(folders[0]);
    return [
      {
        figure: `read and analyse ${lines.length} samples over JSON.parse of their lines`,
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
