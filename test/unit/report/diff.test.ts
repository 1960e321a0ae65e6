import { describe, expect, it } from 'vitest';
import { buildFilter, compareFilters, Simulator } from '../../../src/filter/index.js';
import type { ArgumentSet } from '../../../src/model/filter/diff.js';
import type { SeccompSpec } from '../../../src/model/profile/seccomp.js';
import { diffMarkdown, isOpened, renderDiff } from '../../../src/report/index.js';
import { argumentWords } from '../../../src/report/words/arguments.js';

const MOST = 2n ** 64n - 1n;
const spec = (syscalls: SeccompSpec['syscalls']): SeccompSpec => ({
  defaultAction: 'SCMP_ACT_ERRNO',
  architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
  syscalls: syscalls ?? [],
});
const built = (syscalls: SeccompSpec['syscalls']): Simulator =>
  new Simulator(buildFilter(spec(syscalls), 'x86_64').program);
const socket = (op: string, value: number) => ({
  names: ['socket'],
  action: 'SCMP_ACT_ALLOW',
  args: [{ index: 0, value, valueTwo: 0, op: `SCMP_CMP_${op}` }],
});
const read = { names: ['read', 'write'], action: 'SCMP_ACT_ALLOW' };
const before = built([read, socket('LT', 38), socket('EQ', 39), socket('GT', 40)]);
const after = built([{ names: ['read', 'bpf', 'acct'], action: 'SCMP_ACT_ALLOW' }, socket('NE', 38)]);
const diff = compareFilters([before], [after], 'x86_64');
const NAMES = { before: 'old.json', after: 'new.json' };
const PIPED = { columns: null, colour: false, limit: 12 };

describe('argumentWords', () => {
  const set = (...cases: ArgumentSet['cases']): ArgumentSet => ({ exact: true, except: false, cases });
  const range = (low: bigint, high = low, argument = 0, part: 'whole' | 'low' = 'whole') =>
    ({ kind: 'ranges', argument, part, ranges: [[low, high]] }) as const;
  const bits = (mask: bigint, value: bigint, equal = true) =>
    ({ kind: 'bits', argument: 0, mask, value, equal }) as const;
  const words = (one: ArgumentSet | null, call = 'clone', arch = 'x86_64') => argumentWords(one, { call, arch });

  it('names arguments and address families', () => {
    expect(words(set([range(38n)]), 'socket')).toBe('family 38 (AF_ALG)');
    expect(words(set([range(0n, 37n)]), 'socketpair')).toBe('families 0-37');
    expect(words(set([range(16n), range(9n, 9n, 2)]), 'socket')).toBe('family 16 (AF_NETLINK) and protocol 9');
    expect(words(set([range(0x20008n)]), 'personality')).toBe('persona 0x20008');
    expect(words(set([range(3n, 3n, 4)]), 'read')).toBe('arg 4 3');
    expect(words(set([bits(1n, 0n)]), 'clone', 's390x')).toBe('arg 0 without 0x1');
  });

  it('tells open ranges, halves, alternatives and exceptions', () => {
    expect(words(set([range(41n, MOST)]), 'prctl')).toBe('option 41 and up');
    expect(words(set([range(5n, 5n, 0, 'low')]), 'prctl')).toBe('option (lower 32 bits) 5');
    expect(words(set([range(5n, 5n, 0, 'low')]), 'prctl', 'x86')).toBe('option 5');
    expect(words(set([range(1n), range(2n, 2n, 1)], [range(3n)]), 'prctl')).toBe('(option 1 and arg 1 2) or option 3');
    expect(words({ ...set([range(1n)]), except: true }, 'prctl')).toBe('all but option 1');
    expect(words({ ...set([range(1n)]), exact: false }, 'prctl')).toBe('option 1 (at most)');
    expect([words(set([])), words(set())]).toEqual(['some arguments', 'no arguments']);
    expect(words(null)).toBe('any arguments');
  });

  it('tells masked values in words', () => {
    expect(words(set([bits(0x7e020000n, 0n)]))).toBe('flags with none of 0x7e020000');
    expect(words(set([bits(0x7e020000n, 0n, false)]))).toBe('flags with any of 0x7e020000');
    expect(words(set([bits(0x6n, 6n)]))).toBe('flags with all of 0x6');
    expect(words(set([bits(0x6n, 6n, false)]))).toBe('flags without some of 0x6');
    expect(words(set([bits(0x4n, 4n)]))).toBe('flags with 0x4');
    expect(words(set([bits(0x4n, 0n)]))).toBe('flags without 0x4');
    expect(words(set([bits(0xffn, 0x11n)]))).toBe('flags & 0xff is 0x11');
    expect(words(set([bits(MOST, 0x11n, false)]))).toBe('flags other than 0x11');
  });
});

