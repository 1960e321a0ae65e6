import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { CLI, FAKE, PrivateSandbox } from './bench.js';

const sandbox = new PrivateSandbox();
const TMPDIR = sandbox.tmp;
beforeEach(() => {
  sandbox.clear();
});
afterAll(() => {
  sandbox[Symbol.dispose]();
});

const REPORTED = ['sequential', '--count', '2', '--warmup', '0', '--engine', 'oci', '--runtime'];
const RUN = ['sequential', '--no-report', ...REPORTED.slice(1)];

async function appears(name: string): Promise<void> {
  while (!existsSync(join(sandbox.folder, name))) await sleep(10);
}

describe('bench in a place that is not as it should be', () => {
  it('takes a TMPDIR that is relative, and makes none that is missing', () => {
    expect(sandbox.bench([...RUN, FAKE], { TMPDIR: './tmp', FAKE_LOG: join(sandbox.folder, 'calls') }).status).toBe(0);
    expect(readFileSync(join(sandbox.folder, 'calls'), 'utf8')).toContain(`--root ${TMPDIR}/`);
    expect(sandbox.bench([...RUN, FAKE], { TMPDIR: join(sandbox.folder, 'missing/deeper') }).status).toBe(0);
    expect([existsSync(join(sandbox.folder, 'missing')), readdirSync(TMPDIR)]).toEqual([false, []]);
  });

  it('says that the current folder is gone', () => {
    const gone = mkdtempSync(join(sandbox.folder, 'gone-'));
    const { status, stderr } = spawnSync('sh', ['-c', `rmdir "${gone}"; exec "${process.execPath}" "${CLI}" report`], {
      cwd: gone,
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([
      2,
      'bench: the current folder does not exist\n  It was removed. Change to an existing folder.\n',
    ]);
  });

  it('ends with 2 where standard output cannot be written, and goes on where standard error cannot', () => {
    const full = openSync('/dev/full', 'w');
    const spawned = (stdio: ['ignore', number | 'pipe', number | 'pipe']) =>
      spawnSync(process.execPath, [CLI, ...RUN, FAKE], { cwd: sandbox.folder, encoding: 'utf8', stdio });
    const noOutput = spawned(['ignore', full, 'pipe']);
    expect([noOutput.status, noOutput.stderr]).toEqual([
      2,
      expect.stringMatching(
        /\nbench: could not write standard output: no space left on device\n {2}Free some space, .*\n$/,
      ),
    ]);
    const noErrors = spawned(['ignore', 'pipe', full]);
    expect([noErrors.status, noErrors.stdout]).toEqual([0, expect.stringContaining('2 of 2 blocks')]);
    closeSync(full);
  });

  it('refuses a batch that needs more open files than it may have, before anything is started', () => {
    const { status, stderr } = spawnSync(
      'sh',
      [
        '-c',
        `ulimit -n 256; exec "${process.execPath}" "${CLI}" parallel --count 200 --engine oci --runtime "${FAKE}"`,
      ],
      { cwd: sandbox.folder, encoding: 'utf8' },
    );
    expect([status, stderr]).toEqual([
      2,
      'bench: 200 containers in flight require 664 open files; the limit is 256\n' +
        '  Raise it (ulimit -n 664), or use --concurrency 64.\n',
    ]);
  });

  it('takes no core that is not written as a number', () => {
    for (const core of ['', ' ', '1e0', '0x0'])
      expect([core, sandbox.bench([...RUN, FAKE, `--pin=${core}`]).status]).toEqual([core, 2]);
  });

  it('refuses results in a file system that makes no folders', () => {
    expect(sandbox.bench([...RUN, FAKE, '--results', '/proc/no-such-folder'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('bench: could not create the results folder /proc/no-such-folder') as string,
    });
  });

  it('refuses a folder for reports that cannot be created, before anything is measured', () => {
    writeFileSync(join(sandbox.folder, 'a-file'), '');
    expect(sandbox.bench([...REPORTED, FAKE, '--report', 'a-file'])).toEqual({
      status: 2,
      stdout: '',
      stderr:
        `bench: could not create ${sandbox.folder}/a-file: not a directory\n` +
        '  Choose another folder with --report.\n',
    });
    expect(existsSync(join(sandbox.folder, 'results'))).toBe(false);
  });

  it('shows what was measured although the report cannot be written, and says how to make it elsewhere', () => {
    // The second folder is lost while containers start.
    const losing = sandbox.runtime('case "$*" in *-b1-0-*) rmdir lost && touch lost ;; esac');
    mkdirSync(join(sandbox.folder, 'lost'));
    const page = (reports: string) => resolve(sandbox.folder, reports, basename(sandbox.results()));
    for (const [reports, runtime, message] of [
      ['/proc', FAKE, () => `could not write ${page('/proc')}: no such file or directory`],
      ['lost', losing, () => `could not write the report to ${page('lost')}: ${sandbox.folder}/lost is not a folder`],
    ] as const) {
      sandbox.clear();
      const { status, stdout, stderr } = sandbox.bench([...REPORTED, runtime, '--report', reports]);
      expect([status, stdout]).toEqual([2, expect.stringContaining('2 of 2 blocks')]);
      const again = `bench report results/${basename(sandbox.results())} --report FOLDER`;
      expect(stderr).toContain(
        `\nbench: ${message()}\n  The results are kept: ${again} writes the report elsewhere.\n`,
      );
    }
    expect(sandbox.bench(['report', sandbox.results()]).status).toBe(0);
  });
});

describe('a runtime that does not keep its word', () => {
  it('is said to have left a container behind, which is removed', () => {
    const { status, stderr } = sandbox.bench([...RUN, FAKE], { FAKE_FAIL: '*-b0-1-*', FAKE_HOW: 'leave' });
    expect([status, stderr]).toEqual([
      0,
      expect.stringMatching(/\noci left 1 container behind \(sb-[0-9a-f]+-b0-1-0\), removed now/),
    ]);
    expect(readdirSync(TMPDIR)).toEqual([]);
  });

  it('may vanish during the run: every start after it is counted as failed, and nothing is left', () => {
    const { status, stdout } = sandbox.bench([...RUN, sandbox.runtime('case "$*" in *-b1-0-*) rm "$0" ;; esac')]);
    expect([status, stdout]).toEqual([1, expect.stringContaining('1 of 2 blocks')]);
    expect(sandbox.containers().flatMap((sample) => (sample.state === 'ok' ? [] : [sample.cause]))).toEqual(
      Array.from({ length: 2 }, () => 'could not be started: ENOENT'),
    );
    expect(readdirSync(TMPDIR)).toEqual([]);
  });

  it('may print without end where its version is asked for: only a part is read', () => {
    const path = sandbox.runtime('case "$*" in --version) exec cat /dev/zero ;; esac');
    const { status, stderr } = sandbox.bench([...RUN, path]);
    expect([status, stderr]).toEqual([2, expect.stringMatching(/^bench: \S+ --version printed more than 64 KiB\n/)]);
  });

  it('controls no terminal by its version or by its errors', () => {
    const words = String.raw`\033]0;title\007\033[2J\033[31mred\302\2332J\342\200\256left\r\n::error::x`;
    const path = sandbox.runtime(
      `case "$*" in --version) printf 'own ${words} 1.2.3\\n'; exit 0 ;; *-b1-0-*) printf '${words}' >&2; exit 3 ;; esac`,
    );
    const { stdout, stderr } = sandbox.bench([...RUN, path]);
    expect(`${stdout}${stderr}`).toMatch(/left/);
    expect(`${stdout}${stderr}`).not.toMatch(/(?!\n)\p{Cc}|\p{Cf}|^::error/mu);
    const again = sandbox.bench(['report', '--json', sandbox.results()]);
    expect(again.stdout).not.toMatch(/(?!\n)\p{Cc}|\p{Cf}/u);
    expect(JSON.stringify(JSON.parse(again.stdout))).toContain('\\u001b]0;title\\u0007');
  });

  it('is not asked again and again where a start hangs', () => {
    const path = sandbox.runtime(
      'echo "$*" >> starts; case "$*" in features) exit 1 ;; *" run "*-first-before) exec sleep 600 ;; esac',
    );
    const { status, stderr } = sandbox.bench([...RUN, path]);
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining('a container of arm before did not start: no end within 20 s'),
    ]);
    expect(readFileSync(join(sandbox.folder, 'starts'), 'utf8').match(/ run .*-first-before/g)).toHaveLength(1);
  });
});

describe('bench that is stopped while a tool runs for it', () => {
  /** Hangs once, when it is asked for its containers. */
  const HANGING_LIST = [
    'case "$*" in',
    'features) touch begun; sleep 1 ;;',
    '*" list "*) [ -e hanging ] || { touch hanging; exec sleep 25; } ;;',
    'esac',
  ].join('\n');

  it('ends in order at the first signal, and takes one that npm passes on again as the same', async () => {
    const path = sandbox.runtime(
      'case "$*" in features) touch asked; sleep 1 ;; *" list "*) touch listing; sleep 1 ;; esac',
    );
    const { pid, end } = sandbox.start([...RUN, path]);
    await appears('asked');
    process.kill(pid, 'SIGINT');
    process.kill(pid, 'SIGTERM');
    const { status, stderr } = await end;
    expect([status, stderr.split('\n').filter((line) => line.startsWith('bench: '))]).toEqual([
      130,
      ['bench: stopped by the user'],
    ]);
    expect(readdirSync(TMPDIR)).toEqual([]);
  });

  it('says after a while that it still removes, and ends at once at a second signal with what may be left', async () => {
    const path = sandbox.runtime(HANGING_LIST);
    const { pid, stderr: seen, end } = sandbox.start([...RUN, path]);
    await appears('begun');
    process.kill(pid, 'SIGINT');
    await appears('hanging');
    while (!seen().includes('still removing')) await sleep(50);
    process.kill(pid, 'SIGINT');
    const { status, stderr } = await end;
    expect([status, stderr]).toEqual([
      130,
      expect.stringMatching(
        /bench: ended before everything was removed: .* of run sb-\w+ \(.*, .*\)\n {2}bench clean removes it\.\n$/,
      ),
    ]);
    expect(sandbox.bench(['clean']).status).toBe(0);
    expect(readdirSync(TMPDIR)).toEqual([]);
  });

  it('stops waiting for standard input', async () => {
    const child = spawn(process.execPath, [CLI, 'convert', '-'], { stdio: ['pipe', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    // More than any pipe holds: once it is written, most of it was read.
    await new Promise((done) => {
      child.stdin.write(' '.repeat(4_000_000), done);
    });
    child.kill('SIGINT');
    const [status] = (await once(child, 'close')) as [number];
    expect([status, stderr]).toEqual([130, 'bench: stopped by SIGINT\n']);
  });
});
