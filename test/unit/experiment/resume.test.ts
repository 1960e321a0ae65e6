import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resumeExperiment, runExperiment } from '../../../src/experiment/index.js';
import type { StartsRequest } from '../../../src/model/experiment/request.js';
import type { RunResult } from '../../../src/model/results/result.js';
import { readResultFolder, verifyChecksums } from '../../../src/results/index.js';
import { startsRequest, useBench } from './fake-engine.js';
import type { FakeOptions } from './fake-engine.js';

const bench = useBench();

/** Runs a request to its end; gives the path of its results folder. */
async function measured(request: StartsRequest = startsRequest(), options: FakeOptions = {}): Promise<string> {
  const { context, folder, engine } = bench();
  const { folders } = await runExperiment(request, context, engine(options).parts);
  return join(folder, folders[0] ?? '');
}

/** Leaves a folder as a kill does after so many lines of samples and a part of the next one. */
function killAfter(path: string, lines: number, part = ''): void {
  for (const file of ['ledger.json', 'SHA256SUMS']) rmSync(join(path, file));
  const samples = join(path, 'samples.jsonl');
  const kept = readFileSync(samples, 'utf8').split('\n').slice(0, lines);
  writeFileSync(samples, kept.map((line) => `${line}\n`).join('') + part);
}

const resumed = (path: string, options: FakeOptions = {}) => {
  const { context, engine } = bench();
  return resumeExperiment(path, context, engine(options).parts);
};

/** The arms of the measured blocks, in the order of their turns. */
const orderOf = ({ samples }: RunResult): readonly string[] =>
  samples
    .filter(({ warmup }) => !warmup)
    .sort((a, b) => a.block - b.block || a.position - b.position)
    .map(({ block, arm }) => `${block} ${arm}`);

const PARALLEL = startsRequest({
  scenario: { ...startsRequest().scenario, kind: 'parallel', count: 3, concurrency: 2, rounds: 4 },
});
/** Lines of samples.jsonl in a block of the three arms. */
const LINES = { sequential: 3, parallel: 12 } as const;

describe('a run that is resumed', () => {
  for (const [kind, request] of [
    ['sequential', startsRequest()],
    ['parallel', PARALLEL],
  ] as const)
    for (const blocks of [0, 1, 2, 3, 4])
      it(`has the order of arms of an unbroken one, and every sample once: ${kind}, killed after ${blocks} blocks`, async () => {
        const path = await measured(request);
        const unbroken = readResultFolder(path);
        killAfter(path, LINES[kind] * (1 + blocks), '{"kind":"container","blo');
        const result = await resumed(path);
        expect([result.ended, result.failed]).toEqual(['complete', 0]);
        const again = readResultFolder(path);
        expect(orderOf(again)).toEqual(orderOf(unbroken));
        expect(again.samples.filter(({ warmup }) => !warmup)).toHaveLength(LINES[kind] * 4);
        expect([again.ledger?.ended, again.warnings]).toEqual(['complete', []]);
        expect(verifyChecksums(path)).toBeGreaterThan(5);
        expect(again.breaks).toEqual([
          { kind: 'resumed', block: blocks, warmup: false, at: '2026-11-26T18:00:00.000Z', after: null },
        ]);
      });
});
