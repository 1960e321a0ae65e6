import { describe, expect, it } from 'vitest';
import { DEFAULT_PERCALL_ARMS, percallArms } from '../../../src/scenario/index.js';

describe('percallArms', () => {
  it('puts the arm without a filter first and its control last, asked for or not', () => {
    const expected = [
      { name: 'unconfined', policy: 'unconfined' },
      { name: 'native', policy: 'native' },
      { name: 'after', policy: 'host' },
      { name: 'before', policy: 'all' },
      { name: 'control', policy: 'unconfined', copyOf: 'unconfined' },
    ];
    expect(percallArms(DEFAULT_PERCALL_ARMS)).toEqual(expected);
    expect(percallArms('native, after,before,control')).toEqual(expected);
  });

  it("makes a filter in another way, of after's spec or of the one named", () => {
    expect(percallArms('tree,stacked-4,native-tree,before-stacked-2', 'mine.json').slice(1, -1)).toEqual([
      { name: 'tree', policy: 'host', making: { form: 'tree' }, profile: 'mine.json' },
      { name: 'stacked-4', policy: 'host', making: { stacked: 4 }, profile: 'mine.json' },
      { name: 'native-tree', policy: 'native', making: { form: 'tree' }, profile: 'mine.json' },
      { name: 'before-stacked-2', policy: 'all', making: { stacked: 2 }, profile: 'mine.json' },
    ]);
  });

  it('refuses what is no arm, naming it', () => {
    for (const name of ['stacked', 'stacked-0', 'stacked-5', 'tree-2', 'unconfined-tree', 'toString', '']) {
      expect(() => percallArms(`native,${name}`)).toThrow(
        `--arms: expected names of arms, got ${JSON.stringify(name)}`,
      );
    }
    expect(() => percallArms('native,native')).toThrow('--arms: expected every arm once, got native twice');
    expect(() => percallArms('unconfined')).toThrow(
      '--arms: expected at least one arm beside unconfined, got "unconfined"',
    );
  });
});
