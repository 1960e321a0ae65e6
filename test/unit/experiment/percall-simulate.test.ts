import { machine } from 'node:os';
import { describe, expect, it } from 'vitest';
import { numbered, simulate } from '../../../src/experiment/percall/simulate.js';
import { buildFilter, Simulator } from '../../../src/filter/index.js';
import type { SeccompSpec } from '../../../src/model/profile/seccomp.js';

const MACHINE = machine() === 'aarch64' ? 'aarch64' : 'x86_64';
const SPEC: SeccompSpec = {
  defaultAction: 'SCMP_ACT_ERRNO',
  defaultErrnoRet: 38,
  syscalls: [
    { names: ['getppid'], action: 'SCMP_ACT_ALLOW' },
    { names: ['personality'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value: 0xffffffff, op: 'SCMP_CMP_EQ' }] },
    { names: ['kexec_load'], action: 'SCMP_ACT_ERRNO', errnoRet: 1 },
    { names: ['uname'], action: 'SCMP_ACT_LOG' },
    { names: ['swapon'], action: 'SCMP_ACT_KILL_PROCESS' },
    { names: ['acct'], action: 'SCMP_ACT_TRAP' },
  ],
};
const filter = (): Simulator => new Simulator(buildFilter(SPEC, MACHINE).program);
const call = (name: string, args: readonly string[] = []) => numbered([{ name, args }], MACHINE)[0]!;
const place = { arm: 'after', machine: MACHINE, kernel: '6.18.1' } as const;

describe('the calls of a run', () => {
  it("get this machine's numbers, the unknown one its own", () => {
    expect(
      numbered(
        [
          { name: 'getppid', args: [] },
          { name: 'unknown', args: [] },
        ],
        'x86_64',
      ).map(({ nr }) => nr),
    ).toEqual([110, 65_535]);
    expect(numbered([{ name: 'getppid', args: [] }], 'aarch64').map(({ nr }) => nr)).toEqual([173]);
    expect(() => numbered([{ name: 'open', args: ['1'] }], 'aarch64')).toThrow(
      '"open" is not a system call of aarch64',
    );
  });

  it('are distinguished: cached, by argument, denied', () => {
    const of = (name: string, args: readonly string[] = []) => simulate([filter()], call(name, args), place);
    expect(of('getppid')).toMatchObject({ arm: 'after', call: 'getppid', action: 'ALLOW', cached: true, errno: null });
    expect(of('personality', ['0xffffffff'])).toMatchObject({ action: 'ALLOW', cached: false, errno: null });
    expect(of('personality', ['1'])).toMatchObject({ cached: false, errno: 38 });
    expect(of('unknown')).toMatchObject({ cached: false, errno: 38 });
    // A logged call is not allowed for good; the kernel cuts an errno to 4095.
    expect(of('uname', ['@'])).toMatchObject({ action: 'LOG', cached: false, errno: null });
    expect(of('kexec_load').errno).toBe(1);
    const largest = new Simulator([{ code: 6, ifTrue: 0, ifFalse: 0, k: 0x0005_ffff }]);
    expect(simulate([largest], call('getppid'), place).errno).toBe(4095);
  });

  it('cost the instructions of every filter, and are cached only where all filters and the kernel let them be', () => {
    const one = simulate([filter()], call('personality', ['0xffffffff']), place).instructions;
    expect(simulate([filter(), filter(), filter()], call('personality', ['0xffffffff']), place).instructions).toBe(
      3 * one,
    );
    expect(simulate([], call('getppid'), place)).toMatchObject({ instructions: 0, action: 'ALLOW', cached: false });
    expect(simulate([filter(), filter()], call('getppid'), place).cached).toBe(true);
    const other = new Simulator(
      buildFilter({ ...SPEC, syscalls: [{ names: ['getppid'], action: 'SCMP_ACT_LOG' }] }, MACHINE).program,
    );
    expect(simulate([filter(), other], call('getppid'), place).cached).toBe(false);
    expect(
      ['5.10.200', '5.11.0', '6.1', '4.19'].map(
        (kernel) => simulate([filter()], call('getppid'), { ...place, kernel }).cached,
      ),
    ).toEqual([false, true, true, false]);
  });

  it('are refused where they would end or stop the caller', () => {
    expect(() => simulate([filter()], call('swapon'), place)).toThrow(
      'swapon cannot be timed under after: the filter answers KILL_PROCESS',
    );
    expect(() => simulate([filter()], call('acct'), place)).toThrow(
      'acct cannot be timed under after: the filter answers TRAP',
    );
  });
});
