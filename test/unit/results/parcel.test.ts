import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packEnd, packResult } from '../../../src/results/parcel/pack.js';
import { unpackResults } from '../../../src/results/parcel/unpack.js';
import { readResultFolder } from '../../../src/results/read.js';
import { createResultFolder } from '../../../src/results/store.js';
import { HOST, planOf, sequential, sequentialRun } from './runs.js';

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'seccomp-bench-parcel-'));
});
afterEach(() => {
  rmSync(parent, { recursive: true });
});

function packed(change: { readonly sealed?: boolean } = {}): string {
  const writer = createResultFolder(join(parent, 'sent'), planOf(sequential(300)), HOST);
  writer.writeSpec({ arm: 'before', content: '{}\n', kind: 'spec' });
  writer.append(sequentialRun(300, (arm, block) => block + arm.length / 7));
  if (change.sealed === false) writer.close();
  else writer.seal();
  return packResult(writer.path, writer.name, 0);
}

const NAME = '20261121T010203Z-made-up-1a2b';
const unpack = (text: string): ReturnType<typeof unpackResults> => unpackResults(text, join(parent, 'came'));

describe('a results folder as lines of a log', () => {
  it('arrives as it was sent, among other lines, in lines short enough for any log driver', () => {
    const text = packed();
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(16_384);
    expect(text.split('\n').length).toBeGreaterThan(3);
    const came = unpack(`hello\n${text}a last word\n${packEnd({ exitCode: 3, words: '', results: 1 })}`);
    expect(came).toEqual({
      results: [{ name: NAME, path: join(parent, 'came', NAME), files: 4 }],
      faults: [],
      end: { exitCode: 3, words: '', results: 1 },
    });
    expect(readResultFolder(join(parent, 'came', NAME))).toEqual(readResultFolder(join(parent, 'sent', NAME)));
  });

  it('arrives whole where its lines come in another order', () => {
    expect(unpack(packed().trimEnd().split('\n').reverse().join('\n')).results).toHaveLength(1);
  });

  it('is not written where a line is missing', () => {
    const lines = packed().split('\n');
    const parts = lines.length - 2;
    lines.splice(2, 1);
    expect(unpack(lines.join('\n'))).toEqual({
      results: [],
      faults: [`${NAME}: expected ${parts} parts, got ${parts - 1} (part 2 is missing)`],
    });
    expect(() => readdirSync(join(parent, 'came'))).toThrow('ENOENT');
  });

  it('is not written where a byte has changed', () => {
    const text = packed();
    const at = text.indexOf('seccomp-bench-part 0 1 ') + 40;
    const changed = `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
    expect(unpack(changed)).toEqual({
      results: [],
      faults: [
        expect.stringMatching(new RegExp(`^${NAME}: expected SHA-256 [0-9a-f]{64} of the parcel, got [0-9a-f]{64}$`)),
      ],
    });
  });

  it('is refused where the run was killed before it ended', () => {
    expect(unpack(packed({ sealed: false })).faults).toEqual([
      `${NAME}: SHA256SUMS is missing, so the run was killed before it ended`,
    ]);
  });

  it('is never written outside its folder', () => {
    expect(unpack(packed().replace(`"name":"${NAME}"`, '"name":"../../x"')).faults).toEqual([
      expect.stringContaining('parcel: expected a head of format 1, got '),
    ]);
  });

  it('has no end where the job was killed', () => {
    expect([unpack('').end, unpack('seccomp-bench-end {"exitCo').end]).toEqual([undefined, undefined]);
  });
});
