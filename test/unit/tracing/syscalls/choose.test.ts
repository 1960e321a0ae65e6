import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkTool, thisHost, type Host } from '../../../../src/host/index.js';
import type { CounterChoice } from '../../../../src/model/results/syscalls.js';
import { chooseCounter, type ChosenCounter } from '../../../../src/tracing/index.js';
import { MadeUpHost } from '../../host/checkup/made-up-host.js';

let host: MadeUpHost;
beforeEach(() => {
  host = new MadeUpHost();
  host.user(0).put({
    '/etc/os-release': 'ID=debian\n',
    '/proc/filesystems': 'nodev\ttracefs\n',
    '/proc/self/mounts': 'proc /proc proc rw 0 0\n',
  });
});
afterEach(() => {
  host[Symbol.dispose]();
});

const choose = (choice: CounterChoice, on: Host = host): Promise<ChosenCounter> =>
  chooseCounter(choice, on, (tool) => checkTool(on, tool));

describe('choosing a counter', () => {
  it('names every counter that does not work here and the command that would change it', async () => {
    host.programs = { perf: 'perf version 6.1.0\n' };
    await expect(choose('auto')).rejects.toMatchObject({
      code: 'environment',
      message:
        'system calls cannot be counted on this machine: strace: not found in PATH (a second way to read the loaded filter); perf-trace: 6.1.0, but it cannot count system calls: tracefs is not mounted; perf-stat: 6.1.0, but it cannot count system calls: tracefs is not mounted',
      hint: 'To allow it: apt-get install --no-install-recommends strace',
    });
  });

  it.each([
    ['tracefs is not mounted', 0, {}, 'mount -t tracefs tracefs /sys/kernel/tracing'],
    [
      'the kernel forbids it to ordinary users',
      1000,
      {
        '/proc/self/mounts': 'tracefs /sys/kernel/tracing tracefs rw 0 0\n',
        '/proc/sys/kernel/perf_event_paranoid': '2\n',
      },
      'sudo sysctl -w kernel.perf_event_paranoid=-1',
    ],
  ])('names the setting for perf where %s', async (_, uid, files, fix) => {
    host.programs = { perf: 'perf version 6.1.0\n' };
    host.user(uid).put(files);
    await expect(choose('perf-stat')).rejects.toMatchObject({
      code: 'environment',
      hint: `To allow it: ${fix}`,
    });
  });

  it('names the setting for strace where tracing is forbidden', async () => {
    host.programs = { strace: { exitCode: 1, stderr: 'strace: ptrace(PTRACE_TRACEME): Operation not permitted\n' } };
    host.put({ '/proc/sys/kernel/yama/ptrace_scope': '2\n' });
    await expect(choose('strace')).rejects.toMatchObject({
      hint: 'To allow it: sysctl -w kernel.yama.ptrace_scope=1',
    });
  });

  it('has a hint where no setting is known that would help', async () => {
    host.programs = { perf: 'perf version 6.1.0\n' };
    host.put({ '/proc/filesystems': 'nodev\tproc\n' });
    await expect(choose('perf-trace')).rejects.toMatchObject({
      message: expect.stringContaining('this kernel has no tracefs') as string,
      hint: 'No known setting allows it on this kernel.',
    });
  });

  it('chooses strace where it may trace, without refusals', async (context) => {
    const real = thisHost(process.env, 'bench');
    if (real.program('strace') === null) context.skip('strace is not installed');
    const { counter, refusals } = await choose('auto', real);
    expect([counter.facts.name, counter.facts.split, refusals]).toEqual(['strace', 'exec', []]);
  });
});
