import { describe, expect, it } from 'vitest';
import { namedArms, parseArm, parseArms } from '../../../../src/cli/options/arms.js';
import { BenchError } from '../../../../src/errors.js';
import { completeArms } from '../../../../src/model/run/arms.js';

function faultOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof BenchError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'nothing was thrown';
}

const BEFORE = { name: 'before', policy: 'all' };
const AFTER = { name: 'after', policy: 'host' };

describe('arms by name', () => {
  it('stand for the policies before=all, after=host, native and unconfined', () => {
    expect(namedArms('before,after, native ,unconfined')).toEqual([
      BEFORE,
      AFTER,
      { name: 'native', policy: 'native' },
      { name: 'unconfined', policy: 'unconfined' },
    ]);
  });

  it('are refused where the name is unknown, empty or a property every object has', () => {
    for (const list of ['before,behind', 'before,', '', 'toString', '__proto__']) {
      expect(faultOf(() => namedArms(list))).toContain(
        'usage: --arms: expected a comma-separated list of before, after, default, trim, native, unconfined, runtime-default, control, got "',
      );
    }
  });
});

describe('an arm written NAME=FILE[:POLICY]', () => {
  it('is split at the last colon and the first equals sign', () => {
    expect(parseArm('mine=a:b=c.json:host')).toEqual({ name: 'mine', profile: 'a:b=c.json', policy: 'host' });
    expect(parseArm('none=p.json:unconfined')).toEqual({ name: 'none', profile: 'p.json', policy: 'unconfined' });
  });

  it('needs no policy: a profile then has that of the host', () => {
    expect(parseArm('mine=filter.bpf')).toEqual({
      name: 'mine',
      profile: 'filter.bpf',
      policy: 'host',
      impliedPolicy: true,
    });
  });

  it.each([
    ['mine', 'usage: --arm: expected NAME=FILE[:POLICY] or NAME=KEY=VALUE, got "mine"'],
    [
      'mine=p.json:some',
      'usage: --arm mine: expected a policy of all, host, trim, native, unconfined after the last colon, got "some"',
    ],
    [
      'mine=p.json:',
      'usage: --arm mine: expected a policy of all, host, trim, native, unconfined after the last colon, got ""',
    ],
    ['mine=:host', 'usage: --arm mine: expected a file after =, got nothing in "mine=:host"'],
  ])('%s is refused in words that show it', (text, message) => {
    expect(faultOf(() => parseArm(text))).toBe(message);
  });
});

describe('an arm written NAME=KEY=VALUE', () => {
  it('has the properties that its keys name', () => {
    expect(parseArm('new=libseccomp=/opt/a,b/libseccomp.so.2')).toEqual({
      name: 'new',
      policy: 'host',
      impliedPolicy: true,
      libseccomp: '/opt/a,b/libseccomp.so.2',
    });
    expect(parseArm('tree=profile=p.json:native,form=tree,build=before')).toEqual({
      name: 'tree',
      policy: 'native',
      profile: 'p.json',
      making: { form: 'tree', prebuilt: true },
    });
    expect(parseArm('start=policy=all,build=start,libseccomp=l.so')).toEqual({
      name: 'start',
      policy: 'all',
      making: {},
      libseccomp: 'l.so',
    });
    expect(parseArm('ordered=runtime=crun,first=futex,read,build=before')).toEqual({
      name: 'ordered',
      policy: 'host',
      runtime: 'crun',
      making: { prebuilt: true, first: ['futex', 'read'] },
    });
    expect(parseArm('other=runtime=/usr/bin/crun')).toEqual({
      name: 'other',
      policy: 'host',
      runtime: '/usr/bin/crun',
    });
  });

  it('is a file where the path does not look like a key', () => {
    expect(parseArm('mine=./form=x.json')).toMatchObject({ profile: './form=x.json' });
  });

  it('has a control with the same properties', () => {
    expect(parseArms({ arms: 'control', arm: ['one=form=tree,libseccomp=l.so', 'two=form=plain'] }).at(-1)).toEqual({
      name: 'control',
      policy: 'host',
      copyOf: 'one',
      making: { form: 'tree' },
      libseccomp: 'l.so',
    });
  });

  it.each([
    ['a=lib=x', '"lib" is not a key of an arm (--arm a)'],
    ['a=form=tree,colour=red', '"colour" is not a key of an arm (--arm a)'],
    ['a=form=', '--arm a: expected a value after form=, got nothing in "form="'],
    ['a=form=tree,form=tree', '--arm a: expected every key once, got form= twice'],
    ['a=form=bush', '--arm a: form=: expected plain or tree, got "bush"'],
    ['a=build=never', '--arm a: build=: expected start or before, got "never"'],
    ['a=policy=most', '--arm a: policy=: expected a policy of all, host, trim, native, unconfined, got "most"'],
    ['a=profile=p.json:all,policy=host', '--arm a: profile=FILE:POLICY cannot be combined with policy='],
    ['a=form=tree,first=read', '--arm a: first= cannot be combined with form=tree'],
    ['a=first=read,read', '--arm a: first=: expected names of system calls, each once, got "read,read"'],
    ['a=first=read;write', '--arm a: first=: expected names of system calls, each once, got "read;write"'],
    ['a=form=plain,policy=unconfined', '--arm a: form= cannot be combined with the policy unconfined'],
    ['a=libseccomp=l.so,policy=unconfined', '--arm a: libseccomp= cannot be combined with the policy unconfined'],
  ])('%s is refused', (text, message) => {
    expect(faultOf(() => parseArm(text))).toContain(`usage: ${message}`);
  });
});

