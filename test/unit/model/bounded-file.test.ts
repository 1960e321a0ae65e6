import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { interrupted } from '../../../src/errors.js';
import { readBounded } from '../../../src/model/bounded-file.js';

const folder = mkdtempSync(join(tmpdir(), 'bounded-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const fifo = (name: string): string => {
  const path = join(folder, name);
  execFileSync('mkfifo', [path]);
  return path;
};

describe('readBounded', () => {
  it('reads a file up to its bound', async () => {
    const path = join(folder, 'file');
    writeFileSync(path, 'x'.repeat(1024));
    expect((await readBounded(path, { maxBytes: 1024 })).length).toBe(1024);
    appendFileSync(path, 'x');
    await expect(readBounded(path, { maxBytes: 1024 })).rejects.toThrow(`${path} is larger than 1 KiB`);
  });

  it('reads files of /proc, which have no size', async () => {
    expect((await readBounded('/proc/self/status')).toString()).toContain('Seccomp:');
  });

  it('refuses devices and folders by name', async () => {
    await expect(readBounded('/dev/zero')).rejects.toThrow('could not read /dev/zero: is a device');
    await expect(readBounded(folder)).rejects.toThrow('is a directory');
  });

  it.runIf(process.getuid?.() === 0)('refuses a file that has no end', async () => {
    await expect(readBounded('/proc/kmsg')).rejects.toThrow('could not read /proc/kmsg: it has no end');
  });

  it('does not wait for ever for the writer of a FIFO', async () => {
    await expect(readBounded(fifo('lonely'))).rejects.toThrow('a FIFO that no process writes to');
  });

  it('ends at once when it is stopped', async () => {
    const abort = new AbortController();
    const reading = readBounded(fifo('stopped'), { signal: abort.signal });
    abort.abort(interrupted('stopped by a test'));
    await expect(reading).rejects.toThrow('stopped by a test');
  });
});
