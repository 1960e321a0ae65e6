import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { HostFingerprint } from '../../src/model/results/result.js';
import { needs, needsRoot, Sandbox } from './bench.js';

const sandbox = new Sandbox();
afterEach(() => {
  sandbox.clear();
});
afterAll(() => {
  sandbox[Symbol.dispose]();
});

const EMULATED = { BENCH_EMULATION: 'tcg' };
const SHORT = ['--engine', 'namespaces', '--warmup', '0', '--seed', '1'];
const host = (): HostFingerprint =>
  JSON.parse(readFileSync(join(sandbox.results(), 'host.json'), 'utf8')) as HostFingerprint;

describe('a run that is declared to be emulated', () => {
  it('is functional proof, which a strict job takes and a gate does not', (context) => {
    needsRoot(context);
    needs(context, 'unshare');
    const { status, stdout, stderr } = sandbox.bench(['sequential', '--count', '2', ...SHORT, '--strict'], EMULATED);
    expect([status, stderr]).toEqual([
      0,
      expect.stringContaining('This ran under emulation (QEMU TCG; declared by BENCH_EMULATION)'),
    ]);
    expect(stderr).toMatch(/^not judged: times taken under emulation mean nothing$/m);
    expect(stdout).toMatch(/sequential \(emulated: QEMU TCG\)/);
    expect(stdout).toMatch(/^Functional: /m);
    expect(host().emulation).toEqual({ kind: 'tcg', sign: 'declared by BENCH_EMULATION' });
    const gate = sandbox.bench(['ci', '--from', sandbox.results(), '--no-report', '--fail-if-slower', '0']);
    expect([gate.status, gate.stderr]).toEqual([
      4,
      expect.stringMatching(/^gate not evaluated: CPU time of after: after and before ran under an emulator/m),
    ]);
    // Whoever reads it later need not declare anything.
    expect(sandbox.bench(['report']).stdout).toMatch(/^Functional: /m);
    expect(sandbox.bench(['compare', sandbox.results(), sandbox.results()]).stdout).not.toMatch(
      /Faster|Slower|Equivalent/,
    );
  });

  it('does not hide that it is none where that is declared', (context) => {
    needsRoot(context);
    needs(context, 'unshare');
    expect(
      sandbox.bench(['sequential', '--count', '2', ...SHORT, '--strict', '--no-report'], { BENCH_EMULATION: 'none' })
        .status,
    ).toBe(4);
    expect(host().emulation).toBeNull();
  });

  it('is no ground to plan by, and no pilot is measured', () => {
    const { status, stdout, stderr } = sandbox.bench(['plan', 'sequential', '--detect', '1%'], EMULATED);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(
      /^bench: planning requires a real machine, not an emulated one \(QEMU TCG; declared by BENCH_EMULATION\)$/m,
    );
    expect(() => sandbox.results()).toThrow();
  });
});

describe('a declaration that is none', () => {
  it('is refused with what it may be, and nothing is measured', (context) => {
    needsRoot(context);
    needs(context, 'unshare');
    const { status, stderr } = sandbox.bench(['sequential', '--count', '2', ...SHORT], { BENCH_EMULATION: 'yes' });
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining('bench: BENCH_EMULATION: expected tcg, qemu-user or none, got "yes"'),
    ]);
    expect(() => sandbox.results()).toThrow();
  });
});
