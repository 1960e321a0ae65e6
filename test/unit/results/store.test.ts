import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BenchError } from '../../../src/errors.js';
import { appendWhole } from '../../../src/results/append.js';
import { distinctName, safeName } from '../../../src/results/names.js';
import { findLatestResult } from '../../../src/results/find.js';
import { readResultFolder } from '../../../src/results/read.js';
import { createResultFolder, type ResultWriter } from '../../../src/results/store.js';
import { batchSample, failedSample, HOST, okSample, parallel, planOf, sequential, sequentialRun } from './runs.js';

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'seccomp-bench-store-'));
});
afterEach(() => {
  rmSync(parent, { recursive: true });
});

const create = (): ResultWriter => createResultFolder(parent, planOf(sequential(2)), HOST);

describe('createResultFolder', () => {
  it('names the folder by time, scenario and id, and makes its parents', () => {
    const writer = createResultFolder(join(parent, 'a/b'), planOf(sequential(2)), HOST);
    writer.close();
    expect(writer.name).toBe('20261121T010203Z-made-up-1a2b');
    expect(writer.path).toBe(join(parent, 'a/b', writer.name));
    expect(readdirSync(writer.path).sort()).toEqual(['.reserve', 'host.json', 'plan.json', 'samples.jsonl', 'specs']);
  });

  it('keeps names that are no file names inside the folder', () => {
    const writer = createResultFolder(parent, planOf(sequential(2, { name: '../x y' })), HOST);
    writer.writeSpec({ arm: '../after', content: 'null\n', kind: 'spec' });
    writer.writeSpec({ arm: 'before', content: '{}\n', kind: 'spec' });
    writer.close();
    expect(writer.name).toBe('20261121T010203Z-x_y-1a2b');
    expect(readdirSync(join(writer.path, 'specs')).sort()).toEqual(['%2E.%2Fafter.json', 'before.json']);
    expect(readFileSync(join(writer.path, 'specs/before.json'), 'utf8')).toBe('{}\n');
  });

  it('is readable by everyone, whatever the umask', () => {
    const before = process.umask(0o077);
    try {
      const writer = createResultFolder(join(parent, 'new'), planOf(sequential(2)), HOST);
      writer.writeEvidence([]);
      writer.completeEvidence([]);
      writer.writeSpec({ arm: 'before', content: '{}\n', kind: 'spec' });
      writer.writeProfile('before.perf.txt', 'samples');
      writer.seal();
      const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);
      const entries = readdirSync(join(parent, 'new'), { recursive: true, withFileTypes: true });
      const modes = entries.map((entry) => [entry.isDirectory(), modeOf(join(entry.parentPath, entry.name))]);
      expect(modes.filter(([isFolder]) => isFolder === true)).toEqual(Array.from({ length: 3 }, () => [true, '755']));
      expect(new Set(modes.flatMap(([isFolder, mode]) => (isFolder === true ? [] : mode)))).toEqual(new Set(['644']));
      expect(modeOf(join(parent, 'new'))).toBe('755');
    } finally {
      process.umask(before);
    }
  });

  it('follows no link that is in the place of a file', () => {
    const writer = create();
    const elsewhere = join(parent, 'precious');
    writeFileSync(elsewhere, 'precious');
    for (const name of ['evidence.json', 'ledger.json', 'specs/before.json', 'SHA256SUMS'])
      symlinkSync(elsewhere, join(writer.path, name));
    for (const write of [
      () => {
        writer.writeEvidence([]);
      },
      () => {
        writer.writeSpec({ arm: 'before', content: '{}', kind: 'spec' });
      },
      () => {
        writer.seal();
      },
    ])
      expect(write).toThrow('already exists');
    writer.completeEvidence([]);
    expect(readFileSync(elsewhere, 'utf8')).toBe('precious');
    expect(readFileSync(join(writer.path, 'evidence.json'), 'utf8')).toBe('[]\n');
  });

  it('reads back exactly what was written', () => {
    const writer = create();
    const samples = [
      okSample('before', 0, { warmup: true }),
      ...sequentialRun(1, () => 10),
      failedSample('after', 1, { stderr: 'line one\nline two \u2028 "é"' }),
    ];
    writer.writeEvidence([]);
    writer.append(samples.slice(0, 2));
    writer.append([]);
    writer.append(samples.slice(2));
    writer.close();
    const { table, ...run } = readResultFolder(writer.path);
    expect(run).toEqual({
      name: writer.name,
      host: HOST,
      plan: planOf(sequential(2)),
      evidence: [],
      samples,
      unended: 'unknown',
      warnings: [],
    });
    expect([...(table ?? [])]).toEqual(samples);
  });

  it('writes every appended block at once', () => {
    using writer = create();
    writer.append(sequentialRun(1, () => 10));
    expect(readFileSync(join(writer.path, 'samples.jsonl'), 'utf8').split('\n')).toHaveLength(4);
  });

  it('never replaces an earlier run', () => {
    create().close();
    expect(create).toThrow(/could not create .*20261121T010203Z-made-up-1a2b: already exists/);
  });

  it('never replaces a file of the run', () => {
    using writer = create();
    writer.writeSpec({ arm: 'before', content: '{}\n', kind: 'spec' });
    expect(() => {
      writer.writeSpec({ arm: 'before', content: 'null\n', kind: 'spec' });
    }).toThrow(/could not create .*before\.json: already exists/);
    expect(readFileSync(join(writer.path, 'specs/before.json'), 'utf8')).toBe('{}\n');
  });

  it('names the folder that cannot be created', () => {
    const file = join(parent, 'file');
    writeFileSync(file, '');
    expect(() => createResultFolder(join(file, 'results'), planOf(sequential(2)), HOST)).toThrow(
      `could not create ${join(file, 'results')}: not a directory`,
    );
  });

  it('refuses samples that could not be read back, and keeps what was written', () => {
    const writer = create();
    writer.append([okSample('before', 0)]);
    expect(() => {
      writer.append([okSample('after', 0, { wallNs: Number.NaN })]);
    }).toThrow('samples.jsonl: wallNs: expected a time above 0 ns, got NaN');
    expect(() => {
      writer.append([okSample('before', 0)]);
    }).toThrow('expected each container once, got arm before, block 0 again');
    writer.close();
    expect(readResultFolder(writer.path).samples).toEqual([okSample('before', 0)]);
  });

  it('can be closed twice, and refuses samples afterwards', () => {
    const writer = create();
    writer.close();
    writer.close();
    expect(() => {
      writer.append([okSample('before', 0)]);
    }).toThrow('samples.jsonl: the run has ended, no more samples can be appended');
  });

  it('names the file where the disk is full', (ctx) => {
    if (!existsSync('/dev/full')) ctx.skip('no /dev/full here');
    const full = openSync('/dev/full', 'w');
    try {
      expect(() => appendWhole(full, 'samples.jsonl', 0, Buffer.from('{}\n'))).toThrow(
        expect.objectContaining({
          code: 'environment',
          message: 'could not write samples.jsonl: no space left on device',
        }) as BenchError,
      );
    } finally {
      closeSync(full);
    }
  });

  it('keeps batches with and without a makespan', () => {
    const writer = createResultFolder(parent, planOf(parallel(2, 1)), HOST);
    const samples = [
      okSample('before', 0),
      okSample('before', 0, { index: 1 }),
      batchSample('before', 0, 2, 2),
      okSample('after', 0),
      failedSample('after', 0, { index: 1 }),
      batchSample('after', 0, 1, 2),
    ];
    writer.append(samples);
    writer.close();
    expect(readResultFolder(writer.path).samples).toEqual(samples);
  });
});

