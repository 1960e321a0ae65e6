import { unknownName } from '../../errors.js';
import { AUDIT_ARCH, byteOrderOfToken, LIBSECCOMP_NAMES } from './architectures.js';
import { libseccomp } from '../build/libseccomp.js';
import type { ByteOrder } from '../../model/filter/simulation.js';
import { ownValue } from '../../model/own-value.js';

/** One system call of an architecture, as libseccomp knows it. */
export interface KnownCall {
  readonly name: string;
  /** As in seccomp_data.nr. */
  readonly nr: number;
}

/** An architecture that libseccomp knows, as a filter sees it. */
export interface KnownArchitecture {
  /** By libseccomp's name. */
  readonly name: string;
  /** The value of seccomp_data.arch; x32 has that of x86_64. */
  readonly audit: number;
  readonly order: ByteOrder;
}

/** x32 has x86_64's architecture number and this bit in every call's number. */
const X32_BIT = 0x40000000;
/** Where numbers begin, by libseccomp's name; 0 elsewhere (asm/unistd.h of each). */
const BASES: Readonly<Record<string, readonly number[]>> = {
  x32: [X32_BIT],
  arm: [0, 0xf0000],
  mips: [4000],
  mipsel: [4000],
  mips64: [5000],
  mipsel64: [5000],
  mips64n32: [6000],
  mipsel64n32: [6000],
};
/** Tables have holes: the widest so far is about 180 numbers. */
const MOST_UNUSED = 300;

const tables = new Map<string, readonly KnownCall[]>();

/** All architectures that this machine's libseccomp knows. Throws `environment` without libseccomp. */
export function knownArchitectures(): readonly KnownArchitecture[] {
  const library = libseccomp();
  return LIBSECCOMP_NAMES.flatMap((name): KnownArchitecture[] => {
    const token = library.architectureToken(name);
    return token === 0
      ? []
      : [{ name, audit: name === 'x32' ? AUDIT_ARCH.X86_64 : token, order: byteOrderOfToken(token) }];
  });
}

/** {@link knownArchitectures} of one name. Throws `input` for one that this machine's libseccomp does not know. */
export function knownArchitecture(name: string): KnownArchitecture {
  const all = knownArchitectures();
  const found = all.find((one) => one.name === name);
  if (found !== undefined) return found;
  throw unknownName(
    name,
    `an architecture of libseccomp ${libseccomp().version}`,
    all.map((one) => one.name),
    { code: 'input' },
  );
}

/** All system calls of an architecture that libseccomp knows, by number. Cached: a table takes some milliseconds. */
export function callsOf(architecture: string): readonly KnownCall[] {
  const known = tables.get(architecture) ?? readTable(architecture);
  tables.set(architecture, known);
  return known;
}

function readTable(architecture: string): readonly KnownCall[] {
  const library = libseccomp();
  const token = library.architectureToken(architecture);
  const calls: KnownCall[] = [];
  for (const base of ownValue(BASES, architecture) ?? [0]) {
    for (let [nr, unused] = [base, 0]; unused < MOST_UNUSED; nr += 1) {
      const name = library.syscallName(token, nr);
      unused = name === null ? unused + 1 : 0;
      if (name !== null) calls.push({ name, nr });
    }
  }
  return calls;
}