describe('the control arm', () => {
  it('is added at the end as a copy of before', () => {
    expect(parseArms({ arms: 'after,before' })).toEqual([
      AFTER,
      BEFORE,
      { name: 'control', policy: 'all', copyOf: 'before' },
    ]);
  });

  it('is the same whether it is named or not, wherever it is named', () => {
    const expected = parseArms({ arms: 'before,after' });
    expect(parseArms({ arms: 'before,after,control' })).toEqual(expected);
    expect(parseArms({ arms: 'control,before,after' })).toEqual(expected);
  });

  it('copies the first arm, profile included, where there is no before', () => {
    expect(completeArms([parseArm('old=old.json:host'), parseArm('new=new.json:host')])[2]).toEqual({
      name: 'control',
      policy: 'host',
      profile: 'old.json',
      copyOf: 'old',
    });
  });

  it('is not added where an arm copies the baseline already', () => {
    const arms = [
      { name: 'before', policy: 'all' },
      { name: 'twin', policy: 'all', copyOf: 'before' },
    ] as const;
    expect(completeArms(arms)).toBe(arms);
  });

  it('alone is refused', () => {
    expect(faultOf(() => parseArms({ arms: 'control' }))).toBe(
      'usage: arms: expected at least one arm besides control',
    );
  });
});

describe('arms together', () => {
  const extras = (names: readonly string[]): string[] => names.map((name) => `${name}=p.json:host`);

  it('are named ones, then extra ones, then the control', () => {
    expect(parseArms({ arms: 'before,after', arm: extras(['x']) }).map((arm) => arm.name)).toEqual([
      'before',
      'after',
      'x',
      'control',
    ]);
  });

  it('may be 8 with the control, and no more', () => {
    expect(parseArms({ arms: 'before,after', arm: extras(['a', 'b', 'c', 'd', 'e']) })).toHaveLength(8);
    expect(faultOf(() => parseArms({ arms: 'before,after', arm: extras(['a', 'b', 'c', 'd', 'e', 'f']) }))).toBe(
      'usage: arms: expected at most 8 arms, control included, got 9',
    );
  });

  it.each([
    ['before', 'expected every name once, got "before" twice'],
    ['', 'expected a name, got an empty one'],
    ['control', 'expected another name: "control" is the byte copy of the baseline, got another arm'],
    [
      'a/b',
      'expected a name of at most 64 letters, digits, ".", "_" and "-" that begins with a letter or digit, got "a/b"',
    ],
    [
      '..',
      'expected a name of at most 64 letters, digits, ".", "_" and "-" that begins with a letter or digit, got ".."',
    ],
    [
      '-x',
      'expected a name of at most 64 letters, digits, ".", "_" and "-" that begins with a letter or digit, got "-x"',
    ],
  ])('refuse the extra name "%s"', (name, message) => {
    expect(faultOf(() => parseArms({ arms: 'before,after', arm: extras([name]) }))).toBe(`usage: arms: ${message}`);
  });

  it('refuse the same name twice in --arms', () => {
    expect(faultOf(() => parseArms({ arms: 'before,after,after' }))).toBe(
      'usage: arms: expected every name once, got "after" twice',
    );
  });
});

describe('the arm default', () => {
  it("is the profile with the host's architectures, as after is", () => {
    expect(namedArms('unconfined,default')).toEqual([
      { name: 'unconfined', policy: 'unconfined' },
      { name: 'default', policy: 'host' },
    ]);
  });
});
