import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import type { ResultDocuments } from '../../../src/model/results/documents.js';
import type { RunBreak } from '../../../src/model/results/break.js';
import { documentFault } from '../../../src/results/check/schema.js';
import { damaged, randomOf } from '../reporting/damage.js';

const ROOT = resolve(import.meta.dirname, '../../..');
const schema = JSON.parse(readFileSync(join(ROOT, 'schemas/results.schema.json'), 'utf8')) as object;
// date-time: its own check reads times as JavaScript does.
const ajv = new Ajv({ strict: false, formats: { 'date-time': (text: string) => !Number.isNaN(Date.parse(text)) } });
ajv.addSchema(schema, 'results');

const BREAKS: readonly RunBreak[] = [
  { kind: 'paused', block: 3, warmup: false, attempt: 1, gapNs: 5e9 },
  { kind: 'resumed', block: 4, warmup: false, at: '2026-11-27T01:02:03Z', after: null },
  { kind: 'resumed', block: 4, warmup: false, at: '2026-11-27T01:02:03Z', after: 'interrupted' },
];

/** Documents of real runs, by their name. */
const DOCUMENTS: readonly (readonly [keyof ResultDocuments, string])[] = [
  ...readdirSync(join(ROOT, 'results'))
    .filter((name) => name !== 'README.md')
    .flatMap((folder) =>
      readdirSync(join(ROOT, 'results', folder))
        .filter((file) => file.endsWith('.json'))
        .map((file) => {
          const text = readFileSync(join(ROOT, 'results', folder, file), 'utf8');
          const name = file === 'plan.json' && text.includes('"kind": "percall"') ? 'percallPlan' : file.slice(0, -5);
          return [name as keyof ResultDocuments, text] as const;
        }),
    ),
  ...BREAKS.map((line) => ['break', JSON.stringify(line)] as const),
];

describe('the check by schemas/results.schema.json', () => {
  it.each(DOCUMENTS)('finds nothing wrong with %s of a real run', (name, text) => {
    expect(documentFault(name, JSON.parse(text))).toBeUndefined();
  });

  it('refuses and accepts damaged documents as ajv does', () => {
    const random = randomOf(20261127);
    const refused = new Set<string>();
    for (let i = 0; i < 1500; i++) {
      const [name, text] = DOCUMENTS[i % DOCUMENTS.length] ?? DOCUMENTS[0]!;
      const damage = damaged(text, random);
      if (damage.text === '') continue;
      const value = JSON.parse(damage.text) as unknown;
      const validate = ajv.getSchema(`results#/properties/${name}`)!;
      const fault = documentFault(name, value);
      expect(fault === undefined, `${name}: ${damage.what}: ${fault ?? 'accepted'}`).toBe(validate(value));
      if (fault !== undefined) refused.add(name);
    }
    expect([...refused].sort()).toEqual([...new Set(DOCUMENTS.map(([name]) => name))].sort());
  });

  it.each<[keyof ResultDocuments, unknown, string]>([
    ['break', { kind: 'moved' }, 'kind: expected one of paused, programChanged, resumed, got "moved"'],
    ['break', { kind: 'paused' }, 'attempt: expected a number of at least 0, got nothing'],
    ['break', { ...BREAKS[1], after: 'tired' }, 'after: expected one of complete, rule,'],
    ['break', { ...BREAKS[1], at: 'noon' }, 'at: expected an ISO 8601 time, got "noon"'],
    ['break', { ...BREAKS[0], gapNs: 1e300 }, 'gapNs: expected a number of at most 9007199254740991, got 1e+300'],
    ['ledger', [], '(top level): expected an object, got []'],
    ['evidence', [null], '[0]: expected an object, got null'],
    ['simulation', [{ arm: 'a', call: 1 }], '[0].call: expected text, got 1'],
  ])('tells what is wrong with %s %j', (name, value, message) => {
    expect(documentFault(name, value)).toContain(message);
  });

  it('does not take what every object inherits for a field', () => {
    const value = { formatVersion: 2, constructor: 1, __proto__: { ended: 'complete', maxFailures: null } };
    expect(documentFault('ledger', value)).toBe(
      'ended: expected one of complete, rule, maxFailures, failedBlocks, runtimeChanged, interrupted, error, got nothing',
    );
  });
});
