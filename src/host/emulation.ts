import { BenchError } from '../errors.js';
import { EMULATIONS, type Emulation, type EmulationKind } from '../model/run/emulation.js';
import { firstProcessor } from './cpu.js';
import type { HostFiles } from './host-files.js';

/** Names an emulator that the files do not show, or says that there is none. */
export const EMULATION_VARIABLE = 'BENCH_EMULATION';

/**
 * Whether an emulator carries out this machine's instructions, as its files tell, or as was declared (the value of
 * {@link EMULATION_VARIABLE}). qemu-user is certain: the process itself is mapped into it. QEMU's own processor names
 * are certain too. A QEMU machine without any sign of KVM is taken for TCG: other accelerators than KVM (hvf, whpx)
 * leave no sign on x86_64, so what they run has to be declared `none`. Throws `environment` for a declaration it does
 * not know.
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
    `${EMULATION_VARIABLE}: Expected ${EMULATIONS.join(', ')} or none, got "${declared}"`,
    { hint: 'Unset it, and bench looks for itself.' },
  );
}

/**
 * qemu-user answers for /proc/self itself; this other name of the same file still comes from the kernel, and shows the
 * emulator's program.
 */
function userEmulation(files: HostFiles): Emulation | null {
  const mapped = /\/\S*\bqemu-(?!system-)[a-z0-9_]+(?:-static)?$/m.exec(
    files.read('/proc/thread-self/maps') ?? '',
  )?.[0];
  return mapped === undefined ? null : { kind: 'qemu-user', sign: `this process is mapped into ${mapped}` };
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

/** KVM's clock is offered in every Linux guest of it that was not told to go without. */
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
  return tcg('a QEMU machine without the clock of KVM');
}

/** QEMU never emulates a core of this maker: a Mac's own runs the guest. */
const APPLE = '0x61';

function onArm64(files: HostFiles): Emulation | null {
  const facts = firstProcessor(files);
  const [maker, part] = [facts.get('CPU implementer'), facts.get('CPU part')];
  if (maker === '0x00' && part === '0x051')
    return tcg('the processor is one that only QEMU has (implementer 0x00 part 0x051)');
  if (!isQemu(files) || maker === APPLE || hasKvm(files)) return null;
  return tcg('a QEMU machine without any service of KVM');
}

/** Its firmware configuration device, in the device tree or among ACPI's devices, or its name in DMI. */
function isQemu(files: HostFiles): boolean {
  return (
    files.list('/proc/device-tree').some((name) => name.startsWith('fw-cfg')) ||
    files.list('/sys/bus/acpi/devices').some((name) => name.startsWith('QEMU0002')) ||
    files.read('/sys/class/dmi/id/sys_vendor') === 'QEMU'
  );
}

/**
 * QEMU calls its machine so in DMI under KVM; without DMI, KVM's random numbers (Linux 5.12 on both sides) or its clock
 * show.
 */
function hasKvm(files: HostFiles): boolean {
  return (
    (files.read('/sys/class/dmi/id/product_name') ?? '').startsWith('KVM') ||
    files.list('/sys/bus/platform/devices').includes('smccc_trng') ||
    files.list('/sys/class/ptp').some((name) => files.read(`/sys/class/ptp/${name}/clock_name`) === 'KVM virtual PTP')
  );
}
