import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { schemaErrors } from '../schemas.js';
import { FAKE, needs, needsRoot, PrivateSandbox } from './bench.js';

let box: PrivateSandbox;
beforeAll(() => {
  box = new PrivateSandbox();
});
afterEach(() => {
  box.clear();
});
afterAll(() => {
  box[Symbol.dispose]();
});

type Document = Readonly<Record<string, unknown>> & { readonly results: readonly string[] };

/** What `bench ARGV --json` prints: one document of that kind that its schema accepts. */
function valid(kind: string, [command = '', ...argv]: readonly string[]): Document {
  // Before a --, behind which everything is another program's.
  const { status, stdout, stderr } = box.bench([command, '--json', ...argv]);
  expect(status, stderr).toBe(0);
  const document = JSON.parse(stdout) as Document;
  expect(Object.entries(document).slice(0, 2)).toEqual([
    ['formatVersion', 1],
    ['kind', kind],
  ]);
  expect(schemaErrors(kind, document)).toEqual([]);
  return document;
}

const ENGINE = ['--engine', 'namespaces'];
const FEW = [...ENGINE, '--blocks', '2', '--warmup', '0'];
/** Makes no containers: where the arms' filters do not matter. */
const FAKE_ENGINE = ['--engine', 'oci', '--runtime', FAKE];
const FEW_FAKE = [...FAKE_ENGINE, '--blocks', '2', '--warmup', '0'];
const FEW_CALLS = ['--calls', 'getppid,personality', '--repeats', '3', '--loops', '100'];

describe('--json prints a document that its schema accepts', () => {
  it.each([
    ['one at a time', ['sequential', ...FEW]],
    ['in batches', ['parallel', ...FEW_FAKE, '--count', '3']],
    ['of a sweep', ['parallel', ...FEW_FAKE, '--count', '3', '--concurrency', '1,2']],
  ])('of starts %s', (_, argv) => {
    const { results, report } = valid('runs', argv);
    expect(results.map((folder) => existsSync(join(box.folder, folder, 'samples.jsonl')))).not.toContain(false);
    expect(existsSync(join(box.folder, report as string))).toBe(true);
    expect(valid('runs', ['report', ...results])).toMatchObject({ results });
  });

  it('of stages of starts', (ctx) => {
    needs(ctx, 'runc');
    const runc = ['--engine', 'runc', '--blocks', '2', '--warmup', '0'];
    valid('runs', ['sequential', ...runc, '--stages', '--no-report']);
  });

  it('of a scenario', () => {
    const file = join(box.folder, 'mine.json');
    writeFileSync(file, JSON.stringify({ kind: 'sequential', count: 2, warmup: 0, arms: ['after', 'unconfined'] }));
    valid('runs', ['run', file, ...FAKE_ENGINE, '--no-report']);
  });

  it('of starts with counted system calls', (ctx) => {
    needs(ctx, 'strace');
    valid('runs', ['sequential', ...FEW, '--count-syscalls', '--no-report']);
  });

  it('of two commands', () => {
    valid('runs', ['ab', '--blocks', '2', '--warmup', '0', '--no-report', '--', 'true', '---', 'sh', '-c', 'exit 0']);
  });

  it('of a workload', (ctx) => {
    needsRoot(ctx);
    needs(ctx, 'strace');
    valid('runs', ['workload', '--bind-host', ...FEW, '--no-report', '--', 'sh', '-c', 'exit 0']);
  });

  it('of priced calls', (ctx) => {
    needsRoot(ctx);
    const { results } = valid('percall', ['percall', ...FEW, ...FEW_CALLS]);
    valid('percall', ['report', ...results]);
  });

  it('of advice', (ctx) => {
    needsRoot(ctx);
    const { results } = valid('advice', [
      ...['advise', ...ENGINE, '--blocks', '2', '--call-blocks', '1', '--calls', 'getppid,personality'],
    ]);
    valid('advice', ['report', (results as unknown as { readonly starts: string }).starts]);
  });

  it('of counted system calls', (ctx) => {
    needs(ctx, 'strace');
    const file = join(box.folder, 'counts.json');
    const { status, stdout, stderr } = box.bench([
      ...['syscalls', 'count', ...ENGINE, '--count-repeats', '2', '--output', file, '--json'],
    ]);
    expect([status, schemaErrors('syscallCounts', JSON.parse(stdout))], stderr).toEqual([0, []]);
    expect(
      schemaErrors('syscallDiff', JSON.parse(box.bench(['syscalls', 'diff', file, file, '--json']).stdout)),
    ).toEqual([]);
  });

  it('of a plan', () => {
    valid('plan', ['plan', 'sequential', ...FAKE_ENGINE, '--detect', '5%', '--pilot', '20']);
  });

  it('of published cases', () => {
    const { cases } = valid('reproduction', [
      ...['reproduce', 'isulad-2021', ...FAKE_ENGINE, '--count', '2', '--rounds', '1', '--no-report'],
    ]);
    expect(cases).toHaveLength(4);
  });

  it('of a checkup', () => {
    const { status, stdout } = box.bench(['doctor', '--json']);
    expect([0, 2]).toContain(status);
    expect(schemaErrors('checkup', JSON.parse(stdout))).toEqual([]);
  });
});
