import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packEnd } from '../../../src/results/parcel/pack.js';
import { unpackResults } from '../../../src/results/parcel/unpack.js';

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'bench-hostile-parcel-'));
});
afterEach(() => {
  rmSync(parent, { recursive: true });
});

const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Files and the SHA256SUMS that a whole results folder has. */
function whole(files: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const sums = Object.entries(files).map(([name, content]) => `${sha256(content)}  ${name}\n`);
  return { ...files, SHA256SUMS: sums.join('') };
}

interface Sent {
  readonly name?: string;
  readonly index?: number;
  /** In the head. */
  readonly parts?: number;
  readonly sum?: string;
}

/** Any bytes as a parcel. */
function parcelOf(bytes: Buffer, { name = 'run-1', index = 0, ...head }: Sent = {}): string {
  const lines = bytes.toString('base64').match(/.{1,6000}/gs) ?? [];
  const first = { format: 1, index, name, parts: head.parts ?? lines.length, sha256: head.sum ?? sha256(bytes) };
  return [
    `seccomp-bench-parcel ${JSON.stringify(first)}\n`,
    ...lines.map((line, part) => `seccomp-bench-part ${index} ${part} ${line}\n`),
  ].join('');
}

function parcel(files: Readonly<Record<string, unknown>>, sent: Sent = {}): string {
  const encoded = Object.entries(files).map(([name, content]) => [
    name,
    typeof content === 'string' ? Buffer.from(content).toString('base64') : content,
  ]);
  return parcelOf(gzipSync(JSON.stringify(Object.fromEntries(encoded))), sent);
}

const GOOD = parcel(whole({ 'a.json': '{}' }), { name: 'good', index: 1 });

/** What is said of the bad parcel, when a good one comes after it. */
function faultsOf(bad: string): readonly string[] {
  const came = unpackResults(`${bad}${GOOD}`, parent);
  expect(came.results).toEqual([{ name: 'good', path: join(parent, 'good'), files: 1 }]);
  expect(readFileSync(join(parent, 'good/a.json'), 'utf8')).toBe('{}');
  expect(readdirSync(parent)).toEqual(['good']);
  return came.faults;
}

describe('a parcel that is not what it says costs no other', () => {
  it.each<[string, () => string, RegExp]>([
    ['is not gzip', () => parcelOf(Buffer.from('plain text')), /^run-1: it is not a parcel: incorrect header check$/],
    [
      'is cut gzip',
      () => parcelOf(gzipSync('{"a":"eA=="}').subarray(0, 20)),
      /^run-1: it is not a parcel: unexpected end of file$/,
    ],
    ['is gzip of no JSON', () => parcelOf(gzipSync('no JSON')), /^run-1: expected a JSON object, got no JSON$/],
    ['is gzip of a list', () => parcelOf(gzipSync('[1]')), /^run-1: expected a JSON object, got \[1\]$/],
    [
      'has other bytes',
      () => parcelOf(gzipSync('{}'), { sum: 'f'.repeat(64) }),
      /^run-1: expected SHA-256 f{64} of the/,
    ],
    [
      'announces one part more',
      () => parcelOf(gzipSync('{}'), { parts: 2 }),
      /^run-1: expected 2 parts, got 1 \(part 2/,
    ],
    [
      'announces 2e8 parts',
      () => parcelOf(gzipSync('{}'), { parts: 2e8 }),
      /^parcel: expected a head of format 1, got /,
    ],
    ['announces -1 parts', () => parcelOf(gzipSync('{}'), { parts: -1 }), /^parcel: expected a head of format 1, got /],
    ['announces half a part', () => parcelOf(gzipSync('{}'), { parts: 0.5 }), /^parcel: expected a head of format 1/],
    [
      'has no head that can be read',
      () => 'seccomp-bench-parcel {"format":1,\n',
      /^parcel: expected a JSON object, got /,
    ],
    [
      'has a head of another format',
      () => 'seccomp-bench-parcel {"format":2}\n',
      /^parcel: expected a head of format 1/,
    ],
    ['has a number above all', () => parcel(whole({ a: '' }), { index: 1e9 }), /^parcel: expected a head of format 1/],
    ['has no SHA256SUMS', () => parcel({ 'a.json': '{}' }), /^run-1: SHA256SUMS is missing, so the run was killed/],
    [
      'has a changed file',
      () => parcel({ ...whole({ a: 'x' }), a: 'y' }),
      /^run-1\/a: expected SHA-256 [0-9a-f]{64} \(/,
    ],
    ['has a content that is no text', () => parcel({ a: 7 }), /^run-1: expected names and contents of files, got "a"$/],
    [
      'has 1,001 files',
      () => parcel(whole(Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`f${index}`, ''])))),
      /^run-1: expected at most 1000 files, got 1002$/,
    ],
    ['has a file in the place of a folder', () => parcel(whole({ a: '', 'a/b': '' })), /^could not create run-1\/a/],
    [
      'has a name too long',
      () => parcel(whole({ ['n'.repeat(300)]: '' })),
      /^could not create run-1\/n+: name too long$/,
    ],
  ])('that %s', (_, bad, wanted) => {
    expect(faultsOf(bad())).toEqual([expect.stringMatching(wanted)]);
  });

  it.each(['../x', '/etc/x', 'a/../../x', './x', 'a//x', '', 'a\0b', '..'])('that has a file named %j', (file) => {
    expect(faultsOf(parcel({ ...whole({}), [file]: 'x' }))).toEqual([
      `run-1: expected names and contents of files, got ${JSON.stringify(file)}`,
    ]);
    expect(existsSync(join(parent, '../x'))).toBe(false);
  });

  it.each(['../x', '/tmp/x', '.', '..', '', '.hidden', '-rf', 'a\0b', 'a\nb', 'n'.repeat(300)])(
    'that is named %j',
    (name) => {
      expect(faultsOf(parcel(whole({ a: '' }), { name }))).toEqual([
        expect.stringMatching(/^parcel: expected a head of format 1, got /),
      ]);
    },
  );

  it('that unpacks to much more than it sends', () => {
    const bomb = gzipSync(Buffer.alloc(300 * 2 ** 20));
    expect(bomb.length).toBeLessThan(2 ** 20);
    expect(faultsOf(parcelOf(bomb))).toEqual(['run-1: it is not a parcel: it unpacks to more than 256 MiB']);
  });
});

