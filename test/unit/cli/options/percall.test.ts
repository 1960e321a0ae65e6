import { describe, expect, it } from 'vitest';
import { parsePercallArms, parsePercallRun } from '../../../../src/cli/options/percall.js';
import { percallArms } from '../../../../src/scenario/index.js';

const RAW = { blocks: '30', repeats: '25', loops: '1000', warmup: '1' };
const DEFAULT = [
  { name: 'native', policy: 'native' },
  { name: 'after', policy: 'host' },
  { name: 'before', policy: 'all' },
];

describe('the options of percall', () => {
  it('have their defaults: equal default arms are dropped', () => {
    expect(parsePercallRun(RAW)).toEqual({
      arms: DEFAULT,
      equalArms: 'drop',
      blocks: 30,
      repeats: 25,
      loops: 1000,
      warmup: 1,
      actions: [],
    });
  });

  it('take all that is given: arms that were asked for must differ', () => {
    const raw = { arms: 'after', blocks: '3', repeats: '4', loops: '50', warmup: '0' };
    expect(parsePercallRun(raw, 'mine.json')).toEqual({
      arms: [{ name: 'after', policy: 'host', profile: 'mine.json' }],
      equalArms: 'refuse',
      blocks: 3,
      repeats: 4,
      loops: 50,
      warmup: 0,
      actions: [],
    });
  });

  it('take actions in any order, and price them in their own', () => {
    expect(parsePercallRun({ ...RAW, actions: 'trace, notify' }).actions).toEqual(['notify', 'trace']);
  });

  it.each([
    [{ actions: 'notfy' }, '"notfy" is not an action of --actions; did you mean "notify"?'],
    [{ actions: '' }, '"" is not an action of --actions'],
    [{ actions: 'log,log' }, '--actions: expected every action once, got log twice'],
    [{ blocks: '0' }, '--blocks: expected a whole number from 1 to 1,000,000, got "0"'],
    [{ repeats: 'x' }, '--repeats: expected a whole number from 1 to 10,000, got "x"'],
    [{ loops: '0' }, '--loops: expected a whole number from 1 to 999,999, got "0"'],
    [{ warmup: '-1' }, '--warmup: expected a whole number from 0 to 10,000, got "-1"'],
  ])('refuse %j', (raw, message) => {
    expect(() => parsePercallRun({ ...RAW, ...raw })).toThrow(message);
  });
});

describe('arms of percall', () => {
  it('come with the arm without a filter first and its control last, asked for or not', () => {
    const baseline = { name: 'unconfined', policy: 'unconfined' };
    const expected = [baseline, ...DEFAULT, { ...baseline, name: 'control', copyOf: 'unconfined' }];
    expect(percallArms(parsePercallArms('unconfined,native,after,before'))).toEqual(expected);
    expect(percallArms(parsePercallArms('native, after,before,control'))).toEqual(expected);
  });

  it('build a filter differently, of after or of the arm named', () => {
    expect(parsePercallArms('tree,stacked-4,native-tree,before-stacked-2', 'mine.json')).toEqual([
      { name: 'tree', policy: 'host', making: { form: 'tree' }, profile: 'mine.json' },
      { name: 'stacked-4', policy: 'host', making: { stacked: 4 }, profile: 'mine.json' },
      { name: 'native-tree', policy: 'native', making: { form: 'tree' }, profile: 'mine.json' },
      { name: 'before-stacked-2', policy: 'all', making: { stacked: 2 }, profile: 'mine.json' },
    ]);
  });

  it('are refused by name where they are none', () => {
    for (const name of ['stacked', 'stacked-0', 'stacked-5', 'tree-2', 'unconfined-tree', 'toString', '']) {
      expect(() => parsePercallArms(`native,${name}`)).toThrow(`--arms: expected names of arms, got "${name}"`);
    }
    expect(() => parsePercallArms('native,native')).toThrow('--arms: expected every arm once, got native twice');
    expect(() => parsePercallArms('unconfined')).toThrow(
      '--arms: expected at least one arm besides unconfined, got "unconfined"',
    );
  });
});
