import { machine } from 'node:os';
import { describe, expect, it } from 'vitest';
import type { TestContext } from 'vitest';
import { BenchError } from '../../src/errors.js';
import { buildFilter, buildInProcess, buildLxcFilter, libseccompVersion } from '../../src/filter/index.js';
import { riskOfSpec } from '../../src/filter/build/guard/guarded.js';
import type { SeccompArg, SeccompSpec } from '../../src/model/profile/seccomp.js';
import { sourceOf } from '../../src/profile/index.js';

const HALF = 2n ** 32n - 1n;
const compare = (index: number, op: string, value: bigint | number): SeccompArg => ({
  index,
  value,
  op: `SCMP_CMP_${op}`,
});

/** Rules of one call, each by its comparisons. */
const rulesOf = (name: string, ...args: readonly (readonly SeccompArg[])[]): SeccompSpec => ({
  defaultAction: 'SCMP_ACT_ERRNO',
  syscalls: args.map((own) => ({ names: [name], action: 'SCMP_ACT_ALLOW', args: own })),
});

/** libseccomp 2.5.4 never comes back from this. */
const ENDLESS = rulesOf(
  'write',
  [compare(0, 'GE', 7n), compare(2, 'EQ', 9n)],
  [compare(0, 'GE', 7n), compare(2, 'EQ', 10n)],
  [compare(0, 'GT', HALF), compare(1, 'GE', 2n ** 64n - 1n)],
  [compare(0, 'GT', HALF), compare(1, 'EQ', HALF + 3n)],
);

const needLibseccomp = (ctx: TestContext): void => {
  if (libseccompVersion() === null) ctx.skip('libseccomp.so.2 is not installed');
};

function errorOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof BenchError) return [error.code, error.message, error.hint].join('\n');
    throw error;
  }
  return 'none';
}

describe('a filter that is built in a process of its own', () => {
  it('is the same, byte for byte', (ctx) => {
    needLibseccomp(ctx);
    const harmless: readonly SeccompSpec[] = [
      rulesOf(
        'write',
        [compare(0, 'GT', 7), compare(1, 'EQ', 3)],
        [compare(0, 'LE', HALF), compare(2, 'NE', 2n ** 40n)],
      ),
      {
        defaultAction: 'SCMP_ACT_ERRNO',
        syscalls: [{ names: Array.from({ length: 6000 }, () => 'write'), action: 'SCMP_ACT_ALLOW' }],
      },
    ];
    for (const spec of harmless)
      for (const options of [{}, { form: 'tree' }, { first: ['write'] }] as const) {
        expect(riskOfSpec(spec)).toBeDefined();
        expect(buildFilter(spec, machine(), options)).toEqual(buildInProcess(spec, machine(), options));
      }
  });

  it('is refused in the words of a build here', (ctx) => {
    needLibseccomp(ctx);
    const spec = rulesOf('write', [compare(0, 'GT', 7), compare(1, 'EQ', 3)], [compare(0, 'LE', HALF)]);
    const unknown = { ...spec, architectures: ['SCMP_ARCH_VAX'] };
    expect(riskOfSpec(unknown)).toBeDefined();
    expect(errorOf(() => buildFilter(unknown))).toBe(errorOf(() => buildInProcess(unknown)));
    expect(errorOf(() => buildFilter(unknown))).toContain('libseccomp refuses architecture SCMP_ARCH_VAX');
  });

  it('is given up where it comes to no end, with the call at fault', (ctx) => {
    needLibseccomp(ctx);
    if (libseccompVersion() !== '2.5.4') ctx.skip('only 2.5.4 was seen not to finish this');
    expect(errorOf(() => buildFilter(ENDLESS, machine(), { name: 'mine.json' }))).toBe(
      [
        'input',
        'libseccomp 2.5.4 does not finish building mine.json within 5 s',
        'Its rules for write compare several arguments with operators other than equality. Leave some out.',
      ].join('\n'),
    );
  });

  it('is given up for an LXC policy too', (ctx) => {
    needLibseccomp(ctx);
    if (libseccompVersion() !== '2.5.4') ctx.skip('only 2.5.4 was seen not to finish this');
    const rule = (op: string): string => `lseek errno 1 [0,${HALF},SCMP_CMP_GT] [1,5,SCMP_CMP_${op}]`;
    const source = sourceOf(Buffer.from(['2', 'denylist', '[all]', rule('GE'), rule('EQ'), ''].join('\n')), 'policy');
    if (source.kind !== 'lxc') throw new Error(`read as ${source.form}`);
    expect(errorOf(() => buildLxcFilter(source.policy, 'policy'))).toContain(
      'does not finish building policy within 5 s',
    );
  });
});
