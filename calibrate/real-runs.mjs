// node calibrate/real-runs.mjs [--runs 40] [--blocks 60] [--slow-blocks 1000] [--skip-slow] [--chance 0.025]
// Real containers, two questions: how often are equal arms called different (A/A), and is a known slow-down found?
// The slow-down is a wrapper that burns CPU time before it executes the runtime; both arms of that run have a wrapper.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { tCritical } from '#built/statistics/distributions/distributions.js';
import { planCount } from '#built/statistics/planning/planning.js';
import { present } from './estimates.mjs';

const CLI = new URL('../dist/cli.js', import.meta.url).pathname;
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '40' },
    blocks: { type: 'string', default: '60' },
    'slow-blocks': { type: 'string', default: '1000' },
    runtime: { type: 'string', default: 'runc' },
    'skip-slow': { type: 'boolean', default: false },
    // How often honest runs may miss a bound; a check that runs every day wants it rare.
    chance: { type: 'string', default: '0.025' },
  },
});
const runs = Number(values.runs);

/** One `bench ab` of two runtimes; its summary's only run. */
function ab(a, b, args) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-calibrate-'));
  try {
    const { status, stderr } = spawnSync(
      process.execPath,
      [CLI, 'ab', '--a', `runtime=${a}`, '--b', `runtime=${b}`, ...args],
      { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 26 },
    );
    if (status !== 0) throw new Error(`bench ab ended with ${status}: ${stderr}`);
    const [name] = readdirSync(join(folder, 'reports')).filter((one) => one !== 'index.html');
    return JSON.parse(readFileSync(join(folder, 'reports', name, 'summary.json'), 'utf8')).runs[0];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const find = (run, metric) => run.comparisons.find((comparison) => comparison.metric === metric);
const percent = ({ effect }) =>
  `${effect.percent.toFixed(2)} % [${effect.percentLow.toFixed(2)}, ${effect.percentHigh.toFixed(2)}]`;

const hundredths = (share) => (100 * share).toFixed(2);
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** 95 %, of the mean of independent runs. */
const halfWidth = (values) =>
  tCritical(0.95, values.length - 1) *
  Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)) / (values.length - 1));

/**
 * The smallest count that honest series exceed no more often than that chance: P(X > k) <= chance for X binomial(n,
 * share).
 */
function binomialBound(n, share = 0.05) {
  let term = (1 - share) ** n;
  let sum = term;
  let k = 0;
  while (k < n && sum < 1 - Number(values.chance)) {
    term *= ((n - k) / (k + 1)) * (share / (1 - share));
    k += 1;
    sum += term;
  }
  return k;
}

const TIMES = { cpu: 'CPU', wall: 'wall' };

function equalArms(rows) {
  const called = { cpu: 0, wall: 0 };
  const invalid = { cpu: 0, wall: 0 };
  /**
   * CPU log ratios to arm a, run by run: equal arms must not lean to one side either.
   *
   * @type {{ b: number[], control: number[] }}
   */
  const leanings = { b: [], control: [] };
  for (let run = 0; run < runs; run += 1) {
    const result = ab(values.runtime, values.runtime, ['--count', values.blocks]);
    for (const metric of ['cpu', 'wall']) {
      const { verdict } = find(result, metric);
      if (verdict === 'faster' || verdict === 'slower') called[metric] += 1;
      if (verdict === 'invalid') invalid[metric] += 1;
    }
    const cpu = find(result, 'cpu');
    leanings.b.push(Math.log(cpu.effect.ratio));
    leanings.control.push(Math.log(result.controls.find(({ metric }) => metric === 'cpu').effect.ratio));
    process.stderr.write(
      `A/A run ${run + 1} of ${runs}: CPU ${cpu.verdict} ${percent(cpu)}, wall ${find(result, 'wall').verdict}\n`,
    );
  }
  for (const metric of /** @type {const} */ (['cpu', 'wall'])) {
    const bound = binomialBound(runs);
    rows.push([
      `${runs} A/A runs of ${values.blocks} blocks on ${values.runtime}: called different in ${TIMES[metric]} time`,
      `${called[metric]}${invalid[metric] > 0 ? ` (and ${invalid[metric]} invalid)` : ''}`,
      `at most ${bound} (5 %, binomial bound)`,
      called[metric] <= bound,
    ]);
  }
  for (const [arm, logs] of Object.entries(leanings)) {
    const above = logs.filter((log) => log > 0).length;
    const bound = binomialBound(runs, 0.5);
    rows.push([
      `the same runs: CPU time of ${arm} above that of a`,
      `${above} of ${runs} runs; mean change ${hundredths(mean(logs))} % ± ${hundredths(halfWidth(logs))}`,
      `${runs - bound} to ${bound} runs (one half, binomial bound)`,
      above >= runs - bound && above <= bound,
    ]);
  }
}

