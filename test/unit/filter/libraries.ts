import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { libseccomp } from '../../../src/filter/build/libseccomp.js';

/** The file that this process loads as libseccomp.so.2. */
export function ownLibrary(): string {
  libseccomp();
  const path = /\s(\/\S*libseccomp\.so\S*)$/m.exec(readFileSync('/proc/self/maps', 'utf8'))?.[1];
  if (path === undefined) throw new Error('libseccomp is not loaded');
  return path;
}

/** A byte copy of this machine's library in a folder. */
export function copiedLibrary(folder: string): string {
  const copy = join(folder, 'libseccomp-copy.so');
  copyFileSync(ownLibrary(), copy);
  return copy;
}

/** Only these functions are its own; the library behind it answers all others. */
const SHIM = String.raw`
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
struct version { unsigned int major, minor, micro; };
static const struct version own = { 2, 6, 99 };
const struct version *seccomp_version(void) { return &own; }
int seccomp_attr_set(void *context, uint32_t attribute, uint32_t value) {
  if (OLD && attribute == 8) return -22;
  return ((int (*)(void *, uint32_t, uint32_t))dlsym(RTLD_NEXT, "seccomp_attr_set"))(context, attribute, value);
}
int seccomp_load(void *context) {
  if (TREE) seccomp_attr_set(context, 8, 2);
  return ((int (*)(void *))dlsym(RTLD_NEXT, "seccomp_load"))(context);
}
int seccomp_export_bpf(void *context, int fd) {
  if (TREE) seccomp_attr_set(context, 8, 2);
  return ((int (*)(void *, int))dlsym(RTLD_NEXT, "seccomp_export_bpf"))(context, fd);
}
`;

/** Whether the shim can be made here. */
export const hasCompiler = spawnSync('gcc', ['--version']).status === 0;

/**
 * Compiles a library that reports 2.6.99 and is this machine's in all else, but for what its kind says. `old`: it knows
 * no binary tree; `tree`: it always builds one.
 */
export function shimLibrary(folder: string, kind: 'old' | 'tree'): string {
  // Under another name inside, so that the shim can ask for it by that.
  const behind = join(folder, 'libseccomp.so.0');
  const renamed = readFileSync(ownLibrary());
  renamed.write('libseccomp.so.0', renamed.indexOf('\0libseccomp.so.2\0') + 1);
  // A file that is loaded already must not change.
  if (!existsSync(behind)) writeFileSync(behind, renamed);
  const [source, library] = [join(folder, `${kind}.c`), join(folder, `libseccomp-${kind}.so.2`)];
  writeFileSync(source, SHIM);
  const flags = [`-DOLD=${Number(kind === 'old')}`, `-DTREE=${Number(kind === 'tree')}`];
  const linking = ['-Wl,-soname,libseccomp.so.2', `-Wl,-rpath,${folder}`, '-Wl,--no-as-needed'];
  const { status, stderr } = spawnSync('gcc', [
    ...['-shared', '-fPIC', ...flags, ...linking, '-o', library],
    ...[source, behind, '-ldl'],
  ]);
  if (status !== 0) throw new Error(stderr.toString());
  return library;
}
