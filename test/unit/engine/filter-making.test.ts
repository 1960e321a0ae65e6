import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants, machine, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestContext } from 'vitest';
import { buildFilter, rulesText } from '../../../src/filter/index.js';
import type { FilterMaking } from '../../../src/model/filter/filter-making.js';
import type { SeccompSpec } from '../../../src/model/profile/seccomp.js';
import { nativePrograms } from '../payload/machine.js';
import { facts, SPEC } from './filter-spec.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'making-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const build = (ctx: TestContext, rules: string, ...rest: readonly string[]) => {
  const file = join(folder, 'rules');
  writeFileSync(file, rules);
  const { status, stdout, stderr } = spawnSync(nativePrograms(ctx).bpfBuild, [file, ...rest], { encoding: 'utf8' });
  return { status, stdout, stderr };
};

describe('bpf-build', () => {
  it('builds the filter that is predicted: plain, as a tree, with chosen calls first; and all three differ', (ctx) => {
    const makings: readonly FilterMaking[] = [{}, { form: 'tree' }, { first: ['reboot', 'acct', 'no_such_call'] }];
    for (const making of makings) {
      const out = join(folder, 'out');
      expect(build(ctx, rulesText(SPEC, making), '--out', out)).toEqual({ status: 0, stdout: '', stderr: '' });
      expect(readFileSync(out).equals(buildFilter(SPEC, machine(), making).program)).toBe(true);
    }
    expect(new Set(makings.map((making) => facts(making).sha256)).size).toBe(3);
  });

  it('names a filter that was built beforehand, with its flags and how often it is loaded, also where its path has a blank', (ctx) => {
    const built = join(folder, 'built filter');
    writeFileSync(built, buildFilter(SPEC).program);
    const echo = (making: FilterMaking, prebuilt?: string): string =>
      build(
        ctx,
        rulesText({ ...SPEC, flags: ['SECCOMP_FILTER_FLAG_LOG'] }, making, prebuilt),
        '--',
        '/bin/echo',
        '{fd}',
      ).stdout;
    expect(echo({}, built)).toBe('3:2\n');
    expect(echo({ stacked: 3 }, built)).toBe('3:2:3\n');
    expect(build(ctx, rulesText(SPEC, { stacked: 2 }), '--', '/bin/echo', '{fd}').stdout).toBe('3:0:2\n');
  });

  it('refuses lines it does not understand, naming them', (ctx) => {
    const refused = (rules: string, words: string): void => {
      expect(build(ctx, rules, '--out', '/dev/null')).toEqual({
        status: 125,
        stdout: '',
        stderr: `bpf-build: ${join(folder, 'rules')}:${words}\n`,
      });
    };
    refused('default 0x7fff0000\nbuilt x\n', '2: expected one default or built line, got two');
    refused('built /no/such file\n', `1: open /no/such file: errno ${constants.errno.ENOENT}`);
    refused('optimize 2\n', '1: expected a default line before this one, got none');
    refused(
      'default 0x7fff0000\noptimize 9\n',
      `2: libseccomp does not optimize so (2.5 or newer is needed): errno ${constants.errno.EOPNOTSUPP}`,
    );
    refused('default 0x7fff0000\npriority reboot 256\n', '2: expected a priority of 0 to 255, got more');
    refused(
      'default 0x7fff0000\nrules\n',
      '2: expected library, default, built, flags, times, optimize, arch, rule or priority, got rules',
    );
  });
});

describe('the loader', () => {
  it('says where a filter does not let the next one be loaded', (ctx) => {
    const denying: SeccompSpec = {
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [{ names: ['seccomp'], action: 'SCMP_ACT_ERRNO' }],
    };
    const { loader, payload } = nativePrograms(ctx);
    expect(build(ctx, rulesText(denying, { stacked: 1 }), '--', loader, '{fd}', payload)).toEqual({
      status: 0,
      stdout: 'ok\n',
      stderr: '',
    });
    expect(build(ctx, rulesText(denying, { stacked: 2 }), '--', loader, '{fd}', payload)).toEqual({
      status: 125,
      stdout: '',
      stderr: 'loader: load filter: errno 1\n',
    });
    expect(build(ctx, rulesText(denying), '--', loader, '3:0:0', payload).stderr).toBe(
      'loader: expected a descriptor number, got 3:0:0\n',
    );
  });
});