/** A runtime that counts to `loops` first: sh -c arithmetic, so nothing has to be compiled. */
function wrapper(folder, name, runtime, loops) {
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\ni=0; while [ $i -lt ${loops} ]; do i=$((i+1)); done\nexec ${runtime} "$@"\n`, {
    mode: 0o755,
  });
  return file;
}

/** Seconds of one loop, from a long series of them. */
function secondsPerLoop() {
  const loops = 2_000_000;
  const started = process.hrtime.bigint();
  spawnSync('/bin/sh', ['-c', `i=0; while [ $i -lt ${loops} ]; do i=$((i+1)); done`]);
  return Number(process.hrtime.bigint() - started) / 1e9 / loops;
}

function slowDowns(rows) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-calibrate-'));
  try {
    const runtime = spawnSync('sh', ['-c', `PATH=$PATH:/usr/sbin:/sbin command -v ${values.runtime}`], {
      encoding: 'utf8',
    }).stdout.trim();
    const plain = wrapper(folder, 'plain', runtime, 0);
    const base = ab(plain, plain, ['--count', '60']);
    const cpuSeconds = base.arms.find(({ arm }) => arm === 'a').medianCpuNs / 1e9;
    const perLoop = secondsPerLoop();
    for (const { share, args } of [
      { share: 0.01, args: ['--count', values['slow-blocks']] },
      { share: 0.006, args: null },
    ]) {
      const slow = wrapper(folder, `slow-${share}`, runtime, Math.round((share * cpuSeconds) / perLoop));
      const count = args ?? ['--count', plannedCount(base, share)];
      const planned = args === null ? ' (as planned for 90 % power)' : '';
      const cpu = find(ab(plain, slow, count), 'cpu');
      rows.push([
        `a slow-down of ${100 * share} % of CPU time, ${count[1]} blocks${planned}`,
        `${cpu.verdict}: ${percent(cpu)}`,
        'slower',
        cpu.verdict === 'slower',
      ]);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The count that `bench plan` names after the A/A pilot: for 90 % power, where the noise moves. */
function plannedCount(pilot, share) {
  const { effect } = find(pilot, 'cpu');
  /** The summary has what a plan needs. */
  const estimate = /** @type {import('#built/model/analysis/analysis.js').Estimate} */ ({
    logRatio: Math.log(effect.ratio),
    low: Math.log(effect.ratioLow),
    high: Math.log(effect.ratioHigh),
    blocks: effect.blocks,
    standardError: null,
    degreesOfFreedom: null,
  });
  return String(present(planCount(share, estimate, 'cpu', 0.9)).cautious);
}

const rows = [];
equalArms(rows);
if (!values['skip-slow']) slowDowns(rows);
process.stdout.write('| question | answer | expected | |\n|---|---|---|---|\n');
for (const [question, answer, expected, met] of rows)
  process.stdout.write(`| ${question} | ${answer} | ${expected} | ${met ? 'met' : 'missed'} |\n`);
process.exitCode = rows.every(([, , , met]) => met) ? 0 : 1;
