import { describe, expect, it } from 'vitest';
import { duetCores } from '../../../src/experiment/duet-cores.js';

/** A machine as sysfs shows it: what threads share a core, and what differs from core to core. */
const machine =
  (
    siblings: Readonly<Record<number, string>>,
    other: Readonly<Record<string, Readonly<Record<number, string>>>> = {},
  ) =>
  (core: number, file: string): string | null =>
    file === 'topology/thread_siblings_list' ? (siblings[core] ?? null) : (other[file]?.[core] ?? null);

describe('the two cores of a pair', () => {
  it('are two physical cores, the highest that are allowed', () => {
    const four = machine({ 0: '0', 1: '1', 2: '2', 3: '3' });
    expect(duetCores([0, 1, 2, 3], four)).toEqual({ cores: [2, 3], relation: 'separate', allowed: [0, 1, 2, 3] });
    expect(duetCores([0, 2], four)?.cores).toEqual([0, 2]);
  });

  it('are no threads of one core where there are others', () => {
    const threads = machine({ 0: '0-1', 1: '0-1', 2: '2-3', 3: '2-3' });
    expect(duetCores([0, 1, 2, 3], threads)).toMatchObject({ cores: [1, 3], relation: 'separate' });
    expect(duetCores([2, 3], threads)).toMatchObject({ cores: [2, 3], relation: 'siblings' });
  });

  it('are equally fast: of one kind, clock and package', () => {
    const alone = { 0: '0', 1: '1', 2: '2', 3: '3' };
    const little = machine(alone, { cpu_capacity: { 0: '1024', 1: '1024', 2: '446', 3: '446' } });
    expect(duetCores([0, 1, 2], little)?.cores).toEqual([0, 1]);
    expect(duetCores([1, 2], little)).toBeNull();
    const fast = machine(alone, { 'cpufreq/cpuinfo_max_freq': { 0: '3000000', 1: '4000000' } });
    expect(duetCores([0, 1], fast)).toBeNull();
    const packages = machine(alone, { 'topology/physical_package_id': { 0: '0', 1: '1', 2: '0', 3: '1' } });
    expect(duetCores([0, 1, 2, 3], packages)?.cores).toEqual([1, 3]);
  });

  it('cannot be had from one core', () => {
    expect(duetCores([0], machine({ 0: '0' }))).toBeNull();
    expect(duetCores([], machine({}))).toBeNull();
  });

  it('are taken for two physical cores where the kernel shows no topology', () => {
    expect(duetCores([0, 1], machine({}))).toMatchObject({ cores: [0, 1], relation: 'separate' });
  });
});
