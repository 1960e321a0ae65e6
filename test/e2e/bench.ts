import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestContext } from 'vitest';
import type { RunPlan } from '../../src/model/results/result.js';
import type { ContainerSample, Sample } from '../../src/model/results/sample.js';
import { lastAttempts } from '../../src/results/attempts.js';

export const ROOT = resolve(import.meta.dirname, '../..');
export const CLI = join(ROOT, 'dist/cli.js');
export const FAKE = join(ROOT, 'test/fixtures/fake-runtime.sh');

/** Ends only what hangs: a machine that does other work may take minutes. */
const LIMIT_MS = 170_000;

export interface CliResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Names of the reports in a folder, sorted: without the page over all of them. */
export const reportsIn = (folder: string): readonly string[] =>
  readdirSync(folder)
    .filter((name) => name !== 'index.html')
    .sort();

/** A folder to run `bench` in, gone with the test file. */
export class Sandbox implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'bench-e2e-'));

  /** Runs the built command to its end. */
  bench(args: readonly string[], env: Record<string, string> = {}): CliResult {
    const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], {
      cwd: this.folder,
      encoding: 'utf8',
      env: { ...process.env, ...env },
      timeout: LIMIT_MS,
    });
    return { status, stdout, stderr };
  }

  /** What the built command prints on a terminal this wide, without colours; needs `script`. */
  onTerminal(columns: number, args: readonly string[], env: Record<string, string> = {}): string {
    const command = `stty cols ${columns} && exec "$BENCH_NODE" "$BENCH_CLI" ${args.join(' ')}`;
    return spawnSync('script', ['-qec', command, '/dev/null'], {
      cwd: this.folder,
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1', BENCH_NODE: process.execPath, BENCH_CLI: CLI, ...env },
      timeout: LIMIT_MS,
    }).stdout.replaceAll('\r\n', '\n');
  }

  /** Runs the built command where tracefs is mounted, so that perf can count system calls; needs root and `unshare`. */
  benchWithTracefs(args: readonly string[], env: Record<string, string> = {}): CliResult {
    const mount = 'grep -q " tracefs " /proc/self/mounts || mount -t tracefs tracefs /sys/kernel/tracing';
    const script = `{ ${mount}; } && exec "$@"`;
    const { status, stdout, stderr } = spawnSync(
      'unshare',
      ['-m', 'sh', '-c', script, 'sh', process.execPath, CLI, ...args],
      { cwd: this.folder, encoding: 'utf8', env: { ...process.env, ...env }, timeout: LIMIT_MS },
    );
    return { status, stdout, stderr };
  }

  /** Starts the built command and gives its process and its end. */
  start(
    args: readonly string[],
    env: Record<string, string> = {},
  ): { readonly pid: number; readonly stderr: () => string; readonly end: Promise<CliResult> } {
    const child = spawn(process.execPath, [CLI, ...args], {
      cwd: this.folder,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const end = new Promise<CliResult>((done) => {
      child.on('close', (status) => {
        done({ status, stdout, stderr });
      });
    });
    return { pid: child.pid ?? -1, stderr: () => stderr, end };
  }

  /** The only results folder. */
  results(): string {
    const names = readdirSync(join(this.folder, 'results'));
    if (names.length !== 1) throw new Error(`expected one results folder, got ${names.join(', ')}`);
    return join(this.folder, 'results', names[0]!);
  }

  plan(): RunPlan {
    return JSON.parse(readFileSync(join(this.results(), 'plan.json'), 'utf8')) as RunPlan;
  }

  /** Of every block the last attempt: on a busy machine a block that stood still is run again. */
  samples(): Sample[] {
    const lines = readFileSync(join(this.results(), 'samples.jsonl'), 'utf8').trim().split('\n');
    return [...lastAttempts(lines.map((line) => JSON.parse(line) as Sample)).samples];
  }

  containers(): ContainerSample[] {
    return this.samples().filter((sample) => sample.kind === 'container');
  }

  clear(): void {
    for (const name of ['results', 'reports']) rmSync(join(this.folder, name), { recursive: true, force: true });
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The same with a temporary folder of its own for the runs in it: what others keep in the usual one is theirs. */
export class PrivateSandbox extends Sandbox {
  readonly tmp = join(this.folder, 'tmp');

  constructor() {
    super();
    mkdirSync(this.tmp);
  }

  override bench(args: readonly string[], env: Record<string, string> = {}): CliResult {
    const { stderr, ...result } = super.bench(args, { TMPDIR: this.tmp, ...env });
    return { ...result, stderr: args[0] === 'clean' ? this.#withoutOthers(stderr) : stderr };
  }

  /** Without what bench clean says of processes of other sandboxes, where a test may just have killed a run. */
  #withoutOthers(stderr: string): string {
    const ofOthers = (line: string): boolean =>
      /^left alone: processes [\d, ]+ of run sb-[0-9a-f]+; its folder /.test(line) && !line.includes(this.tmp);
    return stderr
      .split('\n')
      .filter((line) => !ofOthers(line))
      .join('\n');
  }

  override benchWithTracefs(args: readonly string[], env: Record<string, string> = {}): CliResult {
    return super.benchWithTracefs(args, { TMPDIR: this.tmp, ...env });
  }

  override start(args: readonly string[], env: Record<string, string> = {}): ReturnType<Sandbox['start']> {
    return super.start(args, { TMPDIR: this.tmp, ...env });
  }

  /** Starts a run and waits until its results have so many lines of samples. */
  async startUntil(lines: number, args: readonly string[]): Promise<ReturnType<Sandbox['start']>> {
    const run = this.start(args);
    const results = join(this.folder, 'results');
    const isThere = (): boolean =>
      existsSync(results) &&
      readdirSync(results).some((name) => {
        const samples = join(results, name, 'samples.jsonl');
        return existsSync(samples) && readFileSync(samples, 'utf8').split('\n').length > lines;
      });
    const ended = run.end.then(() => true);
    while (!isThere()) if (await Promise.race([ended, sleep(10, false)])) break;
    return run;
  }

  override clear(): void {
    super.clear();
    rmSync(this.tmp, { recursive: true, force: true });
    mkdirSync(this.tmp);
  }

  /** Names of the workspaces of its runs that exist now. */
  workspaces(): string[] {
    return workspacesIn(this.tmp);
  }

  /** A runtime in front of another, after some lines of shell that see its arguments. */
  runtime(lines: string, real = FAKE): string {
    const path = join(this.folder, 'runtime.sh');
    writeFileSync(path, `#!/bin/sh\n${lines}\nexec ${real} "$@"\n`, { mode: 0o755 });
    return path;
  }
}

/** Where runs keep what they must remove. */
export const workspacesFolder = (tmp: string): string => join(tmp, `seccomp-bench-${userInfo().uid}`);

const workspacesIn = (tmp: string): string[] =>
  existsSync(workspacesFolder(tmp)) ? readdirSync(workspacesFolder(tmp)) : [];

/** Workspaces that exist now, of all tests that run at the same time. */
export const workspaces = (): string[] => workspacesIn(tmpdir());

export const isRoot = (): boolean => process.getuid?.() === 0;

/** Skips the test, with the reason, where a program is missing. */
export function needs(context: TestContext, ...programs: readonly string[]): void {
  for (const program of programs) {
    if (
      spawnSync('sh', ['-c', `command -v ${program}`], {
        env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
      }).status !== 0
    )
      context.skip(`${program} is not installed`);
  }
}

/** Skips the test, with the reason, for an ordinary user. */
export function needsRoot(context: TestContext): void {
  if (!isRoot()) context.skip('needs root');
}
