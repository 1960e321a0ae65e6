import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os, { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emulationOf, hostFilesUnder } from '../../../src/host/index.js';
import { payloadFiles } from '../../../src/payload/index.js';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bench-emulation-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

type Files = Readonly<Record<string, string>>;

function seen(machine: string, files: Files, declared?: string): string | null {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  const emulation = emulationOf(hostFilesUnder(root), machine, declared);
  return emulation === null ? null : `${emulation.kind}: ${emulation.sign}`;
}

const A72 = { '/proc/cpuinfo': 'processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd08\n' };
const VIRT = { '/proc/device-tree/fw-cfg@9020000/compatible': 'qemu,fw-cfg-mmio\0' };
const CLOCKS = '/sys/devices/system/clocksource/clocksource0/available_clocksource';
const QEMU = { '/sys/class/dmi/id/sys_vendor': 'QEMU\n' };

describe('emulation of an arm64 machine', () => {
  it('is seen where QEMU shows and no service of KVM does', () => {
    expect(seen('aarch64', { ...A72, ...VIRT })).toBe('tcg: a QEMU machine without a sign of KVM');
  });

  it('is seen by a processor that only QEMU has', () => {
    expect(seen('aarch64', { '/proc/cpuinfo': 'processor\t: 0\nCPU implementer\t: 0x00\nCPU part\t: 0x051\n' })).toBe(
      'tcg: only QEMU has this processor (implementer 0x00 part 0x051)',
    );
  });

  it.each<readonly [string, Files]>([
    ['its random numbers', { '/sys/bus/platform/devices/smccc_trng/uevent': '' }],
    ['its clock', { '/sys/class/ptp/ptp0/clock_name': 'KVM virtual PTP\n' }],
    ['its name in DMI', { ...QEMU, '/sys/class/dmi/id/product_name': 'KVM Virtual Machine\n' }],
  ])('is not claimed where KVM shows: %s', (_, sign) => {
    expect(seen('aarch64', { ...A72, ...VIRT, ...sign })).toBeNull();
  });

  it('is seen by the name in DMI, and through ACPI', () => {
    expect(seen('aarch64', { ...A72, ...QEMU, '/sys/class/dmi/id/product_name': 'QEMU Virtual Machine\n' })).toContain(
      'tcg',
    );
    rmSync(join(root, 'sys'), { recursive: true });
    expect(seen('aarch64', { '/sys/bus/acpi/devices/QEMU0002:00/hid': 'QEMU0002' })).toContain('tcg');
  });

  it('is not claimed of real machines, nor of a guest on a processor that QEMU cannot emulate', () => {
    expect(seen('aarch64', A72)).toBeNull();
    expect(
      seen('aarch64', { ...VIRT, '/proc/cpuinfo': 'processor\t: 0\nCPU implementer\t: 0x61\nCPU part\t: 0x000\n' }),
    ).toBeNull();
  });
});

describe('emulation of an x86_64 machine', () => {
  it('is seen by the name of the processor', () => {
    expect(seen('x86_64', { '/proc/cpuinfo': 'model name\t: QEMU TCG CPU version 2.5+\n' })).toBe(
      'tcg: the processor is called QEMU TCG CPU version 2.5+',
    );
  });

  it("is seen in a QEMU machine without KVM's clock, and not claimed with it, or where that was switched off", () => {
    expect(seen('x86_64', { ...QEMU, [CLOCKS]: 'tsc hpet acpi_pm\n' })).toBe(
      'tcg: a QEMU machine without the KVM clock',
    );
    expect(seen('x86_64', { [CLOCKS]: 'kvm-clock tsc acpi_pm\n' })).toBeNull();
    expect(seen('x86_64', { [CLOCKS]: 'tsc\n', '/proc/cmdline': 'quiet no-kvmclock\n' })).toBeNull();
  });

  it("is not claimed of machines that are not QEMU's, nor where the kernel tells no clocks", () => {
    expect(seen('x86_64', { '/sys/class/dmi/id/sys_vendor': 'Dell Inc.\n', [CLOCKS]: 'tsc\n' })).toBeNull();
    rmSync(join(root, 'sys'), { recursive: true });
    expect(seen('x86_64', QEMU)).toBeNull();
  });
});

describe('emulation of single programs', () => {
  it.each(['/usr/bin/qemu-aarch64-static', '/usr/bin/qemu-x86_64', '/usr/libexec/qemu-arm'])(
    'is recognised by the emulator in the memory of the process: %s',
    (path) => {
      expect(
        seen('aarch64', {
          '/proc/thread-self/maps': `00400000-05464000 r--p 00000000 fe:00 22 /usr/bin/node\n7f00-7f10 r-xp 00000000 fe:00 23   ${path}\n`,
        }),
      ).toBe(`qemu-user: ${path} is mapped into this process`);
    },
  );

  it("is not claimed for a machine emulator's files or a folder of such a name", () => {
    expect(
      seen('x86_64', {
        '/proc/thread-self/maps':
          '7f00-7f10 r-xp 0 fe:00 23 /usr/bin/qemu-system-x86_64\n7f00-7f10 r-xp 0 fe:00 23 /opt/qemu-user/lib.so\n',
      }),
    ).toBeNull();
  });

  it("is real qemu-user's: the file shows the emulator to the program it runs", (ctx) => {
    const program = ['/usr/bin/qemu-aarch64-static', '/usr/bin/qemu-aarch64'].find((path) => existsSync(path));
    if (program === undefined || os.machine() !== 'x86_64') return ctx.skip('needs qemu-user on x86_64');
    // A program of ours that sleeps until it is killed: its files are looked at from outside.
    const { payload } = payloadFiles('aarch64');
    const child = execFileSync('sh', ['-c', '"$0" "$1" sleep > /dev/null 2>&1 & echo $!', program, payload], {
      encoding: 'utf8',
    }).trim();
    try {
      for (let i = 0; i < 100 && !readFileSync(`/proc/${child}/comm`, 'utf8').startsWith('qemu'); i++)
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
      expect(seen('aarch64', { '/proc/thread-self/maps': readFileSync(`/proc/${child}/maps`, 'utf8') })).toBe(
        `qemu-user: ${program} is mapped into this process`,
      );
    } finally {
      process.kill(Number(child), 'SIGKILL');
    }
  });
});

describe('a declaration', () => {
  it('goes before what is seen', () => {
    expect(seen('aarch64', { ...A72, ...VIRT }, 'none')).toBeNull();
    expect(seen('x86_64', {}, 'tcg')).toBe('tcg: declared by BENCH_EMULATION');
    expect(seen('x86_64', {}, 'qemu-user')).toBe('qemu-user: declared by BENCH_EMULATION');
    expect(seen('x86_64', {}, '')).toBeNull();
  });

  it('of something else is refused', () => {
    expect(() => seen('x86_64', {}, 'kvm')).toThrow('BENCH_EMULATION: expected tcg, qemu-user or none, got "kvm"');
  });
});
