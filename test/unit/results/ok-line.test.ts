import { describe, expect, it } from 'vitest';
import { OkLineReader } from '../../../src/results/check/ok-line.js';
import { SampleTable } from '../../../src/model/results/sample-table.js';
import { okSample } from './runs.js';

const LINE = JSON.stringify(
  okSample('after', 12, { position: 2, startNs: 123456789012345, wallNs: 40_123_456, userNs: 0 }),
);

/** What the reader makes of a line, and where it ends. */
function read(line: string, arms: readonly string[] = ['before', 'after', 'control']): unknown {
  const reader = new OkLineReader(arms);
  reader.open(Buffer.from(`x${line}`));
  if (!reader.read(1)) return null;
  const table = new SampleTable(arms, 1);
  table.addOk(reader);
  return [table.sampleAt(0), reader.end - 1];
}

describe('OkLineReader', () => {
  it('reads what JSON.parse reads, key for key', () => {
    expect(read(`${LINE}\n`)).toEqual([JSON.parse(LINE), LINE.length + 1]);
    const [sample] = read(`${LINE}\n`) as [object];
    expect(Object.keys(sample)).toEqual(Object.keys(JSON.parse(LINE) as object));
    const warm = JSON.stringify(okSample('a b/c', 0, { warmup: true, position: 0 }));
    expect(read(`${warm}\n${LINE}\n`, ['a b', 'a b/c'])).toEqual([JSON.parse(warm), warm.length + 1]);
  });

  it('leaves every line that is written in another way to JSON.parse', () => {
    const others: readonly (readonly [string | RegExp, string])[] = [
      ['"block":12', '"block": 12'],
      ['"block":12', '"block":012'],
      ['"block":12', '"block":-1'],
      ['"block":12', '"block":1e1'],
      ['"block":12', '"block":'],
      ['40123456', '40123456.5'],
      ['123456789012345', '1234567890123456'],
      ['"after"', '"other"'],
      ['"after"', '"afte\\u0072"'],
      ['"warmup":false', '"warmup":0'],
      ['"state":"ok"', '"state":"failed"'],
      ['{"kind"', ' {"kind"'],
      [/}$/, ',"more":1}'],
      [/}$/, '} '],
      [/}$/, '}\r'],
    ];
    for (const [from, to] of others) {
      const line = LINE.replace(from, to);
      expect(line).not.toBe(LINE);
      expect(read(`${line}\n`), line).toBeNull();
    }
  });

  it('takes no line that is not all there', () => {
    for (let length = 0; length <= LINE.length; length++) expect(read(LINE.slice(0, length))).toBeNull();
  });

  it('reads lines of arms whose names need no escape only', () => {
    const line = (arm: string): string => `${JSON.stringify(okSample(arm, 0, { position: 0 }))}\n`;
    expect(read(line('a"b'), ['a"b'])).toBeNull();
    expect(read(line('gr\u00fcn'), ['gr\u00fcn'])).toBeNull();
    expect(read(line('x'), ['x'])).not.toBeNull();
  });
});
