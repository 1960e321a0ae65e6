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

  it('of advice says how a runtime was brought to build a tree, or that it builds one already and from when on', () => {
    const built = (form: 'plain' | 'tree') => ({
      state: 'built',
      form,
      instructions: 9,
      sha256: form,
      runtime: 'runc 1.3.6',
    });
    const evidenceOf = (arm: string, form: 'plain' | 'tree', more: object = {}) => ({
      ...{ arm, policy: 'host', architectures: [], specBytes: 2, specSha256: 's', leftOut: [], seccompMode: 2 },
      predicted: built(form),
      loaded: { state: 'notSeen', reason: 'not looked at' },
      probe32: { outcome: 'ran', detail: '' },
      ...more,
    });
    const optionsOf = (starts: string, evidence: readonly object[]) => {
      writeFileSync(join(starts, 'evidence.json'), JSON.stringify(evidence));
      const analysed = analyseResults([starts]);
      if (analysed.kind !== 'advice') throw new Error(`expected advice, got ${analysed.kind}`);
      return analysed.advice.options;
    };
    const filterGiven = { kind: 'padding', names: 1, treeAbove: 32 };
    const [filled] = optionsOf(adviceFolder(folder), [
      evidenceOf('before', 'plain'),
      evidenceOf('after', 'tree', { filterGiven }),
      evidenceOf('control', 'plain'),
    ]);
    expect(filled?.security).toMatch(
      / The measured spec names 1 more call that no kernel knows: runc 1\.3\.6 builds a tree only of a spec that names more than 32\.$/,
    );
    const reason = 'runc 1.3.6 builds a binary tree already: the spec names 364 calls, more than 32';
    const trees = ['before', 'after', 'control'].map((arm) => evidenceOf(arm, 'tree'));
    const other = join(folder, 'other');
    for (const [given, told] of [
      [reason, reason],
      ['it is not known which form runc builds', 'runc 1.3.6 builds a binary tree already'],
    ] as const) {
      const starts = adviceFolder(join(other, given.slice(0, 9)), { options: [{ option: 'tree', reason: given }] });
      expect(optionsOf(starts, trees)).toMatchObject([{ state: 'notMeasured', reason: told }]);
    }
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
