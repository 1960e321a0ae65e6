import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BenchError } from '../../../src/errors.js';
import { analyseCalls, analyseResults, writeReport } from '../../../src/reporting/index.js';
import { adviceFolder, callsFolder, startsFolder } from './folders.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-reporting-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const reports = (): string => join(folder, 'reports');
const bytesOf = (dir: string): ReadonlyMap<string, string> =>
  new Map(readdirSync(dir).map((name) => [name, readFileSync(join(dir, name)).toString('base64')]));

describe('results, analysed', () => {
  it('are judged with a margin of 1 % unless another is given', () => {
    const starts = startsFolder(folder);
    const marginOf = (...settings: readonly [{ margin?: number }?]): number | undefined => {
      const analysed = analyseResults([starts], ...settings);
      return analysed.kind === 'starts' ? analysed.runs[0]?.analysis.margin : undefined;
    };
    expect([marginOf(), marginOf({}), marginOf({ margin: 0.03 })]).toEqual([0.01, 0.01, 0.03]);
  });

  it('of priced calls are judged with the margin that is given', () => {
    const calls = callsFolder(folder);
    const equivalent = (margin: number): readonly (boolean | undefined)[] =>
      analyseCalls(calls, { margin })
        .prices.filter(({ arm }) => arm === 'small')
        .map(({ ratio }) => ratio?.equivalent);
    expect(equivalent(0.01)).toEqual([false, false, false, false]);
    expect(equivalent(0.3)).toEqual([true, false, false, false]);
  });

  it('of priced calls cannot be shown with others', () => {
    const [one, other] = [callsFolder(folder), callsFolder(folder, undefined, 'e5f6')];
    for (const folders of [
      [one, other],
      [one, startsFolder(folder)],
    ])
      expect(() => analyseResults(folders)).toThrow(
        expect.objectContaining({
          code: 'usage',
          message: `${one} (priced calls) cannot be combined with other results in one report`,
        }) as BenchError,
      );
  });

  it('of nothing are refused', () => {
    expect(() => analyseResults([])).toThrow('no results folder given');
  });
});

describe('a report', () => {
  it.each(['../../x', 'a/b', '..', '', '.x'])('of priced calls is not made under the name "%s"', async (name) => {
    const calls = callsFolder(folder);
    await expect(writeReport([calls], { directory: reports(), name })).rejects.toThrow(
      `--name: expected at most 128 letters, digits, dots, dashes and underscores, got "${name}"`,
    );
    expect(existsSync(reports())).toBe(false);
  });

  it('of priced calls holds the margin', async () => {
    const { directory, files } = await writeReport([callsFolder(folder)], { directory: reports(), margin: 0.3 });
    expect(files).toContain('percall.png');
    expect(JSON.parse(readFileSync(join(directory, 'summary.json'), 'utf8'))).toMatchObject({ margin: 0.3 });
    expect(readFileSync(join(directory, 'summary.md'), 'utf8')).toContain('equivalent within ±30 %');
  });

  it('of advice is made again from its results folder, byte for byte', async () => {
    const starts = adviceFolder(folder);
    const [one, other] = [
      await writeReport([starts], { directory: reports() }),
      await writeReport([starts], { directory: join(folder, 'again') }),
    ];
    if (one.analysed.kind !== 'advice') throw new Error(`expected advice, got ${one.analysed.kind}`);
    expect(one.analysed.advice.options.map(({ option, state }) => [option, state])).toEqual([
      ['tree', 'measured'],
      ['ordered', 'notMeasured'],
    ]);
    expect(bytesOf(other.directory)).toEqual(bytesOf(one.directory));
    expect(one.files).toEqual(['advise.png', 'advise.svg', 'index.html', 'summary.json', 'summary.md']);
  });

  it('of advice needs the calls next to the starts', () => {
    const starts = adviceFolder(folder);
    const change = (from: string, to: string): void => {
      const path = join(starts, 'advice.json');
      writeFileSync(path, readFileSync(path, 'utf8').replace(from, to));
    };
    change('-c3d4"', '-none"');
    expect(() => analyseResults([starts])).toThrow(/20261121T010203Z-percall-none/);
    change('"calls": "', '"calls": "../');
    expect(() => analyseResults([starts])).toThrow(/advice\.json: calls: expected the name of a folder, got /);
  });
});
