import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkHost } from '../../../../src/host/index.js';
import { checkCgroups } from '../../../../src/host/checkup/cgroups.js';
import { checkKernel, checkSeccomp } from '../../../../src/host/checkup/kernel.js';
import { checkJitLimit } from '../../../../src/host/checkup/jit-limit.js';
import { checkOpenFiles, checkProcesses } from '../../../../src/host/checkup/limits.js';
import { executableFix } from '../../../../src/host/checkup/mounts.js';
import {
  checkGovernor,
  checkLoad,
  checkMitigations,
  checkSteal,
  checkVirtualisation,
} from '../../../../src/host/checkup/processor.js';
import { checkCapabilities, checkSubordinateIds, checkUserNamespaces } from '../../../../src/host/checkup/rights.js';
import { checkCrunCache, checkLibseccomp, checkPerf, checkStrace } from '../../../../src/host/checkup/tools.js';
import type { Finding } from '../../../../src/model/host/checkup.js';
import { MadeUpHost } from './made-up-host.js';

let host: MadeUpHost;
beforeEach(() => {
  host = new MadeUpHost();
});
afterEach(() => {
  host[Symbol.dispose]();
});

const told = ({ state, found, fix }: Finding): readonly [string, string, string | null] => [state, found, fix];

describe('a host that tells nothing', () => {
  it('has every finding nevertheless', async () => {
    const findings = await checkHost(host, null);
    expect(findings.map(({ id, state }) => `${id} ${state}`)).toEqual([
      'kernel ok',
      'seccomp problem',
      'cgroups warning',
      'capabilities ok',
      'userNamespaces problem',
      'libseccomp problem',
      'openFiles ok',
      'processes ok',
      'jitLimit ok',
      'governor ok',
      'load ok',
      'mitigations ok',
      'steal ok',
      'virtualisation ok',
      'strace missing',
      'perf missing',
    ]);
  });
});

describe('the kernel', () => {
  it('has to be as new as pidfd_open', () => {
    const of = (release: string): Finding => checkKernel({ system: { ...host.system, release: () => release } });
    expect(told(of('5.3.0'))).toEqual(['ok', '5.3.0 on x86_64', null]);
    expect(told(of('5.2.21-generic'))).toEqual([
      'problem',
      '5.2.21-generic on x86_64: bench requires 5.3 or newer',
      null,
    ]);
    expect(of('4.19.0').state).toBe('problem');
  });

  it('may filter bench itself, which the check reports', () => {
    expect(told(checkSeccomp(host.user(0)))).toEqual(['ok', 'supported; bench itself runs without a filter', null]);
    host.put({ '/proc/self/status': 'Seccomp:\t2\nSeccomp_filters:\t1\n' });
    expect(told(checkSeccomp(host))).toEqual([
      'warning',
      'bench itself runs under 1 filter: every container is filtered by that too',
      null,
    ]);
    host.put({ '/proc/self/status': 'Seccomp:\t2\n' });
    expect(checkSeccomp(host).found).toContain('runs under a filter:');
  });
});

