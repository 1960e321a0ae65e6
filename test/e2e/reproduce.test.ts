import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { FAKE, Sandbox } from './bench.js';

const sandbox = new Sandbox();
beforeEach(() => {
  sandbox.clear();
});
afterAll(() => {
  sandbox[Symbol.dispose]();
});

const HERE = process.arch === 'x64' ? 'x86_64' : 'arm64';
const ELSEWHERE = HERE === 'x86_64' ? 'arm64' : 'x86_64';

describe('bench reproduce', () => {
  it('runs the published cases of this architecture, compares each figure and says why others were not run', () => {
    const { status, stdout } = sandbox.bench([
      'reproduce',
      'isulad-2021',
      '--engine',
      'oci',
      '--runtime',
      FAKE,
      '--count',
      '20',
      '--rounds',
      '1',
    ]);
    expect(status).toBe(0);
    // One batch has no interval, so its case is not judged.
    for (const [mode, blocks, outcome] of [
      ['sequential', '20 blocks', '(Inside|Outside|Not resolvable)'],
      ['parallel', '1 block', 'Not judged: too few blocks for a 95 % interval'],
    ] as const) {
      expect(stdout).toMatch(
        new RegExp(
          `\\n${HERE}-${mode}: published \\d+\\.\\d{3} s → \\d+\\.\\d{3} s \\(−\\d\\.\\d\\d %\\) ` +
            `for \\d+ containers\\n  measured  .*; after/before .*, ${blocks}\\n  ${outcome}`,
        ),
      );
      expect(stdout).toMatch(
        new RegExp(`\\n${ELSEWHERE}-${mode}: published .*\\n  not run: requires an ${ELSEWHERE} host`),
      );
    }
    expect(stdout).toContain('Mechanism here (fake-runtime 1.0.0): the seccomp object in config.json ');
    expect(stdout).toContain('Published mechanism (iSulad with lcr): ');
    const [, report = '', index = ''] = /\nReport: (.+)\nAll reports: (.+)\n$/.exec(stdout) ?? [];
    expect(existsSync(join(sandbox.folder, report))).toBe(true);
    expect(index).toBe('reports/index.html');
  });

  it('knows one document, and counts that are counts', () => {
    expect(sandbox.bench(['reproduce', 'other']).stderr).toMatch(
      /^bench: "other" is not a published document\n {2}Known: isulad-2021\./,
    );
    expect(
      sandbox.bench(['reproduce', 'isulad-2021', '--count', 'some', '--engine', 'oci', '--runtime', FAKE]).stderr,
    ).toContain('bench: --count: expected a whole number from 1 to 1,000,000, got "some"');
  });
});
