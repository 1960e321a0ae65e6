import { fstatSync, readSync } from 'node:fs';
import { constants, machine as hostMachine } from 'node:os';
import { BenchError } from '../../errors.js';
import { errnoName } from '../../process/libc.js';
import { MemoryFile } from '../../process/memfd.js';
import type { FilterFacts } from '../../model/run/evidence.js';
import type { SeccompSpec } from '../../model/profile/seccomp.js';
import type { ByteOrder } from '../../model/filter/simulation.js';
import { byteOrderOfToken, libseccompName, nativeName } from '../inspect/architectures.js';
import { withReturnsTurned } from './foreign-order.js';
import { libseccomp, OPTIMIZE, UNKNOWN_SYSCALL } from './libseccomp.js';
import type { FilterContext, Libseccomp } from './libseccomp.js';
import { filterPlan } from './plan.js';
import type { FilterPlan } from './plan.js';
import { filterFacts } from '../inspect/program.js';
import { prioritiesOf } from './priorities.js';

/**
 * A filter and what identifies it; `program` is an array of struct sock_filter in the byte order of the machine it is
 * for.
 */
export interface BuiltFilter extends FilterFacts {
  readonly program: Buffer;
  readonly order: ByteOrder;
}

/**
 * How libseccomp lays a filter out: rules one after the other (what runtimes load unless they say otherwise), or a
 * binary tree over system-call numbers.
 */
export type FilterForm = 'plain' | 'tree';

export interface BuildOptions {
  /** Default: plain. */
  readonly form?: FilterForm;
  /** Calls whose rules come first, the most important one first; those without a rule are passed over. */
  readonly first?: readonly string[];
}

/**
 * The filter that libseccomp builds from a spec by the calls runc and crun make (crun loads exactly this, runc puts its
 * own ENOSYS
 * stub before it), as a container on `machine` (a `uname -m` name or one of libseccomp's, this machine by default)
 * would get it. Throws `environment` without
 * libseccomp or, for the tree form, with one older than 2.5, and `input` for what libseccomp refuses.
 */
export function buildFilter(
  spec: SeccompSpec,
  machine: string = hostMachine(),
  { form = 'plain', first = [] }: BuildOptions = {},
): BuiltFilter {
  const plan = filterPlan(spec);
  const library = libseccomp();
  const context = library.init(plan.defaultAction);
  if (context === null)
    throw refused(
      'the default action',
      `${spec.defaultAction}: unknown to libseccomp ${library.version} or to this kernel`,
    );
  try {
    addArchitectures(library, context, plan, machine);
    if (form === 'tree') asTree(library, context);
    addRules(library, context, plan);
    putFirst(library, context, plan, first);
    const exported = exportProgram(library, context);
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
    // A new filter holds this machine's architecture, and with it this machine's byte order, until it is gone.
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
  throw new BenchError(
    'environment',
    `Expected a libseccomp that builds binary trees (2.5 or newer), got ${library.version}`,
  );
}

function tokenOf(library: Libseccomp, libraryName: string, name: string): number {
  const token = library.architectureToken(libraryName);
  if (token === 0) throw refused(`architecture ${name}`, `unknown to libseccomp ${library.version}`);
  return token;
}

function addArchitecture(library: Libseccomp, context: FilterContext, token: number, name: string): void {
  const result = library.addArchitecture(context, token);
  // Listed twice, or the native one: it is there already, which runtimes take as success.
  if (result !== -constants.errno.EEXIST) check(result, `architecture ${name}`);
}

function addRules(library: Libseccomp, context: FilterContext, plan: FilterPlan): void {
  const numbers = new Map<string, number>();
  for (const { name, action, conditions } of plan.rules) {
    const number = numbers.get(name) ?? library.resolveSyscall(name);
    numbers.set(name, number);
    // As in runtimes: a name this library does not know is a call this system does not have.
    if (number !== UNKNOWN_SYSCALL) check(library.addRule(context, action, number, conditions), `the rule for ${name}`);
  }
}

/** Through a file in memory: only newer libraries can export to a buffer. */
function exportProgram(library: Libseccomp, context: FilterContext): Buffer {
  using file = new MemoryFile('seccomp-filter');
  check(library.exportBpf(context, file.fd), 'the finished filter');
  const program = Buffer.alloc(fstatSync(file.fd).size);
  readSync(file.fd, program, 0, program.length, 0);
  return program;
}

function check(result: number, subject: string): void {
  if (result < 0) throw refused(subject, errnoName(-result));
}

function refused(subject: string, got: string): BenchError {
  return new BenchError('input', `Expected libseccomp to take ${subject}, got ${got}`, {
    hint: 'A container runtime would refuse this spec as well; correct the profile it was made from.',
  });
}