describe('cgroups', () => {
  const V2 = 'cgroup2 /sys/fs/cgroup cgroup2';
  it.each([
    ['ok', 'version 2', `${V2} rw,nosuid 0 0`],
    ['ok', 'version 1', 'tmpfs /sys/fs/cgroup tmpfs ro 0 0\ncgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0'],
    [
      'ok',
      'versions 1 and 2; bench hides version 2 from crun, which refuses a mix',
      'cgroup /sys/fs/cgroup/cpu cgroup rw 0 0\ncgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0',
    ],
    ['warning', 'version 2, read-only: runtimes cannot create cgroups', `${V2} ro,nosuid 0 0`],
  ])('are %s: %s', (state, found, mounts) => {
    expect(told(checkCgroups(host.user(0).put({ '/proc/self/mounts': mounts })))).toEqual([state, found, null]);
  });

  it('can be mounted where they are not', () => {
    expect(told(checkCgroups(host.user(0)))).toEqual([
      'warning',
      'not mounted: runc and crun require them',
      'mount -t cgroup2 cgroup2 /sys/fs/cgroup',
    ]);
    expect(checkCgroups(host.user(1000)).fix).toBe('sudo mount -t cgroup2 cgroup2 /sys/fs/cgroup');
  });

  it('of both versions are nothing for crun without root', () => {
    host.put({
      '/proc/self/mounts': 'cgroup /sys/fs/cgroup/cpu cgroup rw 0 0\ncgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0',
    });
    expect(told(checkCgroups(host.user(1000)))).toEqual([
      'warning',
      'versions 1 and 2: crun refuses a mix, and only root can hide version 2 from it',
      null,
    ]);
  });

  const CONTROLLERS = '/sys/fs/cgroup/cgroup.controllers';
  const PASSED = '/sys/fs/cgroup/cgroup.subtree_control';
  const refusing = 'Podman and CRI engines, which set limits, may refuse to start containers';
  const ALL = { [CONTROLLERS]: 'cpuset cpu memory pids\n' };
  const IN_CONTAINER = { ...ALL, '/sys/fs/cgroup/cgroup.type': 'domain\n' };
  it.each([
    [
      'lack what the kernel does not offer',
      { [CONTROLLERS]: 'cpu io pids\n' },
      `version 2 without memory: ${refusing}`,
    ],
    [
      'lack what version 1 holds',
      { [CONTROLLERS]: 'hugetlb\n', '/proc/cgroups': 'cpu\t1\t18\t1\nmemory\t4\t106\t1\npids\t8\t18\t1\n' },
      `version 2 without cpu, memory and pids, which version 1 holds: ${refusing}`,
    ],
    ['are complete at the root of the hierarchy', { ...ALL, [PASSED]: '\n' }, 'version 2'],
    [
      'pass nothing on in a container',
      { ...IN_CONTAINER, [PASSED]: 'cpu\n' },
      `version 2 that does not pass on memory and pids (cgroup.subtree_control), as in a container: ${refusing}`,
    ],
    [
      'are complete in a container that passes them on',
      { ...IN_CONTAINER, [PASSED]: 'cpu memory pids\n' },
      'version 2',
    ],
  ])('of version 2 %s', (_, files, found) => {
    host.user(0).put({ '/proc/self/mounts': `${V2} rw 0 0`, ...files });
    expect(told(checkCgroups(host))).toEqual([found === 'version 2' ? 'ok' : 'warning', found, null]);
  });
});

describe('subordinate ids', () => {
  const WITHOUT = 'rootless Docker requires it, and Podman uses this user alone';

  it('are nothing to root', () => {
    expect(checkSubordinateIds(host.user(0))).toBeNull();
  });

  const FIX = 'sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ann';
  const TOOLS = { newuidmap: '', newgidmap: '' };
  it.each([
    [
      { newuidmap: '' },
      {},
      `newgidmap not found in PATH: ${WITHOUT}`,
      'sudo apt-get install --no-install-recommends uidmap',
    ],
    [TOOLS, { '/etc/subgid': 'ann:1:2\n' }, `/etc/subuid has no range for ann: ${WITHOUT}`, FIX],
    [
      TOOLS,
      { '/etc/subuid': 'bob:1:2\n1000:1:2\n', '/etc/subgid': 'bob:1:2\n' },
      `/etc/subgid has no range for ann: ${WITHOUT}`,
      FIX,
    ],
    [
      TOOLS,
      { '/etc/subuid': 'ann:1:2\n', '/etc/subgid': '1000:1:2\n' },
      'this user has some, for rootless Docker and Podman',
      null,
    ],
  ])('require %o and %o', (programs, files, found, fix) => {
    host.user(1000).put({ '/etc/passwd': 'root:x:0:0::/:/bin/sh\nann:x:1000:1000::/:/bin/sh\n', ...files }).programs =
      programs;
    expect(told(checkSubordinateIds(host)!)).toEqual([fix === null ? 'ok' : 'missing', found, fix]);
  });
});

