// node scripts/fuzz-forms.mjs [--count N] [--seed N]: damaged files of every form that bench reads (dist/: build
// first). Each must be read, or refused in one line with a hint: by the readers in this process (N files), and by the
// commands as a person starts them (N / 20 files), under 1 s of CPU time, 300 MiB, and with exit code 0 or 2.
// The last line is `N passed, N failed, N skipped`; a file that fails is kept, and its command shown.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { endOf, readFile } from './fuzz/read.mjs';
import { damaged, SAMPLES } from './fuzz/samples.mjs';
import { endFault } from './shared/ends.mjs';
import { meterIn } from './shared/meter.mjs';

const MOST_CPU_MS = 1000;
const MOST_RSS_MIB = 300;
const FILES_PER_COMMAND = 20;
const CLI = join(import.meta.dirname, '../dist/cli.js');

const { values } = parseArgs({ options: { count: { type: 'string' }, seed: { type: 'string' } } });
const count = Number(values.count ?? 1000);
const commands = Math.ceil(count / FILES_PER_COMMAND);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const folder = mkdtempSync(join(tmpdir(), 'fuzz-forms-'));
const generator = xoroshiro128plus(seed);
/** @type {(low: number, high: number) => number} */
const draw = (low, high) => uniformInt(generator, low, high);
let [passed, failed, read] = [0, 0, 0];

/** A damaged file and how it came about. */
function next() {
  const sample = SAMPLES[draw(0, SAMPLES.length - 1)];
  const other = SAMPLES[draw(0, SAMPLES.length - 1)];
  return { ...sample, bytes: damaged(sample.bytes, other.bytes, draw) };
}

/**
 * @param {number} index
 * @param {{ file: { name: string, bytes: Uint8Array }, fault: string | null, command?: readonly string[] }} outcome
 */
function tell(index, { file, fault, command }) {
  if (fault === null) {
    passed++;
    return;
  }
  failed++;
  const kept = join(folder, `${index}-${file.name}`);
  writeFileSync(kept, file.bytes);
  console.log(`FAILED: ${kept}: ${fault}${command === undefined ? '' : ` (${command.join(' ')})`}`);
}

function readHere(file) {
  const started = process.cpuUsage();
  const { fault, read: isRead } = endOf(() => readFile(file));
  if (isRead) read++;
  const { user, system } = process.cpuUsage(started);
  const ms = (user + system) / 1000;
  return { file, fault: fault ?? (ms > MOST_CPU_MS ? `took ${Math.round(ms)} ms` : null) };
}

function readByCommand(file) {
  const path = join(folder, 'file');
  writeFileSync(path, file.bytes);
  const meter = meterIn(folder);
  const fitting = file.isTable ? TABLE_COMMANDS : COMMANDS;
  const command = fitting[draw(0, fitting.length - 1)](path);
  const { status, signal, stderr, stdout } = spawnSync(process.execPath, [...meter.args, CLI, ...command], {
    encoding: 'utf8',
    cwd: folder,
    timeout: 60_000,
    maxBuffer: 2 ** 28,
    env: { ...process.env, ...meter.env, NODE_COMPILE_CACHE: join(folder, 'node-compile-cache') },
  });
  return { file, command, fault: endFault({ status, signal, stderr, stdout }) ?? usageFault(meter.usage()) };
}

const COMMANDS = [
  (file) => ['convert', file],
  (file) => ['convert', '--explain', '--lenient', file],
  (file) => ['inspect', file],
  (file) => ['exact', file],
  (file) => ['build', file, '-o', 'out.bpf'],
  (file) => ['diff', file, 'default'],
  (file) => ['diff', 'default', file, '--json'],
];
const TABLE_COMMANDS = [
  (file) => ['syscalls', 'diff', file, file],
  (file) => ['syscalls', 'diff', `${file}#1`, `${file}#1`, '--json'],
];

/** @param {{ cpuMs: number, mib: number } | null} usage */
function usageFault(usage) {
  if (usage === null) return 'it was killed';
  const { cpuMs, mib } = usage;
  if (cpuMs > MOST_CPU_MS) return `took ${Math.round(cpuMs)} ms of CPU time`;
  return mib > MOST_RSS_MIB ? `took ${Math.round(mib)} MiB` : null;
}

console.log(`seed ${seed}: ${count} files in this process, ${commands} by the commands`);
for (let index = 0; index < count; index++) tell(index, readHere(next()));
const mib = process.resourceUsage().maxRSS / 1024;
console.log(`${read} read, the others refused; ${Math.round(mib)} MiB at most`);
if (mib > MOST_RSS_MIB) failed++;
for (let index = 0; index < commands; index++) tell(index, readByCommand(next()));
if (failed === 0) rmSync(folder, { recursive: true });
console.log(`${passed} passed, ${failed} failed, 0 skipped`);
process.exitCode = failed === 0 ? 0 : 1;
