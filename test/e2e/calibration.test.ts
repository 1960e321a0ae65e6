import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from './bench.js';

/**
 * Enough to see a broken interval or test, few enough to take seconds; the limits are widened by what chance allows.
 */
const SIMULATIONS = '400';

const calibrate = (
  ...options: readonly string[]
): { readonly status: number | null; readonly stdout: string; readonly stderr: string } =>
  spawnSync(process.execPath, [join(ROOT, 'calibrate/main.mjs'), ...options], { encoding: 'utf8', timeout: 110_000 });

const KINDS = [
  'coverage log-normal',
  'coverage bimodal 50',
  'coverage skewed 50',
  'coverage drifting',
  'falseDifference bimodal',
  'falseInFamily normal',
  'falseEquivalent normal',
  'recordedFalseDifference runc',
  'planned normal 30',
  'replanned log-normal 30 0.8',
  'decidedFalseDifference normal',
  'untilWidth log-normal',
];

describe('calibration', () => {
  it.each(KINDS)(
    'keeps what is promised of %s, within what chance allows',
    (kind) => {
      const { status, stdout } = calibrate('--simulations', SIMULATIONS, '--only', kind);
      expect(stdout).toMatch(/: 0 missed\n$/);
      expect(stdout).not.toContain('**');
      expect(status).toBe(0);
    },
    120_000,
  );

  it('gives the same table for the same seed, however many workers there are, and another for another seed', () => {
    const run = (...more: readonly string[]): string =>
      calibrate('--simulations', '50', '--only', 'falseDifference normal', ...more).stdout;
    expect(run('--workers', '1')).toBe(run('--workers', '2'));
    expect(run('--seed', '2')).not.toBe(run());
  });

  it('refuses what it cannot do', () => {
    expect(calibrate('--simulations', '0')).toMatchObject({
      status: 2,
      stderr: 'calibrate: --simulations: expected a whole number of at least 1, got "0"\n',
    });
    expect(calibrate('--only', 'nonsense').stderr).toContain(
      `calibrate: --only: no cell's name contains "nonsense"; cells are named like "`,
    );
  });
});
