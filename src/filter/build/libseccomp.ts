import { resolve } from 'node:path';
import type { LibraryHandle } from 'koffi';
import type koffiModule from 'koffi';
import { BenchError, notFound } from '../../errors.js';
import { loadKoffi } from '../../process/libc.js';
import { assertWithin, notLibseccomp, openLibrary } from './library-file.js';
import type { Condition } from './plan.js';

/** A scmp_filter_ctx, which only the library looks into. */
export type FilterContext = object & { readonly opaque: 'scmp_filter_ctx' };

/** The functions of libseccomp.so.2 that runtimes call; results below 0 are -errno. */
export interface Libseccomp {
  /** For example 2.5.4. */
  readonly version: string;
  readonly init: (action: number) => FilterContext | null;
  readonly release: (context: FilterContext) => void;
  /** By libseccomp's name; 0 = unknown. */
  readonly architectureToken: (name: string) => number;
  readonly nativeToken: () => number;
  readonly addArchitecture: (context: FilterContext, token: number) => number;
  readonly removeArchitecture: (context: FilterContext, token: number) => number;
  /** Below -1: a pseudo number, of a call that other architectures have; {@link UNKNOWN_SYSCALL}: unknown. */
  readonly resolveSyscall: (name: string) => number;
  /** A call's name by its number on an architecture; `null` where there is no such call. */
  readonly syscallName: (token: number, nr: number) => string | null;
  readonly addRule: (
    context: FilterContext,
    action: number,
    syscall: number,
    conditions: readonly Condition[],
  ) => number;
  /** Negative where the architecture does not have the call. */
  readonly resolveSyscallOn: (token: number, name: string) => number;
  /** As {@link addRule}, for a context of one architecture; refuses a rule that would have to be changed for it. */
  readonly addExactRule: Libseccomp['addRule'];
  /** Moves the architectures of `source` into `target`; `source` is then released. */
  readonly merge: (target: FilterContext, source: FilterContext) => number;
  /** 255 comes first. The priority of a call without a rule is kept until it has one. */
  readonly setPriority: (context: FilterContext, syscall: number, priority: number) => number;
  readonly exportBpf: (context: FilterContext, fd: number) => number;
  /** Sets one of enum scmp_filter_attr. */
  readonly setAttribute: (context: FilterContext, attribute: number, value: number) => number;
}

/** Attribute of libseccomp 2.5 and newer: 1 = rules one after the other, 2 = a binary tree over system-call numbers. */
export const OPTIMIZE = { ATTRIBUTE: 8, TREE: 2 } as const;

export const UNKNOWN_SYSCALL = -1;

/** struct scmp_arg_cmp: unsigned arg, enum op, then two 64-bit values. */
const CONDITION_BYTES = 24;

/** `null`: this machine has none, which must not be asked again: another one may then have its name in this process. */
let own: Libseccomp | null | undefined;
const named = new Map<string, Libseccomp>();

/**
 * The library that runtimes use, or that of a file, loaded on first use next to all others. Throws `environment` where
 * this machine's is missing, and what {@link openLibrary} throws for a file.
 */
export function libseccomp(path?: string): Libseccomp {
  // Always first: the loader knows libraries by the name inside them, which is the same in all of these.
  const ours = libseccompOrNull();
  if (path !== undefined) return namedLibseccomp(path);
  if (ours !== null) return ours;
  throw notFound('libseccomp.so.2', 'the library path', {
    hint: 'Install the package libseccomp2 (Debian, Ubuntu) or libseccomp (Fedora, openSUSE, Arch).',
  });
}

/** The version of this machine's libseccomp, or of that of a file; `null` where this machine has none. */
export function libseccompVersion(path?: string): string | null {
  return path === undefined ? (libseccompOrNull()?.version ?? null) : libseccomp(path).version;
}

/** {@link libseccomp}, or `null` where this machine has none. */
export function libseccompOrNull(path?: string): Libseccomp | null {
  if (path !== undefined) return libseccomp(path);
  own ??= ownLibseccomp();
  return own;
}

