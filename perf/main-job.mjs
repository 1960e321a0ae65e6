// The main job itself: the interval it reaches, its A/A check, the time it spends between containers, its memory.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLI } from './pairs.mjs';

const SAMPLE_MS = 200;

/**
 * Runs the command in an empty folder; gives its summary, its container samples and its resident memory over time
 * (MiB).
 */
async function mainJob(args) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-perf-'));
  try {
    const memory = await watched(args, folder);
    const [name] = readdirSync(join(folder, 'results'));
    const containers = readFileSync(join(folder, 'results', name, 'samples.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    return {
      memory,
      containers,
      run: JSON.parse(readFileSync(join(folder, 'reports', name, 'summary.json'), 'utf8')).runs[0],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function watched(args, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CLI, ...args], { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
    const memory = [];
    let stderr = '';
    // Only while containers run: the first progress line to the last.
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const timer = setInterval(() => {
      if (!/^block \d/m.test(stderr) || / 0 s left/.test(stderr)) return;
      try {
        memory.push(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024);
      } catch {
        // It has just ended.
      }
    }, SAMPLE_MS);
    child.on('close', (code) => {
      clearInterval(timer);
      if (code === 0) resolve(memory);
      else reject(new Error(`bench ${args.join(' ')} ended with ${code}: ${stderr}`));
    });
  });
}

/** Time between the containers of all blocks, as a share of the whole. */
function betweenShare(containers) {
  const runs = containers.filter((sample) => sample.kind === 'container' && sample.state === 'ok');
  const first = runs[0];
  const last = runs.at(-1);
  const total = last.startNs + last.wallNs - first.startNs;
  return 1 - runs.reduce((sum, sample) => sum + sample.wallNs, 0) / total;
}

const comparison = (run, arm, metric) => run.comparisons.find((entry) => entry.arm === arm && entry.metric === metric);
const control = (run, metric) => run.controls.find((entry) => entry.metric === metric);
/** Of the ratio's 95 % interval, in log-percent (the same as percent while small). */
const halfWidth = ({ effect }) => 50 * Math.log(effect.ratioHigh / effect.ratioLow);

/** The rows of the 500-block figures, without and with --pin. */
export async function intervalPerf() {
  const rows = [];
  for (const { pin, most } of [
    { pin: [], most: 0.6 },
    { pin: ['--pin'], most: 0.45 },
  ]) {
    const args = ['sequential', '--count', '500', '--engine', 'runc', ...pin];
    const { run, containers } = await mainJob(args);
    const width = halfWidth(comparison(run, 'after', 'cpu'));
    const aa = control(run, 'cpu').effect;
    const share = betweenShare(containers);
    rows.push(
      {
        figure: `95 % half width of after/before, CPU, \`bench ${args.join(' ')}\``,
        measured: `${width.toFixed(2)} % (wall ${halfWidth(comparison(run, 'after', 'wall')).toFixed(2)} %)`,
        target: `at most ${most} %`,
        met: width <= most,
      },
      {
        figure: `control against before in that run, CPU`,
        measured: `${aa.percent.toFixed(2)} %, p = ${aa.p.toFixed(3)}`,
        target: 'not significant at 1 %',
        met: aa.p >= 0.01,
      },
      {
        figure: 'time between containers in that run, of the total',
        measured: `${(100 * share).toFixed(2)} %`,
        target: 'at most 3 %',
        met: share <= 0.03,
      },
    );
  }
  return rows;
}

/** The row about memory: a run of 5,000 containers. */
export async function memoryPerf() {
  const args = ['sequential', '--count', '1667', '--engine', 'namespaces', '--arms', 'native,unconfined'];
  const { memory, containers } = await mainJob(args);
  const tenth = Math.max(1, Math.floor(memory.length / 10));
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const early = mean(memory.slice(tenth, 2 * tenth));
  const late = mean(memory.slice(-tenth));
  const growth = late - early;
  const count = containers.length.toLocaleString('en-US');
  const most = Math.max(...memory).toFixed(1);
  return [
    {
      figure: `resident memory while ${count} containers run (\`bench ${args.join(' ')}\`)`,
      measured: `${early.toFixed(1)} MiB in the second tenth, ${late.toFixed(1)} MiB in the last (most ${most})`,
      target: 'does not grow with the run (under 5 MiB)',
      met: growth < 5,
    },
  ];
}