describe('capabilities', () => {
  it.each([
    [0, '000001ffffffffff', 'ok', 'all 10 that bench uses'],
    [1000, '0000000000000000', 'ok', 'none, as usual for an ordinary user'],
    [0, '000001fffeffffff', 'warning', 'missing: SYS_RESOURCE (raising limits)'],
    // What Docker gives its containers.
    [
      0,
      '00000000a80425fb',
      'problem',
      'missing: SYS_ADMIN (namespaces, mounts, reading the loaded filter), NET_ADMIN (network namespaces), SYS_PTRACE (inspecting processes of others), SYS_RESOURCE (raising limits)',
    ],
  ])('of user %i with %s are %s', (uid, set, state, found) => {
    expect(told(checkCapabilities(host.user(uid, set)))).toEqual([state, found, null]);
  });
});

describe('user namespaces', () => {
  it('are not needed by root; the check names what forbids them to others', async () => {
    expect(told(await checkUserNamespaces(host.user(0)))).toEqual([
      'ok',
      'ordinary users may create them; root needs none',
      null,
    ]);
    host.put({ '/proc/sys/kernel/unprivileged_userns_clone': '0\n' });
    expect(told(await checkUserNamespaces(host))).toEqual([
      'ok',
      'ordinary users may not create them (kernel.unprivileged_userns_clone is 0); root needs none',
      null,
    ]);
    expect(host.asked).toEqual([]);
  });

  it('are tried by an ordinary user', async () => {
    host.user(1000).programs = { unshare: 'unshare from util-linux 2.38.1' };
    expect(told(await checkUserNamespaces(host))).toEqual(['ok', 'this user may create them', null]);
    expect(host.asked).toEqual(['/usr/bin/unshare --user --map-root-user /usr/bin/unshare --version']);
  });

  it.each([
    [
      '/proc/sys/user/max_user_namespaces',
      '0',
      'user.max_user_namespaces is 0',
      'sudo sysctl -w user.max_user_namespaces=15000',
    ],
    [
      '/proc/sys/kernel/unprivileged_userns_clone',
      '0',
      'kernel.unprivileged_userns_clone is 0',
      'sudo sysctl -w kernel.unprivileged_userns_clone=1',
    ],
    [
      '/proc/sys/kernel/apparmor_restrict_unprivileged_userns',
      '1',
      'kernel.apparmor_restrict_unprivileged_userns is 1',
      'sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0',
    ],
    ['/proc/sys/user/max_user_namespaces', '128', 'unshare: Operation not permitted', 'sudo bench doctor'],
  ])('are refused to an ordinary user where %s is %s', async (file, value, words, fix) => {
    host.user(1000).put({ [file]: value }).programs = {
      unshare: { exitCode: 1, stderr: 'unshare: Operation not permitted\n' },
    };
    expect(told(await checkUserNamespaces(host))).toEqual(['problem', `this user may not create them: ${words}`, fix]);
  });
});

