import { describe, expect, it } from 'vitest';
import { abArms } from '../../../src/cli/commands/ab.js';

const names = (...args: Parameters<typeof abArms>): readonly string[] => abArms(...args).map(({ name }) => name);

describe('the arms of bench ab', () => {
  it('are named after the runtimes, the profiles or the programs', () => {
    expect(names([], { a: 'runtime=/usr/bin/runc', b: 'runtime=crun' })).toEqual(['runc', 'crun', 'control']);
    expect(names([], { a: 'profile=old/p.json', b: 'profile=new.json:native' })).toEqual([
      'p',
      'new-native',
      'control',
    ]);
    expect(names(['dash', '-c', ':', '---', '/bin/bash', '-c', ':'], {})).toEqual(['dash', 'bash', 'control']);
  });

  it('are distinguished where their files have the same name', () => {
    expect(names([], { a: 'runtime=/opt/1/runc', b: 'runtime=/opt/2/runc' })).toEqual(['runc-a', 'runc-b', 'control']);
    expect(names(['sleep', '1', '---', 'sleep', '2'], {})).toEqual(['sleep-a', 'sleep-b', 'control']);
    expect(names(['control', '---', '..'], {})).toEqual(['control-a', 'command-b', 'control']);
  });

  it('are named after what differs between libraries, forms and the time of building', () => {
    const libraries = { a: 'libseccomp=/a/libseccomp.so.2.5.4', b: 'libseccomp=/b/libseccomp.so.2.6.1' };
    expect(names([], libraries)).toEqual(['libseccomp.so.2.5.4', 'libseccomp.so.2.6.1', 'control']);
    expect(names([], { a: 'form=plain', b: 'form=tree' })).toEqual(['plain', 'tree', 'control']);
    expect(names([], { a: 'form=tree,build=start', b: 'form=tree,build=before' })).toEqual([
      'built-at-start',
      'built-before',
      'control',
    ]);
    expect(names([], { a: 'runtime=runc', b: 'runtime=runc,libseccomp=/x/libseccomp.so.2' })).toEqual([
      'runc',
      'runc-libseccomp.so.2',
      'control',
    ]);
  });

  it('differ in something', () => {
    expect(() => abArms([], { a: 'form=tree', b: 'form=tree' })).toThrow('--a and --b are the same: form=tree');
    expect(() => abArms([], { a: 'form=tree', b: 'profile=p.json' })).toThrow('must be two runtimes or two profiles');
  });

  it('take the names they are given; the control repeats the first', () => {
    const arms = abArms([], { a: 'runtime=x', b: 'runtime=y', labelA: 'old', labelB: 'new' });
    expect(arms).toEqual([
      { name: 'old', policy: 'host', runtime: 'x' },
      { name: 'new', policy: 'host', runtime: 'y' },
      { name: 'control', policy: 'host', runtime: 'x', copyOf: 'old' },
    ]);
  });

  it.each([
    ['control', '--label-a: expected a name of at most 64 letters'],
    ['../x', '--label-a: expected a name of at most 64 letters'],
    ['y', '--label-b: expected a name other than "y", got "y"'],
  ])('refuse the name %s', (labelA, message) => {
    expect(() => abArms([], { a: 'runtime=x', b: 'runtime=y', labelA })).toThrow(message);
  });
});
