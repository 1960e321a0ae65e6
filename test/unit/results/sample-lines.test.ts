import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { mersenne } from 'pure-rand/generator/mersenne';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BenchError } from '../../../src/errors.js';
import { samplesOf } from '../../../src/model/results/sample-table.js';
import type { Sample } from '../../../src/model/results/sample.js';
import type { Scenario } from '../../../src/model/run/scenario.js';
import { lastAttempts } from '../../../src/results/attempts.js';
import { createSampleCheck } from '../../../src/results/check/check-sample.js';
import { readResultFolder } from '../../../src/results/read.js';
import { createResultFolder } from '../../../src/results/store.js';
import { batchSample, failedSample, HOST, okSample, parallel, planOf, sequential } from './runs.js';

const ROUNDS = 1000;
const BLOCKS = 4;
const ARMS = ['before', 'after', 'control'];

let parent: string;
beforeAll(() => {
  parent = mkdtempSync(join(tmpdir(), 'seccomp-bench-lines-'));
});
afterAll(() => {
  rmSync(parent, { recursive: true });
});

type Draw = (low: number, high: number) => number;

const oneOf = <Value>(values: readonly Value[], draw: Draw): Value => values[draw(0, values.length - 1)] as Value;

/** What a value of a line becomes: numbers at the limits of what is taken, and values of other kinds. */
const VALUES = [
  ...['0', '1', '3', '4', '00', '01', '-0', '-1', '0.5', '1e3', '1E+2', '4294967295', '4294967296'],
  ...['999999999', '1000000000', '999999999999999', '1000000000000000', '9007199254740991', '9007199254740992'],
  ...['65535', '65536', '1e400', 'null', 'true', '"1"', '[1]', '{}', '""', ' 7', '7 ', 'NaN', ''],
];
/** What is written anywhere in a line. */
const TEXTS = [
  ' ',
  ',',
  '"',
  '\\',
  '}',
  '{',
  '0',
  '9',
  '.',
  '\t',
  '\r',
  '\u00e9',
  '\0',
  '":',
  ',"attempt":1',
  '\ud800',
];

function damaged(line: string, draw: Draw): string {
  switch (draw(0, 4)) {
    case 0:
      return line;
    case 1: {
      const values = [...line.matchAll(/(?<=":)(?:\d+|true|false|"[^"]*")/g)];
      const { 0: value, index } = oneOf(values, draw);
      return `${line.slice(0, index)}${oneOf(VALUES, draw)}${line.slice(index + value.length)}`;
    }
    case 2: {
      const place = draw(0, line.length);
      return `${line.slice(0, place)}${oneOf(TEXTS, draw)}${line.slice(place + draw(0, 2))}`;
    }
    case 3:
      return line.slice(0, draw(0, line.length));
    default:
      return line.replace(/}$/, oneOf([',"gapNs":5}', ',"attempt":1}', ',"attempt":0}', ',"more":{}}', '}}'], draw));
  }
}

function sampleFrom(draw: Draw, isParallel: boolean): Sample {
  const arm = oneOf(ARMS, draw);
  const place = { warmup: draw(0, 3) === 0, position: draw(0, 2) };
  if (isParallel && draw(0, 3) === 0) return { ...batchSample(arm, draw(0, BLOCKS - 1), draw(0, 2), 2), ...place };
  if (draw(0, 5) === 0) return failedSample(arm, draw(0, BLOCKS - 1), place);
  const times = { startNs: draw(0, 2 ** 30) * draw(1, 1000), wallNs: draw(1, 2 ** 30), userNs: draw(0, 2 ** 30) };
  return okSample(arm, draw(0, BLOCKS - 1), { ...place, ...times, maxRssKiB: draw(0, 2 ** 20) });
}

/** What reading gives, or the message of its error. */
function outcome(read: () => object): unknown {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    return error.message;
  }
}

/** The same lines by JSON.parse and the check of objects alone. */
function byObjects(file: string, lines: readonly string[], scenario: Scenario): object {
  const faultOf = createSampleCheck(scenario);
  const samples = lines.map((line, index): Sample => {
    const value = parsed(line);
    if (value === undefined) throw new BenchError('input', 'not JSON');
    const fault = faultOf(value);
    if (fault !== undefined) throw new BenchError('input', `${file}:${index + 1}: ${fault}`);
    return value as Sample;
  });
  const { samples: last, repeated } = lastAttempts(samples);
  return { samples: last, repeated };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}

describe('lines of samples', () => {
  it.each([
    ['containers', sequential(BLOCKS)],
    ['batches', parallel(2, BLOCKS)],
  ] as const)('are read from bytes as JSON.parse reads them, damaged %s too', (_, scenario) => {
    const generator = mersenne(20261127);
    const draw: Draw = (low, high) => uniformInt(generator, low, high);
    const outcomes = { read: 0, refused: 0 };
    // Without an end, and so without checksums.
    using writer = createResultFolder(parent, { ...planOf(scenario), id: scenario.kind }, HOST);
    const { path } = writer;
    const file = join(path, 'samples.jsonl');
    for (let round = 0; round < ROUNDS; round++) {
      const count = draw(1, 4);
      const lines = Array.from({ length: count }, () => {
        const line = JSON.stringify(sampleFrom(draw, scenario.kind === 'parallel'));
        return draw(0, 2) === 0 ? damaged(line, draw) : line;
      });
      if (lines.some((line) => line.includes('\n'))) continue;
      writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
      const own = outcome(() => {
        const { samples, repeated = [] } = readResultFolder(path);
        return { samples, repeated };
      });
      // JSON.parse sees what was written: a lone surrogate is another character in UTF-8.
      const written = lines.map((line) => Buffer.from(line).toString('utf8'));
      const wanted = outcome(() => byObjects(file, written, scenario));
      if (wanted === 'not JSON') expect(own, lines.join('\n')).toMatch(/expected a sample as JSON/);
      else expect(normalised(own), lines.join('\n')).toEqual(normalised(wanted));
      outcomes[typeof own === 'string' ? 'refused' : 'read']++;
    }
    expect(Math.min(outcomes.read, outcomes.refused)).toBeGreaterThan(ROUNDS / 5);
  });
});

/** Columns of whole numbers know no -0. */
const normalised = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_, one: unknown) => (one === 0 ? 0 : one)) as unknown;

describe('the samples of a run', () => {
  it('are those of its table, unless a copy of the run has others', () => {
    using writer = createResultFolder(parent, { ...planOf(sequential(1)), id: 'copied' }, HOST);
    const lines = ARMS.map((arm, position) => JSON.stringify(okSample(arm, 0, { position })));
    writeFileSync(join(writer.path, 'samples.jsonl'), `${lines.join('\n')}\n`);
    const run = readResultFolder(writer.path);
    expect(samplesOf(run)).toBe(run.table);
    expect(run.samples).toHaveLength(ARMS.length);
    expect(samplesOf({ ...run })).toBe(run.table);
    const fewer = run.samples.slice(1);
    expect(samplesOf({ ...run, samples: fewer })).toBe(fewer);
  });
});
