import { afterAll, afterEach, expect } from 'vitest';
import { PrivateSandbox } from './bench.js';

/**
 * A sandbox of a test file's own, empty before each test. Nothing of a run may stay there after a test, however the run
 * ended; nor what `left` finds.
 */
export function emptiedBox(left: () => readonly string[] = () => []): PrivateSandbox {
  const box = new PrivateSandbox();
  afterEach(() => {
    const stayed = [...box.workspaces(), ...left()];
    box.clear();
    expect(stayed).toEqual([]);
  });
  afterAll(() => {
    box[Symbol.dispose]();
  });
  return box;
}
