import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { analyseResults, resultsKind } from '../../../src/reporting/analyse.js';
import { isCapacityFolder, readCapacityFolder, writeCapacityFolder } from '../../../src/results/index.js';
import { capacityRun } from './capacity-run.js';

let parent = '';
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'capacity-'));
});
afterEach(() => {
  rmSync(parent, { recursive: true, force: true });
});

const written = (): string => join(parent, writeCapacityFolder(parent, { ...capacityRun(), filter: Buffer.alloc(8) }));

describe("a results folder of a filter's memory", () => {
  it('is read back as it was written, and told from others', () => {
    const path = written();
    expect(path.endsWith('20261121T010203Z-capacity-a')).toBe(true);
    expect(readCapacityFolder(path)).toEqual(capacityRun());
    expect([isCapacityFolder(path), isCapacityFolder(parent)]).toEqual([true, false]);
    expect(readFileSync(join(path, 'specs/filter.bpf'))).toHaveLength(8);
    expect(analyseResults([path]).kind).toBe('capacity');
  });

  it('has a report of its own', () => {
    const path = written();
    expect(() => resultsKind([path, parent])).toThrow('other results in one report');
  });

  it('is refused where it was changed', () => {
    const path = written();
    const file = join(path, 'samples.jsonl');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"slab":8', '"slab":9'));
    expect(() => readCapacityFolder(path)).toThrow('samples.jsonl');
    rmSync(join(path, 'SHA256SUMS'));
    writeFileSync(file, '{"kind":"memory","round":"first"}\n');
    expect(() => readCapacityFolder(path)).toThrow(/samples\.jsonl.*round: expected a number/);
  });
});
