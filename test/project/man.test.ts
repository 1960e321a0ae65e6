import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { manPage } from '../../scripts/make-man.mjs';
import { declareCli } from '../../src/cli/program.js';

it('keeps the man page as its command line is declared', () => {
  const file = resolve(import.meta.dirname, '../../man/bench.1');
  expect(readFileSync(file, 'utf8'), 'node scripts/make-man.mjs writes it').toBe(manPage(declareCli()));
});
