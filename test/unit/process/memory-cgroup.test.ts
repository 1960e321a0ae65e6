import { describe, expect, it } from 'vitest';
import { chargedOfStat } from '../../../src/process/cgroup/memory-cgroup.js';

describe('kernel memory charged to a cgroup of version 2', () => {
  it('is read by part from memory.stat', () => {
    const text =
      'anon 8192\nkernel 40960\nkernel_stack 16384\nslab 4096\nslab_reclaimable 0\npercpu 512\nvmalloc 12288\n';
    expect(chargedOfStat(text)).toEqual({ kernel: 40_960, slab: 4096, vmalloc: 12_288, percpu: 512 });
  });

  it('is not known where the kernel has no figure for all of it', () => {
    expect(chargedOfStat('anon 8192\nslab 4096\n')).toBeNull();
  });
});
