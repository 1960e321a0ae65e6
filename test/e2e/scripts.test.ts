import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from './bench.js';

describe('scripts/check-reference.mjs', () => {
  it('says so where there are no recordings', () => {
    const script = join(ROOT, 'scripts/check-reference.mjs');
    const { status, stdout } = spawnSync(process.execPath, [script, '/nonexistent'], { encoding: 'utf8' });
    expect([status, stdout]).toEqual([0, '/nonexistent: recordings not present, skipped\n']);
  });
});
