import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { BenchError } from '../../../src/errors.js';
import { gatherFrom } from '../../../src/fleet/gather.js';

const folder = mkdtempSync(join(tmpdir(), 'bench-gather-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
});

function put(...names: readonly string[]): void {
  for (const name of names) {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, 'plan.json'), '{}');
  }
}

function refusal(from: string): readonly [string, string | undefined] {
  try {
    gatherFrom(from, folder);
  } catch (error) {
    if (error instanceof BenchError) return [error.message, error.hint];
  }
  throw new Error('expected a BenchError');
}

describe('a folder that results are gathered from', () => {
  it('has a folder per node', () => {
    put('volume/node-a/run-1', 'volume/node-b/run-1');
    expect(gatherFrom('volume', folder).nodes.map(({ node }) => node.id)).toEqual(['node-a', 'node-b']);
    expect(refusal('nothing')).toEqual(['nothing has no folder per node', expect.any(String)]);
  });

  it('keeps a fleet.json that is not its own, and one that leads elsewhere', () => {
    put('volume/node-a/run-1');
    const record = join(folder, 'volume/fleet.json');
    for (const text of ['{"fleet": "of ships"}', 'not JSON']) {
      writeFileSync(record, text);
      expect(refusal('volume')[0]).toBe(`${record} is not a record of bench fleet`);
    }
    rmSync(record);
    symlinkSync(join(folder, 'elsewhere'), record);
    expect(refusal('volume')[0]).toBe(`${record} is not a record of bench fleet`);
    rmSync(record);
    writeFileSync(record, '{"formatVersion": 1, "nodes": []}');
    expect(gatherFrom('volume', folder).nodes).toHaveLength(1);
  });

  it("is the parent of the nodes' folders, not one of them, and no results folder", () => {
    put('volume/node-a/run-1', 'volume/node-a/run-2');
    const hint = 'Give the folder that holds one folder per node, probably volume.';
    expect(refusal('volume/node-a')).toEqual([
      'volume/node-a/run-1 is a results folder, not the folder of a node',
      hint,
    ]);
    mkdirSync(join(folder, 'volume/node-a/run-1/filters'));
    expect(refusal('volume/node-a/run-1')).toEqual([
      'volume/node-a/run-1 is a results folder, not the folder of a node',
      hint,
    ]);
  });
});