describe('limits', () => {
  const limits = (files: string, processes: string): MadeUpHost =>
    host.put({
      '/proc/self/limits': `Limit                     Soft Limit           Hard Limit           Units     \nMax processes             ${processes}                ${processes}                processes \nMax open files            ${files}                ${files}                files     \n`,
    });

  it('of open files are reported as containers in flight', () => {
    expect(told(checkOpenFiles(limits('1048576', '1')))).toEqual([
      'ok',
      '1,048,576: up to 349,504 containers in flight',
      null,
    ]);
    expect(told(checkOpenFiles(limits('664', '1')))).toEqual(['ok', '664: up to 200 containers in flight', null]);
    expect(told(checkOpenFiles(limits('256', '1')))).toEqual([
      'warning',
      '256: up to 64 containers in flight',
      'ulimit -n 4096',
    ]);
    expect(told(checkOpenFiles(limits('20', '1')))).toEqual([
      'warning',
      '20: up to 0 containers in flight',
      'ulimit -n 4096',
    ]);
    expect(told(checkOpenFiles(limits('unlimited', '1')))).toEqual([
      'ok',
      'unlimited: any number of containers in flight',
      null,
    ]);
  });

  it('of filter memory counts what is allocated, and warns where nearly all is', () => {
    host.put({ '/proc/sys/net/core/bpf_jit_enable': '1\n', '/proc/sys/net/core/bpf_jit_limit': '4194304\n' });
    expect(told(checkJitLimit(host))).toEqual([
      'ok',
      'not known how much of 4 MiB (net.core.bpf_jit_limit) is allocated',
      null,
    ]);
    const pack = '0xffffffffa0000000-0xffffffffa0201000 2101248 bpf_prog_pack_alloc+0x28b/0x3a0 pages=512\n';
    const program = '0xffffc90000000000-0xffffc90000004000   16384 bpf_prog_realloc+0x62/0xf0 pages=3\n';
    host.put({ '/proc/vmallocinfo': `${pack}${program}` });
    expect(told(checkJitLimit(host))).toEqual([
      'ok',
      '2 MiB of 4 MiB (net.core.bpf_jit_limit) allocated for translated filters',
      null,
    ]);
    host.put({ '/proc/vmallocinfo': `${pack}${pack}` });
    expect(told(checkJitLimit(host))).toEqual([
      'warning',
      '4 MiB of 4 MiB (net.core.bpf_jit_limit) allocated for translated filters: containers may be refused with errno 524',
      'sysctl -w net.core.bpf_jit_limit=8388608',
    ]);
    host.put({ '/proc/sys/net/core/bpf_jit_enable': '0\n' });
    expect(told(checkJitLimit(host))[1]).toContain('the kernel interprets filters');
  });

  it('of processes are the lowest of three', () => {
    expect(told(checkProcesses(limits('1', 'unlimited')))).toEqual(['ok', 'unlimited', null]);
    host.put({ '/proc/sys/kernel/pid_max': '4194304\n' });
    expect(told(checkProcesses(limits('1', '1024')))).toEqual([
      'warning',
      "1,024 (this user's limit): too few for 200 containers in flight",
      'ulimit -u 32768',
    ]);
    expect(told(checkProcesses(limits('1', 'unlimited')))).toEqual(['ok', '4,194,304 (kernel.pid_max)', null]);
    host.put({
      '/proc/self/cgroup': '1:name=systemd:/x\n0::/user.slice/a\n',
      '/sys/fs/cgroup/user.slice/a/pids.max': '100\n',
    });
    expect(told(checkProcesses(host))).toEqual([
      'warning',
      '100 (pids.max of the cgroup): too few for 200 containers in flight',
      null,
    ]);
    host.put({ '/sys/fs/cgroup/user.slice/a/pids.max': 'max\n' });
    expect(checkProcesses(host).state).toBe('ok');
  });
});

