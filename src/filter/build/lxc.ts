import { constants, machine as hostMachine } from 'node:os';
import { BenchError, invalidValue } from '../../errors.js';
import type { LxcAction, LxcPolicy, LxcRule } from '../../model/profile/source.js';
import { errnoName } from '../../process/libc.js';
import { nativeName } from '../inspect/architectures.js';
import { filterFacts } from '../inspect/instructions.js';
import { actionWord, RETURN } from '../simulate/actions.js';
import { exportFilter } from './build.js';
import type { BuildOptions, BuiltFilter } from './build.js';
import { libseccomp, UNKNOWN_SYSCALL } from './libseccomp.js';
import type { FilterContext, Libseccomp } from './libseccomp.js';
import { condition } from './plan.js';
import type { Condition } from './plan.js';

// LXC's rules are those of src/lxc/seccomp.c, LXC 4.0 to 6.0: parse_config_v1, parse_config_v2, do_resolve_add_rule.

/** The architectures besides its own for which LXC builds a filter, by the machine's libseccomp name. */
const COMPATIBLE: Readonly<Record<string, readonly string[]>> = { x86_64: ['x86', 'x32'], aarch64: ['arm'] };
/** Sections whose rules count on a machine: LXC adds them to all of its architectures, whichever section it is. */
const OWN_SECTIONS: Readonly<Record<string, readonly string[]>> = {
  x86_64: ['all', 'x86', 'x32', 'x86_64'],
  aarch64: ['all', 'arm', 'arm64'],
};
const FORCE_UMOUNT = { word: 'reject_force_umount', call: 'umount2', flag: 1n, argument: 1 } as const;
const MASKED_EQ = 7;

/** One rule, whatever it was written as. */
export interface LxcEntry {
  readonly line: number;
  readonly call: string;
  readonly action: number;
  readonly conditions: readonly Condition[];
}

/**
 * Builds a filter as `buildLxcFilter` (guard/guarded.ts) describes it, here: where libseccomp does not come back, this
 * process hangs.
 */
export function buildLxcInProcess(
  policy: LxcPolicy,
  name: string,
  machine: string = hostMachine(),
  { library: path }: Pick<BuildOptions, 'library'> = {},
): BuiltFilter {
  const own = nativeName(machine);
  if (own !== nativeName(hostMachine()) || COMPATIBLE[own] === undefined)
    throw new BenchError('input', `${name} is an LXC policy, which LXC builds on the machine that loads it`, {
      hint: 'Leave out --arch, and run bench on an x86_64 or aarch64 machine.',
    });
  const library = libseccomp(path);
  const defaultAction = wordOf(policy.defaultAction);
  const main = newContext(library, defaultAction, name);
  try {
    if (policy.version === 1) addNumbers(library, main, { policy, name });
    else addEntries(library, main, { entries: entriesOf(policy, own), own, defaultAction, name });
    const program = exportFilter(library, main);
    return { program, order: 'little-endian', ...filterFacts(program) };
  } finally {
    library.release(main);
  }
}

/** Of an errno the lower 16 bits stay, as in LXC. */
export const wordOf = ({ action, errnoRet }: LxcAction): number => actionWord(action, errnoRet, 'action');

function newContext(library: Libseccomp, action: number, name: string): FilterContext {
  const context = library.init(action);
  if (context !== null) return context;
  throw new BenchError('input', `${name}: libseccomp ${library.version} refuses the default action`, REFUSED);
}

const REFUSED = { hint: 'LXC would refuse this policy too: correct it.' } as const;

/** Version 1: numbers of calls, for the machine's own architecture alone. */
function addNumbers(
  library: Libseccomp,
  main: FilterContext,
  { policy, name }: { readonly policy: LxcPolicy; readonly name: string },
): void {
  for (const { line, call } of policy.rules)
    check(library.addRule(main, RETURN.ALLOW, Number(call), []), { name, line, call });
}

/** Architectures of a policy's filter, by libseccomp's names: the machine's own, then those of version 2 it can run. */
export const lxcArchitectures = ({ version }: LxcPolicy, own: string): readonly string[] =>
  version === 1 ? [own] : [own, ...(COMPATIBLE[own] ?? [])];

/** The rules that count on a machine, and LXC's own words, in the order of the file. */
export function entriesOf({ rules, words }: LxcPolicy, own: string): readonly LxcEntry[] {
  const sections = OWN_SECTIONS[own] ?? [];
  const counts = ({ section }: LxcRule): boolean => section === '' || sections.includes(section.toLowerCase());
  const umounts = words.filter(({ word }) => word === FORCE_UMOUNT.word).map(umount);
  return [...rules.filter(counts).map(entryOf), ...umounts].sort((one, other) => one.line - other.line);
}

const entryOf = ({ line, call, action, args }: LxcRule): LxcEntry => ({
  line,
  call,
  action: wordOf(action),
  conditions: args.map((arg, index) => condition(arg, `line ${line}.args[${index}]`)),
});

/** umount2 with MNT_FORCE gets EACCES. */
const umount = ({ line }: { readonly line: number }): LxcEntry => ({
  line,
  call: FORCE_UMOUNT.call,
  action: RETURN.ERRNO + constants.errno.EACCES,
  conditions: [{ index: FORCE_UMOUNT.argument, operator: MASKED_EQ, a: FORCE_UMOUNT.flag, b: FORCE_UMOUNT.flag }],
});

interface Entries {
  readonly entries: readonly LxcEntry[];
  /** libseccomp's name of the machine. */
  readonly own: string;
  readonly defaultAction: number;
  readonly name: string;
}

/** Version 2: each architecture has a filter of its own until all are merged. */
function addEntries(library: Libseccomp, main: FilterContext, { entries, own, defaultAction, name }: Entries): void {
  const others: { readonly token: number; readonly context: FilterContext }[] = [];
  try {
    for (const compatible of COMPATIBLE[own] ?? []) {
      const token = library.architectureToken(compatible);
      const context = newContext(library, defaultAction, name);
      others.push({ token, context });
      library.addArchitecture(context, token);
      library.removeArchitecture(context, library.nativeToken());
    }
    for (const entry of entries) addEntry(library, { main, others }, { entry, name });
    for (let next = others.shift(); next !== undefined; next = others.shift())
      check(library.merge(main, next.context), { name, line: 0, call: 'all architectures' });
  } finally {
    for (const { context } of others) library.release(context);
  }
}

interface Contexts {
  readonly main: FilterContext;
  readonly others: readonly { readonly token: number; readonly context: FilterContext }[];
}

/** A name that libseccomp does not know is skipped; one that an architecture does not have is skipped there. */
function addEntry(
  library: Libseccomp,
  { main, others }: Contexts,
  { entry: { line, call, action, conditions }, name }: { readonly entry: LxcEntry; readonly name: string },
): void {
  const number = library.resolveSyscall(call);
  if (number === UNKNOWN_SYSCALL) return;
  const at = { name, line, call };
  if (number >= 0) check(library.addExactRule(main, action, number, conditions), at);
  for (const { token, context } of others)
    if (library.resolveSyscallOn(token, call) >= 0)
      check(library.addExactRule(context, action, number, conditions), at);
}

function check(
  result: number,
  { name, line, call }: { readonly name: string; readonly line: number; readonly call: string },
): void {
  if (result >= 0) return;
  const reason = -result === constants.errno.EACCES ? 'it has the default action' : errnoName(-result);
  throw invalidValue(`${name}:${line}`, 'a rule that LXC can load', `one for ${call} (${reason})`, {
    code: 'input',
    ...REFUSED,
  });
}
