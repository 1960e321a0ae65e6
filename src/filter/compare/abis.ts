import { knownArchitectures } from '../inspect/calls.js';
import { ownValue } from '../../model/own-value.js';

/**
 * The ABIs in which a 64-bit kernel takes system calls, by libseccomp's names of the machines: linux/audit.h's numbers
 * that the entry code of each architecture gives (arch/<machine>/include/asm/syscall.h, syscall_get_arch). A machine
 * that is missing has only its own.
 */
const ABIS: Readonly<Record<string, readonly string[]>> = {
  x86_64: ['x86_64', 'x86', 'x32'],
  aarch64: ['aarch64', 'arm'],
  mips64: ['mips64', 'mips', 'mips64n32'],
  mipsel64: ['mipsel64', 'mipsel', 'mipsel64n32'],
  mips64n32: ['mips64', 'mips', 'mips64n32'],
  mipsel64n32: ['mipsel64', 'mipsel', 'mipsel64n32'],
  x32: ['x86_64', 'x86', 'x32'],
  parisc64: ['parisc64', 'parisc'],
  ppc64: ['ppc64', 'ppc'],
  s390x: ['s390x', 's390'],
};

/** The ABIs of a machine, its own first. */
export const abisOf = (machine: string): readonly string[] => ownValue(ABIS, machine) ?? [machine];

/** ABIs that no kernel has as its only one. */
const NO_MACHINE: ReadonlySet<string> = new Set(['x32', 'mips64n32', 'mipsel64n32']);

/** The machines that this libseccomp can build filters for, by its names. */
export const machinesKnown = (): readonly string[] =>
  knownArchitectures()
    .map(({ name }) => name)
    .filter((name) => !NO_MACHINE.has(name));