describe('safeName', () => {
  it.each([
    ['quick', 'quick'],
    ['../../x', 'x'],
    ['.hidden', 'hidden'],
    ['-rf', 'rf'],
    ['a b/c\\d\u0000', 'a_b_c_d_'],
    ['crun 1.14_x-y', 'crun_1.14_x-y'],
    ['\u00fcml\u00e4ut', 'ml_ut'],
    ['', 'unnamed'],
    ['..', 'unnamed'],
    ['a'.repeat(100), 'a'.repeat(80)],
  ])('makes %j the file name %s', (text, name) => {
    expect(safeName(text)).toBe(name);
  });
});

describe('distinctName', () => {
  it.each([
    ['node-1.example', 'node-1.example'],
    ['../../x', '%2E.%2F..%2Fx'],
    ['..', '%2E.'],
    ['.hidden', '%2Ehidden'],
    ['a/b\u0000', 'a%2Fb%00'],
    ['half \ud800', 'half%20%EF%BF%BD'],
    ['', '%'],
  ])('makes %j the file name %s', (text, name) => {
    expect(distinctName(text)).toBe(name);
  });

  it('keeps long names apart, within what a file system allows', () => {
    const names = ['x', 'y'].map((end) => distinctName(`${'\u00e4'.repeat(300)}${end}`));
    expect(new Set(names).size).toBe(2);
    expect(names.map(({ length }) => length)).toEqual([200, 200]);
  });
});

describe('findLatestResult', () => {
  it('is the newest by the time in the name, and no other folder or file', () => {
    for (const name of ['20261121T010203Z-a-1', '20261121T010204Z-a-1', '20251231T235959Z-z-9', 'zzz', 'example-one'])
      mkdirSync(join(parent, name));
    writeFileSync(join(parent, '20991121T010204Z-file'), '');
    expect(findLatestResult(parent)).toBe(join(parent, '20261121T010204Z-a-1'));
  });

  it('is null where there is no such folder', () => {
    expect(findLatestResult(parent)).toBeNull();
    expect(findLatestResult(join(parent, 'missing'))).toBeNull();
  });
});