describe('what else a job may write', () => {
  it('is 20,000 heads: the first 64 are looked at, and the others counted', () => {
    const heads = Array.from({ length: 20_000 }, (_, index) => parcelOf(gzipSync('{}'), { name: `r${index}`, index }));
    const { results, faults } = unpackResults(heads.join(''), parent);
    expect(results).toEqual([]);
    expect(faults).toHaveLength(65);
    expect(faults).toContain('19936 more results folders: 64 are taken');
  });

  it('is parts of many parcels without a head', () => {
    const lines = Array.from({ length: 50_000 }, (_, part) => `seccomp-bench-part ${part} ${part * 1e6} QUJD\n`);
    expect(faultsOf(lines.join(''))).toEqual([]);
  });

  it('is a parcel twice, of which one is taken, or two of one name', () => {
    expect(faultsOf(GOOD)).toEqual(['good: it was sent twice']);
    rmSync(join(parent, 'good'), { recursive: true });
    expect(unpackResults(`${GOOD}${parcel(whole({ b: '' }), { name: 'good', index: 2 })}`, parent)).toEqual({
      results: [{ name: 'good', path: join(parent, 'good'), files: 1 }],
      faults: ['good: it was sent twice'],
    });
  });

  it('is a parcel named like a file or a link that is there, which stays as it is', () => {
    mkdirSync(join(parent, 'elsewhere'));
    symlinkSync(join(parent, 'elsewhere'), join(parent, 'good'));
    writeFileSync(join(parent, 'job.log'), 'words');
    const text = `${GOOD}${parcel(whole({ a: '' }), { name: 'job.log', index: 2 })}`;
    expect(unpackResults(text, parent)).toEqual({
      results: [],
      faults: [
        'good: a file or folder of this name is there already',
        'job.log: a file or folder of this name is there already',
      ],
    });
    expect([readdirSync(join(parent, 'elsewhere')), readFileSync(join(parent, 'job.log'), 'utf8')]).toEqual([
      [],
      'words',
    ]);
  });

  it('is an end that makes no sense, which is none', () => {
    for (const end of [
      '{"exitCode":1e9,"words":"","results":0}',
      '{"exitCode":0,"words":7,"results":0}',
      '[]',
      'null',
      '{',
    ])
      expect([end, unpackResults(`seccomp-bench-end ${end}\n`, parent).end]).toEqual([end, undefined]);
    const long = packEnd({ exitCode: 1, words: 'x'.repeat(1e6), results: 0 });
    expect(unpackResults(long, parent).end?.words).toHaveLength(4000);
  });

  it('is a line of 100 MB that belongs to nothing', () => {
    expect(unpackResults(`${'x'.repeat(1e8)}\n${GOOD}`, parent).results).toHaveLength(1);
  });
});
