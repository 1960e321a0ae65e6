import { machine as unameMachine } from 'node:os';
import { goArchFromName } from '../../convert/index.js';
import { knownArchitectures } from '../../filter/index.js';
import type { Target } from '../../experiment/arms/predict.js';
import type { GoArch } from '../../model/profile/seccomp.js';
import { ownValue } from '../../model/own-value.js';

export type { Target } from '../../experiment/arms/predict.js';

const GO_BY_LIBSECCOMP: Readonly<Record<string, GoArch>> = {
  x86: '386',
  x86_64: 'amd64',
  aarch64: 'arm64',
  loongarch64: 'loong64',
  mipsel: 'mipsle',
  mips64n32: 'mips64p32',
  mipsel64: 'mips64le',
  mipsel64n32: 'mips64p32le',
};
const LIBSECCOMP_BY_GO = new Map(Object.entries(GO_BY_LIBSECCOMP).map(([machine, go]) => [go, machine]));

/**
 * The machine of a name: one of libseccomp's architectures, Go's or uname's; this machine without one. Throws `usage`
 * for a name that nobody knows.
 */
export function targetOf(name: string = unameMachine()): Target {
  const machine = name.trim().toLowerCase();
  if (knownArchitectures().some((known) => known.name === machine)) return targetOfMachine(machine);
  const arch = goArchFromName(name);
  return targetOfGo(arch);
}

/** The same for a name of Go's; asks no library. */
export const targetOfGo = (arch: GoArch): Target => ({ arch, machine: LIBSECCOMP_BY_GO.get(arch) ?? arch });

/**
 * The same for a name of libseccomp's; to a conversion, an architecture without a name of Go's is a host that its
 * tables lack.
 */
export const targetOfMachine = (machine: string): Target => ({
  arch: ownValue(GO_BY_LIBSECCOMP, machine) ?? machine,
  machine,
});
