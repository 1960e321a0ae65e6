import { describe, expect, it } from 'vitest';
import { architectureEntries } from '../../../src/profile/index.js';

const entriesOf = (text: string) => architectureEntries(Buffer.from(text)).map(({ path, line }) => `${path} ${line}`);

describe('the entries of a list of architectures', () => {
  it('have the lines they stand in', () => {
    const list = { architectures: ['A', 'B'] };
    expect(architectureEntries(Buffer.from(JSON.stringify(list, null, 1)))).toEqual([
      { name: 'A', path: 'architectures[0]', line: 3 },
      { name: 'B', path: 'architectures[1]', line: 4 },
    ]);
    expect(entriesOf(JSON.stringify(list))).toEqual(['architectures[0] 1', 'architectures[1] 1']);
  });

  it('are found in a config.json, under the spec of Kubernetes, and with a key in any case', () => {
    expect(entriesOf('{"linux":{"seccomp":\n{"architectures":["A"]}}}')).toEqual(['linux.seccomp.architectures[0] 2']);
    expect(entriesOf('kind: SeccompProfile\nspec:\n  architectures:\n  - A\n  - B\n')).toEqual([
      'spec.architectures[0] 4',
      'spec.architectures[1] 5',
    ]);
    expect(entriesOf('{"Architectures":["A"]}')).toEqual(['architectures[0] 1']);
  });

  it('are none where the key is repeated, missing, or the file is something else', () => {
    for (const text of ['{"architectures":["A"],"architectures":["B"]}', '{}', '[1]', '', 'a: [', '\u0000\u0001'])
      expect(entriesOf(text)).toEqual([]);
  });
});
