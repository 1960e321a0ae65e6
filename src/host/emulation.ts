import { BenchError } from '../errors.js';
import { EMULATIONS, type Emulation, type EmulationKind } from '../model/run/emulation.js';
import { firstProcessor } from './cpu.js';
import type { HostFiles } from './host-files.js';

/** Environment variable that declares an emulator which cannot be detected, or `none`. */
export const EMULATION_VARIABLE = 'BENCH_EMULATION';

/**
 * The emulator that executes this machine's instructions, by its files, or as declared (the value of
 * {@link EMULATION_VARIABLE}). qemu-user is certain: it is mapped into this process. Processor names that only QEMU
 * uses are certain too. A QEMU machine without a sign of KVM counts as TCG; other accelerators (hvf, whpx) leave no
 * sign on x86_64, so their guests must declare `none`. Throws `environment` for an unknown declaration.
 */
export function emulationOf(files: HostFiles, machine: string, declared?: string): Emulation | null {
  if (declared !== undefined && declared !== '') return declaredEmulation(declared);
  return userEmulation(files) ?? machineEmulation(files, machine);
}

function declaredEmulation(declared: string): Emulation | null {
  if (declared === 'none') return null;
  const kind = EMULATIONS.find((one) => one === declared);
  if (kind !== undefined) return { kind, sign: `declared by ${EMULATION_VARIABLE}` };
  throw new BenchError(
    'environment',
    `${EMULATION_VARIABLE}: expected ${EMULATIONS.join(', ')} or none, got "${declared}"`,
    { hint: 'Unset it to let bench detect emulation.' },
  );
}

/**
 * qemu-user fakes /proc/self; this other name of the same file comes from the kernel and shows the emulator's program.
 */
function userEmulation(files: HostFiles): Emulation | null {
  const mapped = /\/\S*\bqemu-(?!system-)[a-z0-9_]+(?:-static)?$/m.exec(
    files.read('/proc/thread-self/maps') ?? '',
  )?.[0];
  return mapped === undefined ? null : { kind: 'qemu-user', sign: `${mapped} is mapped into this process` };
}

function machineEmulation(files: HostFiles, machine: string): Emulation | null {
  switch (machine) {
    case 'x86_64':
      return onX86(files);
    case 'aarch64':
      return onArm64(files);
    default:
      return null;
  }
}

const tcg = (sign: string): Emulation => ({ kind: 'tcg' satisfies EmulationKind, sign });

/** Every Linux guest of KVM has its clock, unless it is switched off. */
function onX86(files: HostFiles): Emulation | null {
  const model = firstProcessor(files).get('model name') ?? '';
  if (/\bTCG\b/.test(model)) return tcg(`the processor is called ${model}`);
  if (files.read('/sys/class/dmi/id/sys_vendor') !== 'QEMU') return null;
  const clocks = files.read('/sys/devices/system/clocksource/clocksource0/available_clocksource');
  if (
    clocks === null ||
    /\bkvm-clock\b|hyperv/.test(clocks) ||
    /\bno-kvmclock\b/.test(files.read('/proc/cmdline') ?? '')
  )
    return null;
  return tcg('a QEMU machine without the KVM clock');
}

/** QEMU does not emulate cores of Apple: on a Mac the real core runs the guest. */
const APPLE = '0x61';

function onArm64(files: HostFiles): Emulation | null {
  const facts = firstProcessor(files);
  const [maker, part] = [facts.get('CPU implementer'), facts.get('CPU part')];
  if (maker === '0x00' && part === '0x051') return tcg('only QEMU has this processor (implementer 0x00 part 0x051)');
  if (!isQemu(files) || maker === APPLE || hasKvm(files)) return null;
  return tcg('a QEMU machine without a sign of KVM');
}

/** By its firmware configuration device (device tree or ACPI), or its name in DMI. */
function isQemu(files: HostFiles): boolean {
  return (
    files.list('/proc/device-tree').some((name) => name.startsWith('fw-cfg')) ||
    files.list('/sys/bus/acpi/devices').some((name) => name.startsWith('QEMU0002')) ||
    files.read('/sys/class/dmi/id/sys_vendor') === 'QEMU'
  );
}

/** By the machine's name in DMI; without DMI, by KVM's random numbers (Linux 5.12 on both sides) or its clock. */
function hasKvm(files: HostFiles): boolean {
  return (
    (files.read('/sys/class/dmi/id/product_name') ?? '').startsWith('KVM') ||
    files.list('/sys/bus/platform/devices').includes('smccc_trng') ||
    files.list('/sys/class/ptp').some((name) => files.read(`/sys/class/ptp/${name}/clock_name`) === 'KVM virtual PTP')
  );
}
