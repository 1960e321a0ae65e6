// bench as a person starts it: in a folder of its own, with its own place for temporary files.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { meterIn } from '../shared/meter.mjs';
import { descendantsOf } from './processes.mjs';

export const CLI = join(import.meta.dirname, '../../dist/cli.js');
/** More of what bench printed is not read. */
const MOST_TEXT_BYTES = 1 << 20;

/** A folder to start bench in: what it makes, and what it leaves, is found there. */
export class Place {
  /** @param {string} folder */
  constructor(folder) {
    this.folder = folder;
    this.tmp = join(folder, 'tmp');
    this.results = join(folder, 'results');
    this.clear();
  }

  clear() {
    rmSync(this.folder, { recursive: true, force: true });
    mkdirSync(this.tmp, { recursive: true });
  }

  /**
   * Starts bench. Its output goes to files: a pipe would stay open for as long as anything that it started lives.
   * @param {readonly string[]} args
   * @param {Readonly<Record<string, string>>} [env]
   */
  start(args, env = {}) {
    const [out, err] = ['stdout', 'stderr'].map((name) => join(this.folder, name));
    const files = [openSync(out, 'w'), openSync(err, 'w')];
    const meter = meterIn(this.folder);
    const started = performance.now();
    const child = spawn(process.execPath, [...meter.args, CLI, ...args], {
      cwd: this.folder,
      stdio: ['ignore', ...files],
      env: {
        ...process.env,
        NO_COLOR: '1',
        ...env,
        ...meter.env,
        TMPDIR: this.tmp,
        NODE_COMPILE_CACHE: join(this.folder, 'cache'),
      },
    });
    files.forEach(closeSync);
    /** @type {Promise<{ status: number | null, signal: string | null, ms: number }>} */
    const exited = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (status, signal) => {
        resolve({ status, signal, ms: performance.now() - started });
      });
    });
    return { pid: child.pid ?? -1, exited, usage: meter.usage, stdout: () => head(out), stderr: () => head(err) };
  }

  /**
   * Runs bench to its end; where that does not come in time, kills it with all that it started (`hung`).
   * @param {readonly string[]} args
   */
  async run(args, { env = {}, limitMs = 120_000 } = {}) {
    const bench = this.start(args, env);
    const end = await endWithin(bench, limitMs);
    return { ...end, usage: bench.usage(), stdout: bench.stdout(), stderr: bench.stderr() };
  }
}

/** How bench ended; `hung`: it did not within the limit, and was killed with what it had started. */
export async function endWithin({ pid, exited }, limitMs) {
  const limit = new AbortController();
  const late = sleep(limitMs, 'late', { signal: limit.signal }).catch(() => 'ended');
  if ((await Promise.race([exited, late])) === 'late') {
    for (const one of [pid, ...descendantsOf(pid)]) end(one);
    return { ...(await exited), hung: true };
  }
  limit.abort();
  return { ...(await exited), hung: false };
}

function end(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

function head(file) {
  const { size } = statSync(file);
  if (size <= MOST_TEXT_BYTES) return readFileSync(file, 'utf8');
  return `${readFileSync(file).subarray(0, MOST_TEXT_BYTES).toString('utf8')}\n(${size} bytes)`;
}
