import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { damaged, makeFolders, outcomeOf, randomOf } from './damage.js';

/** Damaged documents of each kind; BENCH_DAMAGES=N tries more. */
const DAMAGES = Number(process.env['BENCH_DAMAGES'] ?? 40);

let parent = '';
let folders: readonly string[] = [];
beforeAll(() => {
  parent = mkdtempSync(join(tmpdir(), 'bench-damaged-'));
  folders = makeFolders(parent);
});
afterAll(() => {
  rmSync(parent, { recursive: true });
});

const isDocument = (name: string): boolean => name.endsWith('.json');

describe('damaged results folders', () => {
  it('are whole at first', () => {
    expect(folders.map((folder) => outcomeOf(folder))).toEqual(folders.map(() => ({ state: 'told' })));
  });

  it.each(['host', 'plan', 'evidence', 'ledger', 'syscalls', 'workload', 'advice', 'simulation', 'samples'])(
    'a damaged value in %s is refused in one line with its file, or does no harm',
    (name) => {
      const random = randomOf(name.length * 1000 + name.charCodeAt(0));
      const faults: string[] = [];
      const seen = { told: 0, refused: 0, fault: 0 };
      const files = folders.flatMap((folder) =>
        readdirSync(folder)
          .filter((file) => file === `${name}.json` || file === `${name}.jsonl`)
          .map((file) => join(folder, file)),
      );
      for (let i = 0; i < DAMAGES; i++) {
        const path = files[i % files.length] ?? '';
        const whole = readFileSync(path, 'utf8');
        const lines = isDocument(path) ? [whole] : whole.split('\n');
        const place = Math.floor(random() * (lines.length - 1));
        const damage = damaged(lines[place] ?? '', random);
        writeFileSync(path, lines.with(place, damage.text).join('\n'));
        const outcome = outcomeOf(dirname(path));
        writeFileSync(path, whole);
        seen[outcome.state]++;
        if (outcome.state === 'fault') faults.push(`${basename(dirname(path))} ${damage.what}: ${outcome.reason}`);
      }
      expect(faults).toEqual([]);
      expect(seen.refused).toBeGreaterThan(0);
    },
  );
});
