// node calibrate/in-process.mjs [--repeats 3] [--blocks 60] [results folder ...]
// Does the difference of making and loading the filter in one process stand for the difference of whole starts? Each
// run times both: P in one process, before the containers, and D by pairs of starts in stages. If D were P, P would lie
// within 95 of 100 intervals of D, and P / D would be 1. With folders, those are read; otherwise runs are made here.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readResultFolder } from '#built/results/index.js';
import { analyse } from '#built/statistics/index.js';

const CLI = new URL('../dist/cli.js', import.meta.url).pathname;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    repeats: { type: 'string', default: '3' },
    blocks: { type: 'string', default: '60' },
  },
});

/** crun compiles a filter in a cold start only. */
const ENGINES = { runc: [], crun: ['--cache', 'cold'] };
const ARMS = ['before,after', 'unconfined,after'];

function recorded() {
  const folder = mkdtempSync(join(tmpdir(), 'bench-in-process-'));
  for (let repeat = 0; repeat < Number(values.repeats); repeat += 1)
    for (const [engine, more] of Object.entries(ENGINES))
      for (const arms of ARMS) {
        const args = ['sequential', '--stages', '--engine', engine, '--arms', arms, '--blocks', values.blocks, ...more];
        const { status, stderr } = spawnSync(process.execPath, [CLI, ...args, '--quiet', '--no-report'], {
          cwd: folder,
          encoding: 'utf8',
        });
        if (status !== 0) process.stderr.write(`${engine} ${arms}: ${stderr}\n`);
      }
  return folder;
}

const print = (line) => process.stdout.write(`${line}\n`);
const ms = (ns) => (ns / 1e6).toFixed(2);
const sumOf = ({ convertNs, serialiseNs, buildNs, loadNs }) => convertNs + serialiseNs + buildNs + loadNs;

function rowsOf(path) {
  const run = readResultFolder(path);
  const times = new Map(
    run.evidence.flatMap(({ arm, inProcess }) => (inProcess === undefined ? [] : [[arm, sumOf(inProcess)]])),
  );
  return analyse(run, { margin: 0.01 }).stages.flatMap(({ arm, baseline, total }) => {
    const [own, other] = [times.get(arm), times.get(baseline)];
    if (own === undefined || other === undefined) return [];
    return [{ engine: run.plan.engine.name, arms: `${arm} / ${baseline}`, inProcess: own - other, total }];
  });
}

const made = positionals.length === 0 ? recorded() : null;
const parent = made === null ? null : join(made, 'results');
const folders =
  parent === null ? positionals.map((path) => resolve(path)) : readdirSync(parent).map((name) => join(parent, name));
try {
  const rows = folders.flatMap(rowsOf);
  print('| engine | arms | in one process, ms | starts, ms [95 % interval] | share explained | within |');
  print('|---|---|---|---|---|---|');
  for (const { engine, arms, inProcess, total } of rows) {
    const within = inProcess >= total.lowNs && inProcess <= total.highNs;
    const interval = `${ms(total.differenceNs)} [${ms(total.lowNs)}, ${ms(total.highNs)}]`;
    const share = `${((100 * inProcess) / total.differenceNs).toFixed(0)} %`;
    print(`| ${engine} | ${arms} | ${ms(inProcess)} | ${interval} | ${share} | ${within ? 'yes' : 'no'} |`);
  }
  const held = rows.filter(({ inProcess, total }) => inProcess >= total.lowNs && inProcess <= total.highNs).length;
  print(`\nThe figure of one process lies within ${held} of ${rows.length} intervals of the starts; 95 % are wanted.`);
} finally {
  if (made !== null) rmSync(made, { recursive: true, force: true });
}
