import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

it('the check against recordings says so where there are none', () => {
  const script = resolve(import.meta.dirname, '../../../scripts/check-reference.mjs');
  const { status, stdout } = spawnSync(process.execPath, [script, '/nonexistent'], { encoding: 'utf8' });
  expect([status, stdout]).toEqual([0, '/nonexistent: recordings not present, skipped\n']);
});