describe('renderDiff', () => {
  it('puts what was opened on top', () => {
    const text = renderDiff([diff], [], NAMES, PIPED);
    expect(text).toContain('old.json → new.json on x86_64\n\nOpened: 3 calls\n');
    expect(text).toContain('  acct, bpf (x86_64, x86): ERRNO(EPERM) → ALLOW\n');
    expect(text.replaceAll(/\n {4}/g, ' ')).toContain(
      '  socket (x86_64, x86): families 0-37, 39, 41 and up; now also 40 (AF_VSOCK) (ERRNO(EPERM) → ALLOW)\n',
    );
    expect(text).toContain('Closed: 1 call\n  write (x86_64, x86): ALLOW → ERRNO(EPERM)\n');
    expect(text.indexOf('Opened')).toBeLessThan(text.indexOf('Closed'));
    expect(text).toContain("No longer in the kernel's bitmap: write.\nNow in the kernel's bitmap: acct, bpf.\n");
    expect(text).toMatch(/Instructions: [\d,]+ → [\d,]+; on the longest path: /);
    expect(text).toMatch(
      /Proved for all numbers and arguments of x86_64, x86 and x32; [\d,]+ calls run through both\.\n$/,
    );
    expect(text).toContain('x32: both answer KILL_THREAD to every call.');
  });

  it.each([80, 60])('fits a terminal of %i columns', (columns) => {
    const text = renderDiff([diff, diff], ['A note.'], NAMES, { ...PIPED, columns });
    expect(text.split('\n').filter((line) => line.length > columns)).toEqual([]);
  });

  it('says that nothing differs, and how sure that is', () => {
    const same = compareFilters([before], [before], 'x86_64');
    const text = renderDiff([same], [], NAMES, PIPED);
    expect(text).toContain('\n\nNo difference\n\n');
    expect(text).toContain('The two have the same instructions.');
    expect(
      renderDiff([{ ...same, proof: { state: 'sampled', why: ['it computes'], evaluations: 7 } }], [], NAMES, PIPED),
    ).toMatch(
      /No difference found\n[\s\S]*Not proved on x86_64: it computes\.\n7 calls of x86_64, x86 and x32 run through both\./,
    );
  });

  it('cuts a long list unless all is wanted', () => {
    const none = compareFilters([], [before], 'x86_64');
    expect(renderDiff([none], [], NAMES, { ...PIPED, limit: 2 })).toMatch(
      /\n {2}_sysctl, accept4 and \d+ more .*\n {2}and \d+ more: --limit 0 lists all\n/,
    );
    expect(renderDiff([none], [], NAMES, { ...PIPED, limit: 0 })).not.toContain('--limit 0');
  });
});

describe('diffMarkdown', () => {
  it('has a table of what was opened, and folds the rest', () => {
    const text = diffMarkdown([diff], [], NAMES, 12);
    expect(text).toContain('### old.json → new.json on x86_64\n');
    expect(text).toContain('**3 opened, 1 closed.**');
    expect(text).toContain('| Opened | ABIs | Change |\n| --- | --- | --- |\n| acct, bpf | x86_64, x86 |');
    expect(text).toContain('<details><summary>Closed: 1 call</summary>');
    expect(text.match(/<details>/g)).toHaveLength(text.match(/<\/details>/g)!.length);
  });

  it('lets no name of a file break out of its line', () => {
    const text = diffMarkdown([diff], [], { ...NAMES, before: 'a|b<script>\n# x' }, 12);
    expect(text.split('\n')[0]).toBe('### a\\|b&lt;script&gt; # x → new.json on x86_64');
  });

  it('says that nothing was opened', () => {
    expect(diffMarkdown([compareFilters([before], [built([read])], 'x86_64')], [], NAMES, 12)).toContain(
      '**Nothing opened, ',
    );
  });
});

describe('isOpened', () => {
  it('counts what is not proved', () => {
    const closed = compareFilters([after], [built([])], 'x86_64');
    expect([isOpened(diff), isOpened(closed)]).toEqual([true, false]);
    expect(isOpened({ ...closed, proof: { state: 'sampled', why: [], evaluations: 1 } })).toBe(true);
  });
});
