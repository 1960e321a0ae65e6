import { describe, expect, it } from 'vitest';
import { progressOf } from '../../../src/cli/output/progress.js';
import type { Progress } from '../../../src/cli/output/progress.js';
import type { Io } from '../../../src/model/io.js';

interface Watched {
  readonly progress: Progress;
  readonly written: string[];
  /** Moves the clock. */
  readonly pass: (ms: number) => void;
}

function watch(blocks: number, columns: number | null, seconds: number | null = null): Watched {
  const written: string[] = [];
  let now = 5_000;
  const io: Io = {
    out: () => {
      throw new Error('progress is not a result');
    },
    err: (text) => {
      written.push(text);
    },
    stdin: () => Promise.resolve(Buffer.alloc(0)),
    columns,
    outColumns: columns,
    colour: false,
    env: {},
    cwd: '/',
    commandLine: [],
    signal: new AbortController().signal,
  };
  return {
    progress: progressOf({ blocks, seconds }, { unit: 'block', things: 'containers' }, io, () => now),
    written,
    pass: (ms) => {
      now += ms;
    },
  };
}

const CLEAR = '\r\u001b[K';

describe('progress without a terminal', () => {
  it('is a plain line each tenth of the way, with rate and time left', () => {
    const { progress, written, pass } = watch(100, null);
    for (let done = 1; done <= 100; done += 1) {
      pass(1_000);
      progress.blockDone(done, done * 3, 0);
    }
    progress.end();
    expect(written).toHaveLength(10);
    expect([written[0], written[2], written[9]]).toEqual([
      'block 10/100 · 3.0 containers/s · 90 s left\n',
      'block 30/100 · 3.0 containers/s · 70 s left\n',
      'block 100/100 · 3.0 containers/s · 0 s left\n',
    ]);
  });

  it('counts down the time where a run has one, however many blocks it takes', () => {
    const { progress, written, pass } = watch(5, null, 100);
    for (let done = 1; done <= 100; done += 1) {
      pass(1_000);
      progress.blockDone(done, done * 3, 0);
    }
    expect([written.length, written[0], written[9]]).toEqual([
      10,
      'block 10 · 3.0 containers/s · 90 s left\n',
      'block 100 · 3.0 containers/s · 0 s left\n',
    ]);
  });

  it('counts what failed', () => {
    const { progress, written, pass } = watch(2, null);
    pass(500);
    progress.blockDone(1, 3, 2);
    expect(written).toEqual(['block 1/2 · 6.0 containers/s · 1 s left · 2 failed\n']);
  });
});

describe('progress on a terminal', () => {
  it('has what the blocks show until now, before the rate', () => {
    const { progress, written, pass } = watch(100, 80);
    pass(1_000);
    progress.show('after −50.0 % [−51.0, −49.0] CPU');
    progress.blockDone(10, 30, 0);
    expect(written).toEqual([`${CLEAR}block 10/100 · after −50.0 % [−51.0, −49.0] CPU · 30.0 containers/s · 9 s left`]);
  });

  it('is one line, drawn again at most ten times a second, and gone at the end', () => {
    const { progress, written, pass } = watch(1_000, 80);
    for (let done = 1; done <= 25; done += 1) {
      pass(10);
      progress.blockDone(done, done * 3, 0);
    }
    expect(written.map((text) => text.startsWith(CLEAR) && !text.includes('\n'))).toEqual([true, true, true]);
    expect(written[2]).toContain('block 21/1000');
    progress.end();
    expect(written.at(-1)).toBe(CLEAR);
  });

  it('never reaches the last column, where it would begin another line', () => {
    const { progress, written, pass } = watch(10, 20);
    pass(1_000);
    progress.blockDone(1, 3, 1);
    expect(written[0]).toBe(`${CLEAR}${'block 1/10 · 3.0 cont'.slice(0, 19)}`);
  });

  it('clears nothing where it drew nothing', () => {
    const { progress, written } = watch(10, 80);
    progress.end();
    expect(written).toEqual([]);
  });
});
