import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSchemas } from '../../scripts/make-schemas.mjs';
import { runProgram } from '../../src/cli/program.js';
import type { Io } from '../../src/model/io.js';
import { schemaErrors } from '../schemas.js';
import { adviceFolder, callsFolder, startsFolder } from '../unit/reporting/folders.js';
import { percallRun } from '../unit/statistics/percall.fixtures.js';

const ROOT = resolve(import.meta.dirname, '../..');
const EXAMPLE = join(ROOT, 'results/example-x86_64-runc');
const STRACE = join(ROOT, 'test/fixtures/strace');

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-schemas-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** The text that `bench ARGV --json` prints in the test's folder. */
async function printed(...argv: readonly string[]): Promise<string> {
  let text = '';
  const io: Io = {
    out: (more) => {
      text += more;
    },
    err: () => undefined,
    stdin: () => Promise.resolve(Buffer.alloc(0)),
    columns: null,
    outColumns: 80,
    colour: false,
    env: { TMPDIR: folder },
    cwd: folder,
    commandLine: argv,
    signal: new AbortController().signal,
  };
  await runProgram([...argv, '--json'], io);
  return text;
}

it('keeps the schemas as the types of the documents are', async () => {
  const schemas = await makeSchemas();
  expect(readdirSync(join(ROOT, 'schemas')).sort()).toEqual([...schemas.keys()].sort());
  for (const [name, text] of schemas)
    expect(readFileSync(join(ROOT, 'schemas', name), 'utf8'), 'npm run schemas writes it').toBe(text);
});

describe('every schema', () => {
  it.each(readdirSync(join(ROOT, 'schemas')))('%s documents its objects', (name) => {
    const schema = JSON.parse(readFileSync(join(ROOT, 'schemas', name), 'utf8')) as {
      readonly description?: string;
      readonly definitions: Readonly<Record<string, { readonly description?: string }>>;
    };
    const silent = Object.entries({ [name]: schema, ...schema.definitions }).filter(
      ([, { description = '' }]) => description === '',
    );
    expect(silent.map(([title]) => title)).toEqual([]);
  });

  it('refuses a document of another version and one that lacks a field', async () => {
    const document = JSON.parse(await printed('convert')) as Record<string, unknown>;
    expect(schemaErrors('conversion', { ...document, formatVersion: 2 })).toHaveLength(1);
    expect(schemaErrors('conversion', { ...document, leftOut: undefined })).toHaveLength(1);
    expect(schemaErrors('conversion', { ...document, added: 'later' })).toEqual([]);
  });
});

describe('what --json prints has its schema', () => {
  /** Checks the document by the schema of its kind, and gives it. */
  async function valid(kind: string, ...argv: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
    const document = JSON.parse(await printed(...argv)) as Readonly<Record<string, unknown>>;
    expect([Object.keys(document).slice(0, 2), document['kind']]).toEqual([['formatVersion', 'kind'], kind]);
    expect(schemaErrors(kind, document)).toEqual([]);
    return document;
  }

  it.each([
    ['conversion', ['convert', '--arch', 'arm64', '--policy', 'all']],
    ['conversion', ['convert', '--dialect', 'isulad']],
    ['exact', ['exact', '--arch', 'x86_64,arm64,mips64']],
    ['inspection', ['inspect', '--arch', 'x86_64']],
    ['verification', ['verify', '--arch', 'x86_64']],
    ['verifications', ['verify', '--arch', 'x86_64,arm64', '--random', '0']],
    ['disassembly', ['inspect', '--arch', 'x86_64', '--disassemble']],
    ['explanation', ['inspect', '--arch', 'x86_64', '--call', 'clone']],
    ['diff', ['diff', 'default', 'unconfined', '--arch', 'x86_64,s390x']],
    ['compare', ['compare', EXAMPLE, EXAMPLE]],
    [
      'syscallDiff',
      ['syscalls', 'diff', join(STRACE, 'docker-run-default.txt'), join(STRACE, 'docker-run-unconfined.txt')],
    ],
    ['clean', ['clean', '--dry-run']],
  ] as const)('%s: bench %j', async (kind, argv) => {
    await valid(kind, ...argv);
  });

  it('reports: starts, priced calls and advice, with enough blocks for an interval and with too few', async () => {
    const report = (path: string): readonly string[] => ['report', path, '-o', join(folder, 'reports')];
    await valid('runs', ...report(EXAMPLE));
    await valid('runs', ...report(startsFolder(join(folder, 'few'), '1a2b', 2)));
    await valid('percall', ...report(callsFolder(join(folder, 'calls'))));
    await valid('percall', ...report(callsFolder(join(folder, 'few-calls'), percallRun({ blocks: 2 }))));
    await valid('advice', ...report(adviceFolder(join(folder, 'advice'))));
  });

  it('price of a table, with the prices of a kept run', async () => {
    const prices = callsFolder(join(folder, 'prices'));
    const counts = join(STRACE, 'columns-all.txt');
    writeFileSync(join(folder, 'open.json'), '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[]}');
    await valid('price', 'price', counts, '--prices', prices);
    await valid(
      'price',
      'price',
      counts,
      '--prices',
      prices,
      '--policy',
      'native',
      '--against',
      join(folder, 'open.json'),
    );
  });

  it('compare of runs with too few blocks', async () => {
    const [base, candidate] = ['1a2b', '3c4d'].map((id) => startsFolder(join(folder, 'pair'), id, 3));
    await valid('compare', 'compare', base!, candidate!);
  });

  it('fleet', async () => {
    const cluster = join(folder, 'cluster');
    mkdirSync(join(cluster, 'node-1'), { recursive: true });
    renameSync(startsFolder(join(folder, 'node')), join(cluster, 'node-1/run'));
    const { nodes } = await valid('fleet', 'fleet', '--from', cluster, '--no-report');
    expect(nodes).toHaveLength(1);
  });

  it('64-bit integers as strings, in which nothing is lost', async () => {
    const most = '18446744073709551615';
    const rule = `{"names":["personality"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":${most},"op":"SCMP_CMP_EQ"}]}`;
    writeFileSync(
      join(folder, 'wide.json'),
      `{"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_X86_64"],"syscalls":[${rule}]}`,
    );
    const { spec } = await valid('conversion', 'convert', 'wide.json', '--arch', 'amd64');
    expect(spec).toMatchObject({ syscalls: [{ args: [{ index: 0, value: most }] }] });
    const { runs } = await valid('explanation', 'inspect', 'wide.json', '--arch', 'x86_64', '--call', 'personality');
    expect(runs).toContainEqual(
      expect.objectContaining({ action: 'ALLOW', args: expect.arrayContaining([most]) as string[] }),
    );
  });
});