describe('the processor', () => {
  it('should keep its frequency', () => {
    expect(told(checkGovernor(host))).toEqual(['ok', 'none, as in most virtual machines', null]);
    const file = '/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor';
    expect(told(checkGovernor(host.user(1000).put({ [file]: 'powersave\n' })))).toEqual([
      'warning',
      'powersave: the frequency follows the load, which widens the intervals',
      'echo performance | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor',
    ]);
    expect(told(checkGovernor(host.put({ [file]: 'performance\n' })))).toEqual(['ok', 'performance', null]);
  });

  it('should be idle', () => {
    host.load = 1;
    expect(told(checkLoad(host))).toEqual(['ok', '1.00 on 4 cores', null]);
    host.load = 1.01;
    expect(told(checkLoad(host))).toEqual(['warning', '1.01 on 4 cores: other work widens the intervals', null]);
  });

  it('has flaws, some of them mitigated', () => {
    const folder = '/sys/devices/system/cpu/vulnerabilities';
    expect(checkMitigations(host).found).toBe('unknown to this kernel');
    host.put({
      [`${folder}/meltdown`]: 'Not affected\n',
      [`${folder}/mds`]: 'Vulnerable: no microcode\n',
      [`${folder}/itlb_multihit`]: 'KVM: Mitigation: VMX unsupported\n',
    });
    expect(told(checkMitigations(host))).toEqual([
      'ok',
      'against 1 of 2 flaws of this processor, not against mds',
      null,
    ]);
  });

  it('may have a mitigation that a filter switches on', () => {
    host.put({
      '/sys/devices/system/cpu/vulnerabilities/spec_store_bypass':
        'Mitigation: Speculative Store Bypass disabled via prctl and seccomp\n',
    });
    expect(told(checkMitigations(host))).toEqual([
      'warning',
      'against 1 of 1 flaw of this processor. A seccomp filter also switches on that against spec_store_bypass, at its own cost',
      null,
    ]);
  });

  it('may be shared, and may be virtual', () => {
    expect(told(checkSteal(host.put({ '/proc/stat': 'cpu  990 0 0 0 0 0 0 10 0 0\n' })))).toEqual([
      'ok',
      '1.00 % since boot',
      null,
    ]);
    expect(told(checkSteal(host.put({ '/proc/stat': 'cpu  900 0 0 0 0 0 0 100 0 0\n' })))).toEqual([
      'warning',
      '10.00 % since boot: other guests of the hypervisor widen the intervals',
      null,
    ]);
    expect(checkVirtualisation(host).found).toBe('none detected');
    expect(checkVirtualisation(host.put({ '/sys/hypervisor/type': 'xen\n' })).found).toBe('xen');
  });
});