function ownLibseccomp(): Libseccomp | null {
  const koffi = loadKoffi();
  let library: LibraryHandle;
  try {
    library = koffi.load('libseccomp.so.2');
  } catch {
    return null;
  }
  return bind(koffi, library);
}

function namedLibseccomp(path: string): Libseccomp {
  const file = resolve(path);
  const known = named.get(file);
  if (known !== undefined) return known;
  const koffi = loadKoffi();
  const library = openLibrary(koffi, file);
  const bound = boundTo(koffi, library, path);
  named.set(file, bound);
  return bound;
}

function boundTo(koffi: typeof koffiModule, library: LibraryHandle, path: string): Libseccomp {
  try {
    const version: unknown = library.func('void *seccomp_version(void)')();
    assertWithin(koffi.address(version), path);
    return bind(koffi, library);
  } catch (error) {
    if (error instanceof BenchError) throw error;
    throw notLibseccomp(path, error);
  }
}

function bind(koffi: typeof koffiModule, library: LibraryHandle): Libseccomp {
  // The name is a copy that the caller frees.
  const resolveNumber = library.func('void *seccomp_syscall_resolve_num_arch(uint32_t token, int number)');
  const free = koffi.load('libc.so.6').func('void free(void *pointer)');
  const addRuleArray = library.func(
    'int seccomp_rule_add_array(void *context, uint32_t action, int syscall, unsigned int count, void *conditions)',
  );
  const addExactRuleArray = library.func(
    'int seccomp_rule_add_exact_array(void *context, uint32_t action, int call, unsigned int count, void *conditions)',
  );
  return {
    version: readVersion(koffi, library),
    init: library.func('void *seccomp_init(uint32_t action)'),
    release: library.func('void seccomp_release(void *context)'),
    architectureToken: library.func('uint32_t seccomp_arch_resolve_name(const char *name)'),
    nativeToken: library.func('uint32_t seccomp_arch_native(void)'),
    addArchitecture: library.func('int seccomp_arch_add(void *context, uint32_t token)'),
    removeArchitecture: library.func('int seccomp_arch_remove(void *context, uint32_t token)'),
    resolveSyscall: library.func('int seccomp_syscall_resolve_name(const char *name)'),
    syscallName: (token, nr) => {
      const name: unknown = resolveNumber(token, nr);
      if (name === null) return null;
      const text = koffi.decode(name, 'char', -1) as string;
      free(name);
      return text;
    },
    addRule: (context, action, syscall, conditions) =>
      addRuleArray(context, action, syscall, conditions.length, conditionBytes(conditions)) as number,
    resolveSyscallOn: library.func('int seccomp_syscall_resolve_name_arch(uint32_t token, const char *name)'),
    addExactRule: (context, action, syscall, conditions) =>
      addExactRuleArray(context, action, syscall, conditions.length, conditionBytes(conditions)) as number,
    merge: library.func('int seccomp_merge(void *target, void *source)'),
    setPriority: library.func('int seccomp_syscall_priority(void *context, int syscall, uint8_t priority)'),
    exportBpf: library.func('int seccomp_export_bpf(void *context, int fd)'),
    setAttribute: library.func('int seccomp_attr_set(void *context, int attribute, uint32_t value)'),
  };
}

/** const struct scmp_version { unsigned major, minor, micro } *seccomp_version(void) */
function readVersion(koffi: typeof koffiModule, library: LibraryHandle): string {
  const pointer: unknown = library.func('void *seccomp_version(void)')();
  const numbers = koffi.decode(pointer, koffi.array('unsigned int', 3, 'Array')) as number[];
  return numbers.join('.');
}

function conditionBytes(conditions: readonly Condition[]): Buffer {
  const bytes = Buffer.alloc(conditions.length * CONDITION_BYTES);
  // Both machines that bench runs on are little-endian.
  conditions.forEach(({ index, operator, a, b }, place) => {
    const start = place * CONDITION_BYTES;
    bytes.writeUInt32LE(index, start);
    bytes.writeUInt32LE(operator, start + 4);
    bytes.writeBigUInt64LE(a, start + 8);
    bytes.writeBigUInt64LE(b, start + 16);
  });
  return bytes;
}
