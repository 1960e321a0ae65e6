import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { appendToHistory, readHistory } from '../../../src/results/index.js';
import { entries, entry } from '../history/entries.js';

const folder = mkdtempSync(join(tmpdir(), 'bench-history-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

let made = 0;
const newPath = (): string => join(folder, `sub-${(made += 1)}`, 'history.jsonl');

describe('the file of a history', () => {
  it('gives back what was added, in its order, and no run twice', async () => {
    const path = newPath();
    await appendToHistory(path, entries(3));
    const { added, known } = await appendToHistory(path, [entry(3, 0.8), entry(4, 0.9), entry(4, 0.9)]);
    expect([added.map(({ run }) => run), known.map(({ run }) => run)]).toEqual([['run-4'], ['run-3', 'run-4']]);
    expect(readHistory(path)).toEqual({ entries: [...entries(3), entry(4, 0.9)], damaged: [], repeated: [] });
  });

  it('keeps every byte of lines that it cannot read, and tells them', async () => {
    const path = newPath();
    await appendToHistory(path, entries(2));
    const damage = '<<<<<<< HEAD\n{"formatVersion":9}\n{"formatVersion":1,"run":"x"}\n{"formatVersion":1,"ru';
    appendFileSync(path, damage);
    const before = readFileSync(path, 'utf8');
    await appendToHistory(path, [entry(5, 0.8)]);
    expect(readFileSync(path, 'utf8')).toBe(`${before}\n${JSON.stringify(entry(5, 0.8))}\n`);
    const { entries: read, damaged } = readHistory(path);
    expect(read.map(({ run }) => run)).toEqual(['run-1', 'run-2', 'run-5']);
    expect(damaged).toEqual([
      { line: 3, reason: 'not JSON' },
      { line: 4, reason: 'formatVersion: expected 1, got 9' },
      { line: 5, reason: 'name: expected text, got nothing' },
      { line: 6, reason: 'not JSON' },
    ]);
  });

  it('tells lines whose run is there already, as two branches leave them that were merged', () => {
    const path = join(folder, 'merged.jsonl');
    writeFileSync(
      path,
      `${[entry(1, 0.8), entry(2, 0.8), entry(1, 0.8)].map((one) => JSON.stringify(one)).join('\n')}\n`,
    );
    expect(readHistory(path)).toMatchObject({ entries: [{ run: 'run-1' }, { run: 'run-2' }], repeated: [3] });
  });

  it.each([
    ['a ratio of nothing', { ratio: 0 }, 'effects[0].ratio: expected a number above 0, got 0'],
    ['a ratio below zero', { ratio: -1 }, 'effects[0].ratio: expected a number of at least 0, got -1'],
    ['an interval beside its ratio', { low: 0.9 }, 'effects[0].low: expected a number above 0, up to ratio, got 0.9'],
    ['half an interval', { high: null }, 'effects[0].low: expected both ends of the interval, or none, got 0.5'],
    ['an unknown metric', { metric: 'memory' }, 'effects[0].metric: expected "cpu" or "wall", got "memory"'],
    ['an unknown verdict', { verdict: 'great' }, /^effects\[0\]\.verdict: expected one of faster, slower/],
  ])('refuses %s', (_, change, reason) => {
    const path = join(folder, 'one.jsonl');
    const one = entry(1, 0.8);
    const effects = one.effects.map((effect) => ({ ...effect, ratio: 0.6, low: 0.5, high: 0.7, ...change }));
    writeFileSync(path, `${JSON.stringify({ ...one, effects })}\n`);
    const [damaged] = readHistory(path).damaged;
    if (typeof reason === 'string') expect(damaged?.reason).toBe(reason);
    else expect(damaged?.reason).toMatch(reason);
  });

  it('waits for another process that has it locked, and says so where that takes too long', async () => {
    const path = newPath();
    await appendToHistory(path, entries(1));
    const holder = spawn('flock', [path, 'sh', '-c', 'echo held; read line'], { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(holder.stdout, 'data');
    await expect(appendToHistory(path, [entry(2, 0.8)], { waitMs: 100 })).rejects.toThrow(
      `${path} is locked by another process`,
    );
    const waiting = appendToHistory(path, [entry(2, 0.8)]);
    holder.stdin.end();
    expect((await waiting).added).toHaveLength(1);
  });

  it('goes through a link, and refuses what is no file', async () => {
    const path = newPath();
    await appendToHistory(path, entries(1));
    symlinkSync(path, join(folder, 'link.jsonl'));
    await appendToHistory(join(folder, 'link.jsonl'), [entry(2, 0.8)]);
    expect(readHistory(path).entries).toHaveLength(2);
    await expect(appendToHistory('/dev/null', [entry(2, 0.8)])).rejects.toThrow('expected a file, got a device');
    expect(() => readHistory(join(folder, 'none.jsonl'))).toThrow('no such file or directory');
  });
});