describe('tools', () => {
  it('are told with the faults known of their version: of libseccomp, what it can do to a filter', () => {
    const fault = {
      id: 'GHSA-1',
      what: 'a filter can allow more than its rules',
      since: null,
      fixedIn: '2.6.1',
      date: '2026-07',
      weakens: true,
    };
    expect(told(checkLibseccomp(host, { version: '2.6.1', faults: [] }))).toEqual(['ok', '2.6.1', null]);
    expect(told(checkLibseccomp(host, { version: '2.5.4', faults: [fault] }))).toEqual([
      'ok',
      '2.5.4. GHSA-1: a filter can allow more than its rules; fixed in 2.6.1. bench verify checks a filter for it',
      null,
    ]);
  });

  it('are installed by the package of the distribution', async () => {
    host.user(1000);
    const fixes = async (release: string): Promise<readonly (string | null)[]> => {
      host.put({ '/etc/os-release': release });
      return [checkLibseccomp(host, null).fix, (await checkStrace(host)).fix, (await checkPerf(host)).fix];
    };
    const apt = 'sudo apt-get install --no-install-recommends';
    expect(await fixes('ID=debian\n')).toEqual([`${apt} libseccomp2`, `${apt} strace`, `${apt} linux-perf`]);
    expect(await fixes('ID=ubuntu\nID_LIKE=debian\n')).toEqual([
      `${apt} libseccomp2`,
      `${apt} strace`,
      `${apt} linux-tools-generic`,
    ]);
    expect(await fixes('ID="rocky"\nID_LIKE="rhel centos fedora"\n')).toEqual([
      'sudo dnf install libseccomp',
      'sudo dnf install strace',
      'sudo dnf install perf',
    ]);
    expect(await fixes('ID="opensuse-leap"\nID_LIKE="suse opensuse"\n')).toEqual([
      'sudo zypper install libseccomp2',
      'sudo zypper install strace',
      'sudo zypper install perf',
    ]);
    expect(await fixes('ID=arch\n')).toEqual([
      'sudo pacman -S libseccomp',
      'sudo pacman -S strace',
      'sudo pacman -S perf',
    ]);
  });

  it('that are there may still be refused: strace', async () => {
    host.user(1000).programs = { strace: 'strace -- version 6.1\nCopyright' };
    expect(told(await checkStrace(host))).toEqual(['ok', '6.1, may trace (/usr/bin/strace)', null]);
    host.programs = {
      strace: {
        exitCode: 1,
        stderr: 'strace: test_ptrace_get_syscall_info: PTRACE_TRACEME: Operation not permitted\nstrace: more\n',
      },
    };
    const found = 'it may not trace: strace: test_ptrace_get_syscall_info: PTRACE_TRACEME: Operation not permitted';
    expect(told(await checkStrace(host))).toEqual(['warning', found, 'sudo bench doctor']);
    host.put({ '/proc/sys/kernel/yama/ptrace_scope': '2\n' });
    expect(told(await checkStrace(host))).toEqual(['warning', found, 'sudo sysctl -w kernel.yama.ptrace_scope=1']);
    host.put({ '/proc/sys/kernel/yama/ptrace_scope': '3\n' });
    expect(told(await checkStrace(host))).toEqual(['warning', found, null]);
  });

  it('that are there may still be refused: perf', async () => {
    host.user(0).programs = { perf: 'perf version 6.1.187\n' };
    expect(told(await checkPerf(host))).toEqual([
      'warning',
      '6.1.187, but it cannot count system calls: tracefs is not mounted',
      'mount -t tracefs tracefs /sys/kernel/tracing',
    ]);
    host.put({ '/proc/filesystems': 'nodev\tproc\n\text4\n' });
    expect(told(await checkPerf(host))).toEqual([
      'warning',
      '6.1.187, but it cannot count system calls: this kernel has no tracefs',
      null,
    ]);
    host.put({
      '/proc/self/mounts': 'tracefs /sys/kernel/tracing tracefs rw 0 0\n',
      '/proc/sys/kernel/perf_event_paranoid': '2\n',
    });
    expect(told(await checkPerf(host))).toEqual(['ok', '6.1.187, may count system calls (/usr/bin/perf)', null]);
    expect(told(await checkPerf(host.user(1000)))).toEqual([
      'warning',
      '6.1.187, but it may not count system calls: kernel.perf_event_paranoid is 2',
      'sudo sysctl -w kernel.perf_event_paranoid=-1',
    ]);
    expect((await checkPerf(host.put({ '/proc/sys/kernel/perf_event_paranoid': '-1\n' }))).state).toBe('ok');
    host.programs = { perf: { exitCode: 1, stderr: '/usr/bin/perf: line 13: exec: perf_6.1: not found\n' } };
    expect(told(await checkPerf(host.put({ '/etc/os-release': 'ID=ubuntu\nID_LIKE=debian\n' })))).toEqual([
      'warning',
      '/usr/bin/perf does not run: /usr/bin/perf: line 13: exec: perf_6.1: not found',
      'sudo apt-get install --no-install-recommends linux-tools-6.1.0-18-amd64',
    ]);
  });

  it.each([
    ['1.6', 'does not cache compiled filters'],
    [
      '1.8.1',
      'may cache compiled filters, depending on its build; bench uses a new state folder per container, so none is reused',
    ],
    ['1.14', 'caches compiled filters; bench uses a new state folder per container, so none is reused'],
    ['1.28', 'caches compiled filters; bench uses a new state folder per container, so none is reused'],
  ])('crun %s %s', async (version, words) => {
    host.programs = { crun: `crun version ${version}\ncommit: 0123\n` };
    expect(await checkCrunCache(host)).toEqual({
      id: 'crunCache',
      title: "crun's cache",
      state: 'ok',
      found: `crun ${version} ${words}`,
      fix: null,
    });
    host.programs = {};
    expect(await checkCrunCache(host)).toBeNull();
  });
});

describe('a folder that runs no programs', () => {
  it('is mounted again where its mount forbids it', () => {
    host.user(0).put({
      '/proc/self/mounts':
        '/dev/a / ext4 rw 0 0\ntmpfs /tmp tmpfs rw 0 0\ntmpfs /tmp tmpfs rw,noexec 0 0\n/dev/b /tmpfiles ext4 rw 0 0\n',
    });
    expect([
      executableFix(host, '/tmp/deep'),
      executableFix(host, '/tmp'),
      executableFix(host, '/tmpfiles/x'),
      executableFix(host, '/home'),
    ]).toEqual(['mount -o remount,exec /tmp', 'mount -o remount,exec /tmp', null, null]);
  });
});
