import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BenchError } from '../../../src/errors.js';
import { payloadFiles, writeRootfs } from '../../../src/payload/index.js';

describe('writeRootfs', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rootfs-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('makes the mount points and copies the programs, all with mode 755 regardless of the umask', async () => {
    const root = join(folder, 'deep/rootfs');
    const before = process.umask(0o077);
    let paths;
    try {
      paths = await writeRootfs(root, 'x86_64');
    } finally {
      process.umask(before);
    }
    expect(paths).toEqual({
      root,
      payload: join(root, 'payload'),
      caller: join(root, 'caller'),
      loader: join(root, 'loader'),
      probe32: join(root, 'probe32'),
    });
    expect(readdirSync(root).sort()).toEqual([
      'caller',
      'dev',
      'etc',
      'loader',
      'payload',
      'probe32',
      'proc',
      'sys',
      'tmp',
    ]);
    for (const name of ['', ...readdirSync(root)])
      expect([name, statSync(join(root, name)).mode & 0o777]).toEqual([name, 0o755]);
    expect(readFileSync(paths.payload).equals(readFileSync(payloadFiles('x86_64').payload))).toBe(true);
  });

  it('takes the programs of the machine it is made for', async () => {
    const paths = await writeRootfs(folder, 'aarch64');
    expect(readFileSync(paths.probe32).equals(readFileSync(payloadFiles('aarch64').probe32))).toBe(true);
  });

  it('makes a changed root file system whole again', async () => {
    const paths = await writeRootfs(folder, 'x86_64');
    writeFileSync(paths.payload, 'something else');
    rmSync(join(folder, 'proc'), { recursive: true });
    await writeRootfs(folder, 'x86_64');
    expect(readFileSync(paths.payload).equals(readFileSync(payloadFiles('x86_64').payload))).toBe(true);
    expect(statSync(join(folder, 'proc')).isDirectory()).toBe(true);
  });

  it('says what it could not write', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    await expect(writeRootfs(file, 'x86_64')).rejects.toEqual(
      expect.objectContaining({
        code: 'environment',
        message: `could not write ${file}: already exists`,
      }) as BenchError,
    );
  });
});
