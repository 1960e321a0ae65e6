import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { holdLock, lockState } from '../../../src/process/lock.js';

const folder = mkdtempSync(join(tmpdir(), 'lock-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('the lock of a file', () => {
  it('is held from the call until it is disposed of', () => {
    const path = join(folder, 'owner.json');
    writeFileSync(path, '{}');
    expect(lockState(path)).toBe('free');
    const lock = holdLock(path);
    expect(lockState(path)).toBe('held');
    expect(() => holdLock(path)).toThrow(/EAGAIN|EWOULDBLOCK/);
    lock[Symbol.dispose]();
    lock[Symbol.dispose]();
    expect(lockState(path)).toBe('free');
  });

  it('is unknown of a file that is not there', () => {
    expect(lockState(join(folder, 'missing'))).toBe('unknown');
  });
});
