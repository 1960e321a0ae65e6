import { describe, expect, it } from 'vitest';
import { loadsIn } from '../../../src/experiment/attach/loads.js';
import { samplesIn } from '../../../src/experiment/attach/sample.js';
import { notSwitched } from '../../../src/experiment/attach/switch.js';
import { chainsIn } from '../../../src/tracing/workload/kernel-chains.js';

describe('what payload/attach.c writes', () => {
  it('is read by file, way and round', () => {
    const text = 'attach 1 switch -1\nload 0 whole 0 700\nload 0 whole 1 710\nload 1 full 0 90\nerror 1 log 22\ndone\n';
    expect(loadsIn(text, 2)).toEqual({
      switched: -1,
      files: [{ whole: [700, 710] }, { full: [90] }],
      refused: [{ file: 1, way: 'log', errno: 22 }],
    });
  });

  it.each([
    ['another head', 'attach 2\ndone\n'],
    ['no end', 'attach 1 switch 0\nload 0 whole 0 700\n'],
    ['an unknown way', 'attach 1 switch 0\nload 0 half 0 700\ndone\n'],
    ['a file too many', 'attach 1 switch 0\nload 1 whole 0 700\ndone\n'],
  ])('is refused with %s', (_, text) => {
    expect(() => loadsIn(text, 1)).toThrow('expected times of loads');
  });

  it('tells why the JIT was not switched', () => {
    expect(notSwitched(0, null)).toBeNull();
    expect(notSwitched(-1, 'off')).toBe('off');
    expect(notSwitched(22, null)).toBe('alwaysOn');
    expect(notSwitched(30, null)).toBe('noRight');
  });
});

describe('samples of the kernel’s stack', () => {
  const TEXT = `
\tffffffff81355ed0 do_jit
\tffffffff8135a0a0 bpf_int_jit_compile
\tffffffff814e2960 bpf_prog_select_runtime
\tffffffff8148a9f0 do_seccomp
\tffffffff8225a6c1 do_syscall_64

\tffffffff81ee2090 bpf_convert_filter
\tffffffff8148a9f0 do_seccomp

\tffffffff8223aaaa _raw_spin_unlock_irq
\tffffffff8148a9f0 do_seccomp

\tffffffff81489110 seccomp_cache_prepare_bitmap.constprop.0.isra.0
\tffffffff8148a9f0 do_seccomp

\tffffffff8223aaaa _raw_spin_unlock_irqrestore
\tffffffff814e0000 pcpu_alloc_noprof
\tffffffff8148a9f0 do_seccomp

\tffffffff816e37e4 __x64_sys_execve
\tffffffff8225a6c1 do_syscall_64
`;

  it('count those of a load without its walk, and those in the JIT', () => {
    const chains = chainsIn(TEXT);
    expect(chains).toHaveLength(6);
    expect(samplesIn(chains)).toEqual({ inLoad: 3, inJit: 1 });
  });

  it('are none where nothing was sampled', () => {
    expect(samplesIn(chainsIn(''))).toEqual({ inLoad: 0, inJit: 0 });
  });
});
