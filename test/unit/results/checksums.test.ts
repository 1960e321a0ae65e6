import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BenchError } from '../../../src/errors.js';
import { verifyChecksums } from '../../../src/results/checksums.js';
import { readResultFolder } from '../../../src/results/read.js';
import { createResultFolder } from '../../../src/results/store.js';
import { HOST, planOf, sequential, sequentialRun } from './runs.js';

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'seccomp-bench-checksums-'));
});
afterEach(() => {
  rmSync(parent, { recursive: true });
});

/** A sealed folder of one block. */
function sealed(): string {
  const writer = createResultFolder(parent, planOf(sequential(3)), HOST);
  writer.writeEvidence([]);
  writer.writeSpec({ arm: 'before', content: '{}\n', kind: 'spec' });
  writer.append(sequentialRun(1, () => 10));
  writer.writeLedger({
    formatVersion: 1,
    ended: 'complete',
    maxFailures: null,
    before: { state: 'listed', ids: [] },
    after: { state: 'listed', ids: [] },
    left: { state: 'listed', ids: [] },
  });
  writer.seal();
  return writer.path;
}

const sums = (path: string): string => readFileSync(join(path, 'SHA256SUMS'), 'utf8');
const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

function faultOf(path: string): string {
  try {
    readResultFolder(path);
  } catch (error) {
    if (error instanceof BenchError && error.code === 'input' && error.hint !== undefined)
      return error.message.replaceAll(`${path}/`, '');
    throw error;
  }
  return 'none';
}

describe('the checksums of a results folder', () => {
  it('are of every file, sorted, and sha256sum agrees with them', () => {
    const path = sealed();
    expect(
      sums(path)
        .trimEnd()
        .split('\n')
        .map((line) => line.slice(66)),
    ).toEqual(['evidence.json', 'host.json', 'ledger.json', 'plan.json', 'samples.jsonl', 'specs/before.json']);
    expect(sums(path)).toContain(
      'ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356  specs/before.json\n',
    );
    expect(execFileSync('sha256sum', ['-c', '--quiet', 'SHA256SUMS'], { cwd: path, encoding: 'utf8' })).toBe('');
    expect(verifyChecksums(path)).toBe(6);
    expect(readResultFolder(path).samples).toHaveLength(3);
  });

  it('name the file that was changed, its expected checksum and its real one', () => {
    const path = sealed();
    const wanted =
      sums(path)
        .split('\n')
        .find((line) => line.endsWith('samples.jsonl'))
        ?.slice(0, 64) ?? '';
    writeFileSync(join(path, 'samples.jsonl'), '');
    expect(faultOf(path)).toBe(`samples.jsonl: expected SHA-256 ${wanted} (SHA256SUMS), got ${EMPTY_SHA256}`);
  });

  it('find a change in a file that no report is made from', () => {
    const path = sealed();
    appendFileSync(join(path, 'specs/before.json'), ' ');
    expect(faultOf(path)).toMatch(
      /^specs\/before\.json: expected SHA-256 ca3d163b[0-9a-f]{56} \(SHA256SUMS\), got [0-9a-f]{64}$/,
    );
  });

  it('name a file that is missing', () => {
    const path = sealed();
    rmSync(join(path, 'ledger.json'));
    expect(faultOf(path)).toBe('SHA256SUMS: ledger.json is in this list but not in the folder');
  });

  it('refuse a list that is itself incomplete', () => {
    const path = sealed();
    writeFileSync(join(path, 'SHA256SUMS'), sums(path).split('\n').slice(0, 4).join('\n'));
    expect(faultOf(path)).toBe('SHA256SUMS: samples.jsonl is in the folder but not in this list');
    writeFileSync(join(path, 'SHA256SUMS'), '');
    expect(faultOf(path)).toBe('SHA256SUMS: host.json is in the folder but not in this list');
  });

  it.each([
    ['a truncated line', 'e3b0c442'],
    ['a file outside', `${EMPTY_SHA256}  ../host.json`],
    ['an absolute path', `${EMPTY_SHA256}  /etc/passwd`],
  ])('refuse %s', (_, line) => {
    const path = sealed();
    appendFileSync(join(path, 'SHA256SUMS'), `${line}\n`);
    expect(faultOf(path)).toBe(
      'SHA256SUMS:7: expected 64 hexadecimal digits, two spaces and the name of a file in the folder, ' +
        `got ${JSON.stringify(line)}`,
    );
  });

  it('ignore other files in the folder', () => {
    const path = sealed();
    writeFileSync(join(path, 'notes.txt'), 'mine');
    expect(faultOf(path)).toBe('none');
  });

  it('may be in the format of sha256sum -b', () => {
    const path = sealed();
    writeFileSync(join(path, 'SHA256SUMS'), sums(path).replaceAll('  ', ' *'));
    expect(verifyChecksums(path)).toBe(6);
  });

  it('may be absent, as in the folder of a run that was killed', () => {
    const path = sealed();
    rmSync(join(path, 'SHA256SUMS'));
    expect(verifyChecksums(path)).toBe(0);
    expect(faultOf(path)).toBe('none');
  });

  it('agree with the example run', () => {
    expect(verifyChecksums(join(import.meta.dirname, '../../../results/example-x86_64-runc'))).toBe(7);
  });
});
