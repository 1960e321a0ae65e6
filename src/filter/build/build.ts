import { fstatSync, readSync } from 'node:fs';
import { constants, machine as hostMachine } from 'node:os';
import { BenchError, needs } from '../../errors.js';
import { MOST_BUILT_ERRNO } from '../../model/filter/errno.js';
import { errnoName } from '../../process/libc.js';
import { RETURN } from '../simulate/actions.js';
import { MemoryFile } from '../../process/files/memfd.js';
import type { FilterFacts } from '../../model/run/evidence.js';
import type { SeccompSpec } from '../../model/profile/seccomp.js';
import type { FilterForm } from '../../model/filter/form.js';
import type { ByteOrder } from '../../model/filter/simulation.js';
import { byteOrderOfToken, libseccompName, nativeName } from '../inspect/architectures.js';
import { withReturnsTurned } from './foreign-order.js';
import { libseccomp, OPTIMIZE, UNKNOWN_SYSCALL } from './libseccomp.js';
import type { FilterContext, Libseccomp } from './libseccomp.js';
import { filterPlan } from './plan.js';
import type { FilterPlan } from './plan.js';
import { filterFacts } from '../inspect/instructions.js';
import { prioritiesOf } from './priorities.js';

/**
 * A filter, its length and its hash. `program` is an array of struct sock_filter in the byte order of the machine it is
 * for; `instructions` counts them, `sha256` is the hash of the bytes in hex.
 */
export interface BuiltFilter extends FilterFacts {
  readonly program: Buffer;
  readonly order: ByteOrder;
}

export type { FilterForm } from '../../model/filter/form.js';

/** How libseccomp makes a filter. */
export interface BuildOptions {
  /** Default: plain. */
  readonly form?: FilterForm;
  /** Calls whose rules come first, the most important one first; calls without a rule are ignored. */
  readonly first?: readonly string[];
  /** What the filter is built from, for messages: a file's name. Default: the filter. */
  readonly name?: string;
  /** Path of the libseccomp.so to build with. Default: this machine's. */
  readonly library?: string;
}

/**
 * Builds a filter as `buildFilter` (guard/guarded.ts) describes it, here: where libseccomp does not come back, this
 * process hangs.
 */
export function buildInProcess(
  spec: SeccompSpec,
  machine: string = hostMachine(),
  { form = 'plain', first = [], library: path }: BuildOptions = {},
): BuiltFilter {
  const plan = filterPlan(spec);
  const library = libseccomp(path);
  const context = library.init(plan.defaultAction);
  if (context === null)
    throw refused(
      'the default action',
      tooLargeErrno(plan.defaultAction) ??
        `${spec.defaultAction} is unknown to version ${library.version} or this kernel`,
    );
  try {
    addArchitectures(library, context, plan, machine);
    if (form === 'tree') asTree(library, context);
    addRules(library, context, plan);
    putFirst(library, context, plan, first);
    const exported = exportFilter(library, context);
    const order = byteOrderOfToken(tokenOf(library, nativeName(machine), machine));
    const program =
      order === byteOrderOfToken(library.nativeToken()) ? exported : withReturnsTurned(exported, order, plan);
    return { program, order, ...filterFacts(program) };
  } finally {
    library.release(context);
  }
}

function addArchitectures(library: Libseccomp, context: FilterContext, plan: FilterPlan, machine: string): void {
  const native = tokenOf(library, nativeName(machine), machine);
  const ours = library.nativeToken();
  const listed = plan.architectures.map((name) => ({ name, token: tokenOf(library, libseccompName(name), name) }));
  if (native !== ours) {
    // A new filter has this machine's architecture, and thereby its byte order, until that is removed.
    check(library.removeArchitecture(context, ours), 'removing the native architecture');
    addArchitecture(library, context, native, machine);
  }
  for (const { name, token } of listed) addArchitecture(library, context, token, name);
}

function putFirst(library: Libseccomp, context: FilterContext, plan: FilterPlan, first: readonly string[]): void {
  for (const { name, priority } of prioritiesOf(first, plan)) {
    const number = library.resolveSyscall(name);
    if (number !== UNKNOWN_SYSCALL) check(library.setPriority(context, number, priority), `the priority of ${name}`);
  }
}

function asTree(library: Libseccomp, context: FilterContext): void {
  if (library.setAttribute(context, OPTIMIZE.ATTRIBUTE, OPTIMIZE.TREE) === 0) return;
  throw needs('a filter as a binary tree', `libseccomp 2.5 or newer (this is ${library.version})`);
}

function tokenOf(library: Libseccomp, libraryName: string, name: string): number {
  const token = library.architectureToken(libraryName);
  if (token === 0) throw refused(`architecture ${name}`, `it is unknown to version ${library.version}`);
  return token;
}

function addArchitecture(library: Libseccomp, context: FilterContext, token: number, name: string): void {
  const result = library.addArchitecture(context, token);
  // Listed twice, or the native one: runtimes accept that too.
  if (result !== -constants.errno.EEXIST) check(result, `architecture ${name}`);
}

function addRules(library: Libseccomp, context: FilterContext, plan: FilterPlan): void {
  const numbers = new Map<string, number>();
  for (const { name, action, conditions } of plan.rules) {
    const number = numbers.get(name) ?? library.resolveSyscall(name);
    numbers.set(name, number);
    // As in runtimes: a name that this library does not know is a call that this system does not have.
    if (number === UNKNOWN_SYSCALL) continue;
    const result = library.addRule(context, action, number, conditions);
    const reason = result < 0 ? tooLargeErrno(action) : undefined;
    if (reason !== undefined) throw refused(`the rule for ${name}`, reason);
    check(result, `the rule for ${name}`);
  }
}

/** Through a file in memory: older versions cannot export to a buffer. Throws `input`. */
export function exportFilter(library: Libseccomp, context: FilterContext): Buffer {
  using file = new MemoryFile('seccomp-filter');
  check(library.exportBpf(context, file.fd), 'the finished filter');
  const program = Buffer.alloc(fstatSync(file.fd).size);
  readSync(file.fd, program, 0, program.length, 0);
  return program;
}

/** Why an ERRNO is refused whose errno is too large; `undefined` for another action. */
function tooLargeErrno(action: number): string | undefined {
  const errno = action & 0xffff;
  if ((action & 0xffff0000) >>> 0 !== RETURN.ERRNO || errno <= MOST_BUILT_ERRNO) return undefined;
  return `errno ${errno} is too large, the largest is ${MOST_BUILT_ERRNO}`;
}

function check(result: number, subject: string): void {
  if (result < 0) throw refused(subject, errnoName(-result));
}

function refused(subject: string, reason: string): BenchError {
  return new BenchError('input', `libseccomp refuses ${subject}: ${reason}`, {
    hint: 'A container runtime would refuse this spec too. Correct its profile.',
  });
}
