import { describe, expect, it } from 'vitest';
import { parseCalls } from '../../../../src/cli/options/calls.js';
import { DEFAULT_CALLS } from '../../../../src/model/run/harmless-calls.js';

const parsed = (calls: string) => parseCalls({ calls });

describe('the option --calls', () => {
  it('knows how calls are made that change nothing, and adds the one that does not exist', () => {
    expect(parsed(DEFAULT_CALLS.join(',')).map(({ name }) => name)).toEqual([
      'getppid',
      'times',
      'personality',
      'kexec_load',
      'unknown',
    ]);
    expect(parsed('personality')).toEqual([
      { name: 'personality', args: ['0xffffffff'] },
      { name: 'unknown', args: [] },
    ]);
    expect(parsed('unknown, getppid').map(({ name }) => name)).toEqual(['unknown', 'getppid']);
  });

  it("takes the user's own arguments, commas within parentheses included", () => {
    expect(parsed('openat(0xffffffff, @,0),getppid()')).toEqual([
      { name: 'openat', args: ['0xffffffff', '@', '0'] },
      { name: 'getppid', args: [] },
      { name: 'unknown', args: [] },
    ]);
  });

  it('takes numbers of calls, and negative arguments as the 64-bit ones that the kernel gets', () => {
    expect(parsed('0x101(-100,@,0),1000()')).toEqual([
      { name: '257', args: ['18446744073709551516', '@', '0'] },
      { name: '1000', args: [] },
      { name: 'unknown', args: [] },
    ]);
  });

  it('refuses a call that could do something, and what is no call', () => {
    const refused = (text: string, message: string): void => {
      expect(() => parsed(text)).toThrow(message);
    };
    refused('reboot', '--calls: expected arguments for reboot, which may change something, or one of getppid, ');
    refused('toString', '--calls: expected names or numbers of system calls, separated by commas, got "toString"');
    refused('getppid,', '--calls: expected names or numbers of system calls, separated by commas, got "getppid,"');
    refused(
      'getppid(one)',
      '--calls: expected decimal or 0x hexadecimal arguments of 64 bits, or @, in getppid(one), got "one"',
    );
    refused('4294967296(0)', '--calls: expected names or numbers of system calls, separated by commas');
    refused('257', '--calls: expected arguments for 257, which may change something, or one of getppid, ');
    refused('a(1,2,3,4,5,6,7)', '--calls: expected at most six arguments in a(1,2,3,4,5,6,7), got 7');
    refused('getppid,getppid()', '--calls: expected every call once, got getppid twice');
    refused(
      Array.from({ length: 17 }, (_, index) => `c${index}()`).join(','),
      '--calls: expected at most 16 calls, got 17',
    );
  });
});
