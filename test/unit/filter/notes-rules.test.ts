import { describe, expect, it } from 'vitest';
import { buildFilter, Simulator } from '../../../src/filter/index.js';
import type { SeccompArg, SeccompSpec } from '../../../src/model/profile/seccomp.js';
import { noteSentence } from '../../../src/report/words/notes.js';
import {
  ALL,
  ALLOWED,
  allowList,
  answer,
  arg,
  codes,
  denyList,
  ERRNO,
  first,
  notes,
  PERSONALITY,
  rule,
} from './noted.js';

describe('notes on dead rules', () => {
  it('name the rule without comparisons that makes a comparison dead, before or after it', () => {
    const masked = rule(['clone'], [arg('MASKED_EQ', 0x7e020000)]);
    for (const [spec, path, winner] of [
      [allowList(rule(['clone']), masked), 'syscalls[2].names[0]', 'syscalls[1].names[0]'],
      [allowList(masked, rule(['read', 'clone'])), 'syscalls[1].names[0]', 'syscalls[2].names[1]'],
    ] as const)
      expect(notes(spec)).toEqual([
        expect.objectContaining({
          code: 'dead-rule',
          kind: 'security',
          path,
          detail: { winner, reason: 'by number', action: 'ALLOW', winnerAction: 'ALLOW' },
        }),
      ]);
  });

  it('know that the first of two rules without comparisons wins', () => {
    const spec = denyList(rule(['personality'], [], ERRNO, 9), rule(['personality'], [], ERRNO, 5));
    expect(first(spec)).toMatchObject({
      path: 'syscalls[1].names[0]',
      detail: { winner: 'syscalls[0].names[0]', reason: 'repeated', winnerAction: 'ERRNO(EBADF)' },
    });
    expect(answer(spec, PERSONALITY, 0n)).toBe(0x50009);
  });

  it('find a comparison that lies within another of the same action, which libseccomp answers alike without it', () => {
    for (const [narrow, broad] of [
      [arg('EQ', 5), arg('LE', 10)],
      [arg('LT', 5), arg('LE', 5)],
      [arg('GT', 7), arg('NE', 7)],
      [arg('EQ', 0x30), arg('MASKED_EQ', 0xf0, 0x30)],
      [arg('MASKED_EQ', 0xff, 0x31), arg('MASKED_EQ', 0xf0, 0x30)],
      [arg('MASKED_EQ', 0xff, 0x31), arg('NE', 0x30)],
      [arg('MASKED_EQ', ALL - 0xfn, 0x20), arg('LE', 0x2f)],
    ] as const) {
      const both = allowList(rule(['personality'], [narrow]), rule(['personality'], [broad]));
      expect(notes(both)).toEqual([
        expect.objectContaining({
          path: 'syscalls[1].names[0]',
          kind: 'useless',
          detail: expect.objectContaining({ reason: 'within' }) as unknown,
        }),
      ]);
      const without = allowList(rule(['personality'], [broad]));
      for (const value of [0n, 3n, 4n, 5n, 7n, 8n, 10n, 11n, 0x20n, 0x2fn, 0x30n, 0x31n, 0x130n, ALL])
        expect(answer(both, PERSONALITY, value)).toBe(answer(without, PERSONALITY, value));
    }
  });

  it('keep the first of two equal rules', () => {
    const twice = allowList(rule(['personality'], [arg('LT', 5)]), rule(['personality'], [arg('LE', 4)]));
    expect(notes(twice)).toEqual([expect.objectContaining({ path: 'syscalls[2].names[0]' })]);
    expect(notes(allowList(rule(['read', 'write', 'read'])))).toEqual([
      expect.objectContaining({
        path: 'syscalls[1].names[2]',
        detail: expect.objectContaining({ reason: 'repeated' }) as unknown,
      }),
    ]);
  });

  it('say nothing where comparisons only overlap, or other actions stand in between', () => {
    expect(codes(allowList(rule(['personality'], [arg('LE', 5)]), rule(['personality'], [arg('GE', 5)])))).toEqual([]);
    expect(codes(allowList(rule(['socket'], [arg('LE', 37)]), rule(['socket'], [arg('GE', 41)])))).toEqual([]);
    const between = allowList(
      rule(['personality'], [arg('EQ', 5)]),
      rule(['personality'], [arg('LE', 7)], ERRNO, 9),
      rule(['personality'], [arg('LE', 10)]),
    );
    expect(codes(between)).toEqual([]);
    // Without its first rule this filter would answer otherwise.
    expect(answer(between, PERSONALITY, 5n)).toBe(ALLOWED);
    expect(answer(between, PERSONALITY, 6n)).toBe(0x50009);
  });

  it('gather the names of one rule', () => {
    const names = ['clone', 'personality', 'socket'];
    expect(notes(allowList(rule(names), rule(names, [arg('NE', 40)])))).toEqual([
      expect.objectContaining({ path: 'syscalls[2]', subject: 'clone, personality, socket' }),
    ]);
  });

  it('do not count a rule with the default action, which runtimes leave out', () => {
    expect(codes(denyList(rule(['personality']), rule(['personality'], [arg('EQ', 5)], ERRNO)))).toEqual([
      'equals-default',
    ]);
  });
});

