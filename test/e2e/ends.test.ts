import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { CLI, FAKE, PrivateSandbox } from './bench.js';

const sandbox = new PrivateSandbox();
beforeEach(() => {
  sandbox.clear();
});
afterAll(() => {
  sandbox[Symbol.dispose]();
});

const RUN = ['sequential', '--no-report', '--warmup', '0', '--engine', 'oci', '--runtime', FAKE, '--count'];

/** A line of shell in the sandbox; `bench` is the built command. */
function shell(line: string): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const { status, stdout, stderr } = spawnSync(
    'bash',
    ['-c', `bench() { "$BENCH_NODE" "$BENCH_CLI" "$@"; }; ${line}`],
    {
      cwd: sandbox.folder,
      encoding: 'utf8',
      env: { ...process.env, TMPDIR: sandbox.tmp, BENCH_NODE: process.execPath, BENCH_CLI: CLI },
    },
  );
  return { status, stdout, stderr };
}

describe('a reader that goes away', () => {
  it.each([
    ['the output', 'bench inspect default | head -1'],
    ['both outputs of a run', `bench ${RUN.join(' ')} 2 2>&1 | head -1`],
    ['the errors of a run', `bench ${RUN.join(' ')} 2 2> >(head -1 >&2) >/dev/null`],
  ])('ends a command in order: of %s', (_, line) => {
    const { status, stdout, stderr } = shell(`set -o pipefail; ${line}`);
    expect([status, stderr.includes('EPIPE'), /^ {4}at /m.test(stdout + stderr)]).toEqual([0, false, false]);
  });

  it.each(['>&-', '2>&-', '<&-', '<&- >&- 2>&-'])('does not matter where it was never there: %s', (redirections) => {
    const { status, stderr } = shell(`bench ${RUN.join(' ')} 2 ${redirections}`);
    expect([status, stderr.includes('    at ')]).toEqual([0, false]);
  });
});

describe('a terminal that is closed', () => {
  it.each([
    ['goes on where nobody sends SIGHUP', 0, false],
    ['is stopped by SIGHUP', 130, true],
  ])('never makes Node abort: a run that %s', async (_, expected, isHungUp) => {
    // The shell stays, to see how the command ends. It has to lead the session (exec): closing a terminal sends SIGHUP
    // to the leader, and as soon as the leader ends, to the command as well.
    const command = `"$BENCH_NODE" "$BENCH_CLI" ${RUN.join(' ')} ${isHungUp ? 5000 : 40} --pause 20`;
    const line = `trap "" HUP; ${command} & echo $! >pid; wait $!; echo $? >ended`;
    const terminal = spawn('script', ['-qec', `exec sh -c '${line}'`, '/dev/null'], {
      cwd: sandbox.folder,
      env: { ...process.env, SHELL: '/bin/sh', TMPDIR: sandbox.tmp, BENCH_NODE: process.execPath, BENCH_CLI: CLI },
      stdio: 'ignore',
    });
    const ended = join(sandbox.folder, 'ended');
    rmSync(ended, { force: true });
    while (sandbox.workspaces().length === 0) await sleep(20);
    terminal.kill('SIGKILL');
    await sleep(200);
    if (isHungUp) process.kill(Number(readFileSync(join(sandbox.folder, 'pid'), 'utf8')), 'SIGHUP');
    while (!existsSync(ended) || readFileSync(ended, 'utf8') === '') await sleep(50);
    expect(readFileSync(ended, 'utf8')).toBe(`${expected}\n`);
    expect(sandbox.workspaces()).toEqual([]);
  });
});

describe('a long pause', () => {
  it('ends at Ctrl-C', async () => {
    const { pid, end } = sandbox.start([...RUN, '5', '--pause', '60s']);
    while (sandbox.workspaces().length === 0) await sleep(20);
    await sleep(1500);
    process.kill(pid, 'SIGINT');
    expect((await end).status).toBe(130);
  });
});
