import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { machine, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildInProcess } from '../../../src/filter/build/build.js';
import { libseccomp, libseccompVersion } from '../../../src/filter/build/libseccomp.js';
import { buildFilter } from '../../../src/filter/index.js';
import type { SeccompSpec } from '../../../src/model/profile/seccomp.js';
import { copiedLibrary, hasCompiler, ownLibrary, shimLibrary } from './libraries.js';

const SPEC: SeccompSpec = {
  defaultAction: 'SCMP_ACT_ERRNO',
  syscalls: [
    { names: ['read', 'write', 'close', 'exit', 'exit_group', 'execve', 'mmap', 'brk'], action: 'SCMP_ACT_ALLOW' },
  ],
};
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-library-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('a libseccomp that is named by its path', () => {
  it('is loaded next to the one of this machine and builds the same filter, if it is a copy', () => {
    const library = copiedLibrary(folder);
    expect(libseccomp(library)).not.toBe(libseccomp());
    expect(readFileSync('/proc/self/maps', 'utf8')).toContain(library);
    expect(libseccompVersion(library)).toBe(libseccompVersion());
    for (const form of ['plain', 'tree'] as const)
      expect(buildFilter(SPEC, machine(), { form, library })).toEqual(buildFilter(SPEC, machine(), { form }));
  });

  it('may be the one of this machine', () => {
    expect(buildFilter(SPEC, machine(), { library: ownLibrary() })).toEqual(buildFilter(SPEC));
  });

  it.skipIf(!hasCompiler)('reports the version of that file, and its own way to build is used', () => {
    const library = shimLibrary(folder, 'tree');
    expect(libseccompVersion(library)).toBe('2.6.99');
    expect(libseccompVersion()).not.toBe('2.6.99');
    expect(buildFilter(SPEC, machine(), { library })).toEqual(buildFilter(SPEC, machine(), { form: 'tree' }));
    expect(buildFilter(SPEC, machine(), { library })).not.toEqual(buildFilter(SPEC));
  });

  it.skipIf(!hasCompiler)('that is too old for a binary tree is refused with its version', () => {
    const library = shimLibrary(folder, 'old');
    expect(() => buildInProcess(SPEC, machine(), { form: 'tree', library })).toThrow(
      'a filter as a binary tree requires libseccomp 2.5 or newer (this is 2.6.99)',
    );
    expect(buildInProcess(SPEC, machine(), { library })).toEqual(buildFilter(SPEC));
  });
});

describe('a file that is no libseccomp for this machine', () => {
  const refusal = (path: string): string => {
    try {
      libseccomp(path);
    } catch (error) {
      return (error as Error).message.replaceAll(path, 'FILE');
    }
    return 'loaded';
  };
  const inFolder = (name: string, bytes: string | Buffer): string => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };

  it('is refused by what it is', () => {
    const own = readFileSync(ownLibrary());
    const foreign = Buffer.from(own);
    foreign.writeUInt16LE(machine() === 'aarch64' ? 62 : 183, 18);
    const cut = inFolder('cut.so', own);
    truncateSync(cut, own.length - 9000);
    expect(refusal(join(folder, 'missing.so'))).toBe('could not read FILE: no such file or directory');
    expect(refusal(folder)).toBe('could not read FILE: is a directory');
    expect(refusal(inFolder('words', 'libseccomp'))).toBe('FILE is not a shared library');
    expect(refusal(inFolder('empty', ''))).toBe('FILE is not a shared library');
    expect(refusal(inFolder('foreign.so', foreign))).toMatch(/^FILE is a file for (aarch64|x86_64), not for /);
    expect(refusal(process.execPath)).toMatch(/^FILE (is a program|does not load)/);
    expect(refusal(inFolder('headers.so', own.subarray(0, 100)))).toMatch(/^FILE is cut off/);
    expect(refusal(cut)).toMatch(/^FILE (is cut off|does not load)/);
  });

  it('is refused by the function that it does not have', () => {
    const other = /\s(\/\S*\/libc\.so\.6)$/m.exec(readFileSync('/proc/self/maps', 'utf8'))?.[1];
    expect(refusal(other!)).toBe('FILE is not libseccomp 2.3 or newer: it has no seccomp_version');
  });

  it('leaves the library of this machine as it was', () => {
    expect(buildFilter(SPEC).instructions).toBeGreaterThan(5);
  });
});
