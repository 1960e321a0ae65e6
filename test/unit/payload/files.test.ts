import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BenchError } from '../../../src/errors.js';
import { isMachine, MACHINES, payloadFiles } from '../../../src/payload/index.js';

const BIN = join(import.meta.dirname, '../../../payload/bin');

describe('payloadFiles', () => {
  it('names seven executable files below 16 KiB inside the package, for each machine', () => {
    for (const machine of MACHINES) {
      const files = payloadFiles(machine);
      expect(files).toEqual({
        payload: join(BIN, machine, 'payload'),
        caller: join(BIN, machine, 'caller'),
        loader: join(BIN, machine, 'loader'),
        gate: join(BIN, machine, 'gate'),
        crowd: join(BIN, machine, 'crowd'),
        attach: join(BIN, machine, 'attach'),
        bpfBuild: join(BIN, machine, 'bpf-build'),
        probe32: join(BIN, machine, 'probe32'),
      });
      for (const file of Object.values<string>({ ...files })) {
        expect(statSync(file).size).toBeLessThan(16 * 1024);
        expect(statSync(file).mode & 0o111).toBe(0o111);
      }
    }
  });

  it('refuses a machine that nothing is built for', () => {
    expect(isMachine('riscv64')).toBe(false);
    expect(() => payloadFiles('riscv64')).toThrow(
      expect.objectContaining({
        code: 'environment',
        message: 'bench requires a machine of x86_64 or aarch64, not riscv64',
      }) as BenchError,
    );
  });
});

describe('the built programs', () => {
  const notes = readFileSync(join(BIN, 'COMPILERS.tsv'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));

  it('are the sixteen files that COMPILERS.tsv records, byte for byte', () => {
    expect(notes.map(([path]) => path)).toEqual(
      ['aarch64', 'x86_64'].flatMap((machine) =>
        ['attach', 'bpf-build', 'caller', 'crowd', 'gate', 'loader', 'payload', 'probe32'].map((name) => `${machine}/${name}`),
      ),
    );
    for (const [path = '', sha256] of notes) {
      expect([
        path,
        createHash('sha256')
          .update(readFileSync(join(BIN, path)))
          .digest('hex'),
      ]).toEqual([path, sha256]);
    }
  });

  it('are ELF files of their machine, the probes of its 32-bit form', () => {
    const shape = (path: string): number[] => {
      const header = readFileSync(join(BIN, path)).subarray(0, 20);
      return [header.readUInt8(4), header.readUInt16LE(18)];
    };
    const [CLASS_32, CLASS_64] = [1, 2];
    expect(shape('x86_64/payload')).toEqual([CLASS_64, 62]);
    expect(shape('aarch64/loader')).toEqual([CLASS_64, 183]);
    expect(shape('x86_64/probe32')).toEqual([CLASS_32, 3]);
    expect(shape('aarch64/probe32')).toEqual([CLASS_32, 40]);
  });

  it('have segments that 64 KiB pages can map, for aarch64', () => {
    for (const name of ['payload', 'caller', 'loader', 'gate', 'bpf-build']) {
      const file = readFileSync(join(BIN, 'aarch64', name));
      const start = Number(file.readBigUInt64LE(32));
      const loads = Array.from({ length: file.readUInt16LE(56) }, (_, index) => start + index * 56).filter(
        (at) => file.readUInt32LE(at) === 1,
      );
      expect(loads.length).toBeGreaterThan(0);
      const pages = loads.map((at) => file.readBigUInt64LE(at + 16) / 65536n);
      expect(new Set(pages).size).toBe(loads.length);
      expect(loads.every((at) => file.readBigUInt64LE(at + 48) === 65536n)).toBe(true);
    }
  });
});
