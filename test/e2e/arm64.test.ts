import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/**
 * What the proof on an emulated arm64 machine does where it cannot be given; the proof itself is `npm run test:arm64`.
 */
const SCRIPTS = resolve(import.meta.dirname, '../../scripts/arm64');
const PROGRAMS = [
  'qemu-system-aarch64',
  'mke2fs',
  'debugfs',
  'busybox',
  'apt-get',
  'dpkg-deb',
  'tar',
  'gzip',
  'setpriv',
  'npm',
];

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-arm64-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function prove(args: readonly string[], path = process.env['PATH'] ?? ''): Ended {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(SCRIPTS, 'main.mjs'), '--cache', join(folder, 'cache'), ...args],
    { encoding: 'utf8', env: { ...process.env, PATH: path } },
  );
  return { code: status, stdout, stderr };
}

/** A folder in which every program is there, by name. */
function allPrograms(): string {
  const place = join(folder, 'bin');
  mkdirSync(place);
  for (const name of PROGRAMS) {
    writeFileSync(join(place, name), '#!/bin/sh\nexit 1\n');
    chmodSync(join(place, name), 0o755);
  }
  return place;
}

const isX86 = process.arch === 'x64';

describe('the proof on an arm64 kernel', () => {
  it('lists its options', () => {
    expect(prove(['--help'])).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/--limit SECONDS/) as string,
    });
  });

  it.each([
    [['--limit', '0'], 'test:arm64: --limit: expected a whole number above 0, got "0"\n'],
    [['--memory', 'much'], 'test:arm64: --memory: expected a whole number above 0, got "much"\n'],
    [['--quick'], "test:arm64: Unknown option '--quick'"],
  ])('refuses %j with exit code 2', (args, message) => {
    const { code, stderr } = prove(args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  it.runIf(isX86)('names what is missing and how to install it, and makes nothing', () => {
    mkdirSync(join(folder, 'work'));
    const { code, stdout, stderr } = prove(['--work', join(folder, 'work')], join(folder, 'no-programs'));
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(
      /^test:arm64: qemu-system-aarch64, .* not found in PATH\n {2}sudo apt-get install --no-install-recommends qemu-system-arm /,
    );
    expect(readdirSync(folder)).toEqual(['work']);
    expect(readdirSync(join(folder, 'work'))).toEqual([]);
  });

  it.runIf(isX86)('says where there is too little space, and makes nothing there', (ctx) => {
    const work = join(folder, 'work');
    mkdirSync(work);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', work]).status !== 0)
      return ctx.skip('needs the right to mount');
    try {
      const { code, stderr } = prove(['--work', work], allPrograms());
      expect(code).toBe(2);
      expect(stderr).toBe(
        `test:arm64: the guest's disks need 1000 MiB in ${work}, and 8 MiB are free\n` +
          '  Free some space, or name another folder with --work or --cache.\n',
      );
      expect(readdirSync(work)).toEqual([]);
    } finally {
      spawnSync('umount', [work]);
    }
  });

  it.runIf(isX86)('refuses a folder for its work that cannot be one', () => {
    writeFileSync(join(folder, 'file'), '');
    const { code, stderr } = prove(['--work', join(folder, 'file')], allPrograms());
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining(`test:arm64: ${join(folder, 'file')} cannot hold the guest's disks: EEXIST`),
    ]);
  });
});

const hasQemu =
  spawnSync('qemu-system-aarch64', ['--version']).status === 0 &&
  (existsSync('/usr/sbin/debugfs') || existsSync('/sbin/debugfs'));

describe.runIf(hasQemu)('the emulated machine', () => {
  /** A kernel of one instruction, which branches to itself: a real guest that never ends. */
  function endless(): Readonly<Record<string, string>> {
    const images = Object.fromEntries(['kernel', 'initrd', 'root', 'out'].map((name) => [name, join(folder, name)]));
    for (const path of Object.values(images)) {
      writeFileSync(path, Buffer.from([0x00, 0x00, 0x00, 0x14]));
      truncateSync(path, 1 << 20);
    }
    return images;
  }

  /** What runs in a separate process, as in the proof. */
  const script = (limitSeconds: number, images: unknown): string => `
    import { runGuest } from ${JSON.stringify(join(SCRIPTS, 'guest.mjs'))};
    const settings = ${JSON.stringify({ out: join(folder, 'results'), memoryMiB: 128, cpus: 1, limitSeconds })};
    await runGuest(${JSON.stringify(images)}, settings, ${JSON.stringify(join(folder, 'serial'))}, new AbortController().signal, () => {})
      .catch((error) => { console.log(error.message + '|' + error.hint); process.exitCode = error.exitCode; });`;

  const qemus = (): readonly string[] =>
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((pid) => {
        try {
          return (
            readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder) &&
            readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('qemu')
          );
        } catch {
          return false;
        }
      });

  const run = (text: string): Ended => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', text], {
      encoding: 'utf8',
    });
    return { code: status, stdout, stderr };
  };

  it('that never finishes is ended at its limit and named, and its serial log is kept', () => {
    const { code, stdout, stderr } = run(script(2, endless()));
    expect([code, stderr]).toEqual([1, '']);
    expect(stdout).toMatch(
      /^the guest did not finish its job: it was stopped at its time limit of 2 s after \d+ s, before its job began\|/,
    );
    const log = join(folder, 'results/serial.log');
    expect(stdout).toContain(`Its serial log: ${log}. A busy machine needs more time: --limit SECONDS.`);
    expect(existsSync(log)).toBe(true);
    expect(qemus()).toEqual([]);
  });

  it('that cannot be started is named with what qemu says', () => {
    const images = endless();
    rmSync(images['kernel'] ?? '');
    const { code, stdout } = run(script(30, images));
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(/^the guest did not finish its job: qemu ended: .*could not load kernel/),
    ]);
  });

  it('ends with the process that started it, even where that is killed', async () => {
    const { stdout } = spawnSync(
      'sh',
      ['-c', '"$0" --input-type=module -e "$1" > /dev/null 2>&1 & echo $!', process.execPath, script(120, endless())],
      { encoding: 'utf8' },
    );
    await expect.poll(qemus, { timeout: 60_000, interval: 100 }).toHaveLength(1);
    process.kill(Number(stdout.trim()), 'SIGKILL');
    await expect.poll(qemus, { timeout: 60_000, interval: 100 }).toEqual([]);
  });
});
