import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseStraceFilters } from '../../../src/filter/index.js';
import { needCommand, nativePrograms } from '../payload/machine.js';

const fixture = (name: string): string => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8');
/** What sha256sum said of the filter file that the recorded loader was given. */
const LOADER_SHA256 = 'a87f1ef3bce1130995ebcad56a08464c1e4445e99bbb7e77d77f3eedbb97a7d5';
const loaderCall =
  fixture('strace-loader.txt')
    .split('\n')
    .find((line) => line.includes('len=36')) ?? '';

describe('parseStraceFilters', () => {
  it('rebuilds the bytes that seccomp(2) got, without the probing calls', () => {
    expect(parseStraceFilters(fixture('strace-loader.txt'))).toEqual([{ instructions: 36, sha256: LOADER_SHA256 }]);
  });

  it('reads what runc loads through prctl', () => {
    const [filter, ...others] = parseStraceFilters(fixture('strace-runc.txt'));
    expect(others).toEqual([]);
    expect(filter?.instructions).toBe(14);
  });

  it('leaves out a call that the kernel refused', () => {
    expect(parseStraceFilters(loaderCall.replace(/= 0$/, '= -1 EACCES (Permission denied)'))).toEqual([]);
  });

  it('takes the result of an interrupted call from the line of the same process', () => {
    const begun = `[pid  12] ${loaderCall.replace(/\) = 0$/, ' <unfinished ...>')}`;
    const other = '[pid  13] <... seccomp resumed>) = -1 EINVAL (Invalid argument)';
    const filter = { instructions: 36, sha256: LOADER_SHA256 };
    expect(parseStraceFilters([begun, other, '[pid  12] <... seccomp resumed>) = 0'].join('\n'))).toEqual([filter]);
    expect(
      parseStraceFilters([begun, other, '[pid  12] <... seccomp resumed>) = -1 EINVAL (Invalid argument)'].join('\n')),
    ).toEqual([]);
    expect(parseStraceFilters([begun, other].join('\n'))).toEqual([]);
  });

  it('keeps every load in order', () => {
    const one =
      'seccomp(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_LOG, {len=1, filter=[BPF_STMT(BPF_RET|BPF_K, SECCOMP_RET_ALLOW)]}) = 0';
    const bytes = Buffer.from([6, 0, 0, 0, 0, 0, 0xff, 0x7f]);
    expect(parseStraceFilters(`7 ${loaderCall}\n7 ${one}\n`)).toEqual([
      { instructions: 36, sha256: LOADER_SHA256 },
      { instructions: 1, sha256: createHash('sha256').update(bytes).digest('hex') },
    ]);
  });

  it('refuses a filter that strace printed in part', () => {
    expect(() => parseStraceFilters('seccomp(SECCOMP_SET_MODE_FILTER, 0, {len=36, filter=0x55d0c0}) = 0')).toThrow(
      'strace printed 0 of 36 instructions',
    );
  });

  it('refuses a constant that it does not know', () => {
    expect(() =>
      parseStraceFilters('seccomp(SECCOMP_SET_MODE_FILTER, 0, {len=1, filter=[BPF_STMT(BPF_RET|BPF_NEW, 0)]}) = 0'),
    ).toThrow('unknown BPF constant in the output of strace: BPF_NEW');
  });

  it("agrees with the loaded bytes on this machine's strace", (ctx) => {
    needCommand(ctx, 'strace');
    const { bpfBuild, loader, payload } = nativePrograms(ctx);
    const folder = mkdtempSync(join(tmpdir(), 'strace-'));
    const rules = join(folder, 'rules');
    writeFileSync(rules, 'default 0x7fff0000\nrule 0x00050026 personality 0,4,8,0\nrule 0x00050001 kcmp 1,7,255,3\n');
    spawnSync(bpfBuild, [rules, '--out', join(folder, 'filter')]);
    const traced = spawnSync(
      'strace',
      [
        '-f',
        '-v',
        '-e',
        'trace=prctl,seccomp',
        '-o',
        join(folder, 'trace'),
        bpfBuild,
        rules,
        '--',
        loader,
        '{fd}',
        payload,
      ],
      { encoding: 'utf8' },
    );
    const text = readFileSync(join(folder, 'trace'), 'utf8');
    const program = readFileSync(join(folder, 'filter'));
    rmSync(folder, { recursive: true });
    if (traced.stderr.includes('PTRACE')) ctx.skip(`strace may not trace here: ${traced.stderr.trim()}`);
    expect(parseStraceFilters(text)).toEqual([
      { instructions: program.length / 8, sha256: createHash('sha256').update(program).digest('hex') },
    ]);
  });
});
