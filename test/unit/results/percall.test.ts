import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PercallResult } from '../../../src/model/results/percall/percall.js';
import { createPercallFolder, isPercallFolder, readPercallFolder } from '../../../src/results/index.js';
import { percallRun } from '../statistics/percall.fixtures.js';

let parent = '';
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'percall-'));
});
afterEach(() => {
  rmSync(parent, { recursive: true, force: true });
});

function written(run: PercallResult = percallRun({ blocks: 2 })): string {
  using writer = createPercallFolder(join(parent, 'results'), {
    ...run,
    specs: [{ arm: 'small', kind: 'spec', content: '{}' }],
  });
  writer.append(run.samples);
  if (run.ledger !== undefined) writer.writeLedger(run.ledger);
  writer.seal();
  return writer.path;
}

/** The checksums would notice every change first. */
function changed(file: string, change: (text: string) => string): string {
  const path = written();
  rmSync(join(path, 'SHA256SUMS'));
  writeFileSync(join(path, file), change(readFileSync(join(path, file), 'utf8')));
  return path;
}

describe('a results folder of priced calls', () => {
  it('is read back as it was written', () => {
    const run = percallRun({ blocks: 2 });
    const path = written(run);
    expect(path.endsWith('20261121T010203Z-percall-a')).toBe(true);
    expect(readPercallFolder(path)).toEqual({ ...run, unended: 'unknown', name: '20261121T010203Z-percall-a' });
    expect([isPercallFolder(path), isPercallFolder(parent), isPercallFolder(join(parent, 'none'))]).toEqual([
      true,
      false,
      false,
    ]);
    expect(readFileSync(join(path, 'specs/small.json'), 'utf8')).toBe('{}');
  });

  it('has a ledger where its run was closed, and is read without one', () => {
    const listed = { state: 'listed', ids: [] } as const;
    const ledger = {
      formatVersion: 1,
      ended: 'complete',
      maxFailures: 2,
      before: listed,
      after: listed,
      left: listed,
    } as const;
    const path = written({ ...percallRun({ blocks: 2 }), ledger });
    expect(readPercallFolder(path).ledger).toEqual(ledger);
    expect(readFileSync(join(path, 'SHA256SUMS'), 'utf8')).toContain('  ledger.json\n');
    rmSync(join(path, 'SHA256SUMS'));
    writeFileSync(join(path, 'ledger.json'), JSON.stringify({ ...ledger, ended: 'somehow' }));
    expect(() => readPercallFolder(path)).toThrow('ended: expected one of complete');
  });

  it('keeps all whole lines where a crash truncated the last one', () => {
    const path = changed('samples.jsonl', (text) => text);
    appendFileSync(join(path, 'samples.jsonl'), '{"block":3,"war');
    const read = readPercallFolder(path);
    expect([read.samples.length, read.warnings]).toEqual([
      8,
      [
        'samples.jsonl:9: the last line is truncated, as after a crash: it was left out, all lines before it were kept.',
      ],
    ]);
  });

  it('is refused with the fault where something is wrong', () => {
    const refused = (file: string, change: (text: string) => string, message: string): void => {
      expect(() => readPercallFolder(changed(file, change))).toThrow(message);
      rmSync(join(parent, 'results'), { recursive: true });
    };
    refused(
      'plan.json',
      (text) => text.replace('"formatVersion": 1', '"formatVersion": 9'),
      'formatVersion: expected 1 or 2, got 9',
    );
    refused(
      'plan.json',
      (text) => text.replace('"percall"', '"other"'),
      'plan.json: kind: expected "percall", got "other"',
    );
    refused(
      'plan.json',
      (text) => text.replace('"loops": 1000', '"loops": 0'),
      'loops: expected a whole number of at least 1, got 0',
    );
    refused(
      'simulation.json',
      (text) => text.replace('"call": "unknown"', '"call": "known"'),
      '(top level): the entry for unconfined unknown is missing',
    );
    refused(
      'samples.jsonl',
      (text) => text.replace('"arm":"small"', '"arm":"smaller"'),
      'samples.jsonl:2: arm: expected one of the plan\'s (unconfined, small, large, control), got "smaller"',
    );
    refused(
      'samples.jsonl',
      (text) => text.replace('"state":"ok"', '"state":"fine"'),
      'state: expected one of ok, failed, timedOut, interrupted, got "fine"',
    );
    refused(
      'samples.jsonl',
      (text) => text.replace('"emptyNs":[2000,2000,9000]', '"emptyNs":[2000,2000]'),
      'emptyNs: expected 3 times of at least 0 ns, got [2000,2000]',
    );
    refused(
      'samples.jsonl',
      (text) => text.replace('"clock":"cpu"', '"clock":"sun"'),
      'clock: expected "cpu" or "monotonic", got "sun"',
    );
    refused(
      'plan.json',
      () => '{"formatVersion":1,"scenario":{"name":"workload"}}',
      'expected a results folder of bench percall, got one of container starts (workload)',
    );
    const path = written();
    appendFileSync(join(path, 'samples.jsonl'), '\n');
    expect(() => readPercallFolder(path)).toThrow('samples.jsonl: expected SHA-256');
  });
});