describe('notes on rules without names', () => {
  it('say that such a rule has no effect', () => {
    expect(notes(allowList(rule([]), rule(['getpid'])))).toMatchObject([
      { code: 'no-names', kind: 'useless', path: 'syscalls[1]' },
    ]);
    expect(noteSentence(first(allowList(rule([]))))).toBe('the rule names no system call, so it has no effect.');
  });
});

describe('notes on comparisons', () => {
  const personality = (...args: SeccompArg[]): SeccompSpec => allowList(rule(['personality'], args));

  it('find what always and what never holds', () => {
    for (const [args, code] of [
      [[arg('MASKED_EQ', 0)], 'zero-mask'],
      [[arg('MASKED_EQ', 0, 5)], 'zero-mask'],
      [[arg('GE', 0)], 'always-holds'],
      [[arg('LE', ALL)], 'always-holds'],
      [[arg('LT', 0)], 'never-holds'],
      [[arg('GT', ALL)], 'never-holds'],
    ] as const) {
      expect(first(personality(...args))).toMatchObject({ code, path: 'syscalls[1].args[0]', subject: 'personality' });
      for (const value of [0n, 5n, ALL])
        expect(answer(personality(...args), PERSONALITY, value)).toBe(code === 'never-holds' ? 0x50001 : ALLOWED);
    }
  });

  it('tell which value libseccomp compares where one has bits outside the mask', () => {
    const spec = personality(arg('MASKED_EQ', 0xc, 0x15));
    expect(first(spec)).toMatchObject({
      code: 'value-outside-mask',
      detail: { mask: '0xc', value: '0x15', kept: '0x4' },
    });
    expect([0x15n, 0x4n, 0x10n].map((value) => answer(spec, PERSONALITY, value))).toEqual([ALLOWED, ALLOWED, 0x50001]);
  });

  it('tell that runtimes take any one of two comparisons of one argument', () => {
    const spec = personality(arg('GE', 5), arg('LE', 8));
    expect(first(spec)).toMatchObject({ code: 'any-comparison', path: 'syscalls[1].args[1]' });
    expect([4n, 6n, 9n].map((value) => answer(spec, PERSONALITY, value))).toEqual([ALLOWED, ALLOWED, ALLOWED]);
  });

  it('find values above 32 bits of an argument that has 32', () => {
    expect(first(personality(arg('EQ', ALL)))).toMatchObject({
      code: 'beyond-32-bits',
      detail: { where: 'argument', outcome: 'never', kept: '0xffffffff' },
    });
    expect(first(personality(arg('LT', 2n ** 32n)))).toMatchObject({ detail: { outcome: 'always' } });
    expect(codes(personality(arg('EQ', 0xffffffff)))).toEqual([]);
    expect(codes(personality(arg('MASKED_EQ', ALL - 0xffn, 0x100)))).toEqual([]);
    // The kernel reads all 64 bits of this one.
    expect(codes(allowList(rule(['prctl'], [arg('EQ', ALL, 0, 1)])))).toEqual([]);
  });

  it('tell what is left of such a value on an architecture of 32 bits', () => {
    const spec = allowList(rule(['prctl'], [arg('EQ', 0x1_0000_0005, 0, 1)]));
    const both = { ...spec, architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'] };
    expect(codes(spec)).toEqual([]);
    expect(first(both)).toMatchObject({ code: 'beyond-32-bits', detail: { where: 'x86', kept: '0x5' } });
    const filter = new Simulator(buildFilter(both, 'x86_64').program);
    expect(filter.execute({ arch: 0x40000003, nr: 172, args: [0n, 5n] }).value).toBe(ALLOWED);
  });

  it('find arguments that are pointers, but leave a test for none alone', () => {
    expect(first(allowList(rule(['socketcall', 'socket'], [arg('NE', 40, 0, 1)])))).toMatchObject({
      code: 'pointer-condition',
      subject: 'socketcall',
      path: 'syscalls[1].args[0]',
    });
    expect(codes(allowList(rule(['openat'], [arg('EQ', 7, 0, 1)])))).toEqual(['pointer-condition']);
    expect(codes(allowList(rule(['clone3'], [arg('MASKED_EQ', 0x10000)])))).toEqual(['pointer-condition']);
    expect(codes(allowList(rule(['openat'], [arg('NE', 0, 0, 1)])))).toEqual([]);
    expect(codes(allowList(rule(['openat'], [arg('EQ', 7, 0, 0)])))).toEqual([]);
  });
});
