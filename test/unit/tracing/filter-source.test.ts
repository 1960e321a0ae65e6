import { describe, expect, it } from 'vitest';
import { filterSource } from '../../../src/tracing/index.js';

const SIZES = new Set([424]);
const lines = (...all: readonly string[]): string => `${all.join('\n')}\n`;

describe('the source of a filter in a trace', () => {
  it('is a file where a file gave as many bytes as the filter has', () => {
    expect(
      filterSource(
        lines(
          '12 read(3</lib/libseccomp.so.2>, ""..., 832) = 832',
          '12 read(4</run/crun/x/seccomp.bpf>, ""..., 425) = 424',
        ),
        SIZES,
      ),
    ).toEqual({ kind: 'file', path: '/run/crun/x/seccomp.bpf' });
  });

  it('is the runtime itself where it wrote them to a pipe, to memory or to a file without a name', () => {
    for (const target of ['pipe:[77]', '/memfd:filter', '/tmp/#123 (deleted)'])
      expect(filterSource(lines(`[pid 12] write(9<${target}>, ""..., 424) = 424`), SIZES)).toEqual({ kind: 'made' });
  });

  it('is seen in calls that other processes interrupt', () => {
    expect(
      filterSource(
        lines(
          '12 write(9<pipe:[77]>, ""..., 424 <unfinished ...>',
          '13 read(8<pipe:[78]>,  <unfinished ...>',
          '12 <... write resumed>) = 424',
          '13 <... read resumed>""..., 512) = 12',
        ),
        SIZES,
      ),
    ).toEqual({ kind: 'made' });
  });

  it('is a write before it is a read: what was written out may be read back', () => {
    expect(
      filterSource(lines('12 write(9<pipe:[77]>, ""..., 424) = 424', '12 read(8</a/b>, ""..., 424) = 424'), SIZES),
    ).toEqual({ kind: 'made' });
  });

  it('is unknown where no transfer is as long as the filter, or only a pipe was read or a lasting file written', () => {
    expect(
      filterSource(
        lines(
          '12 read(4</run/x/seccomp.bpf>, ""..., 425) = 416',
          '12 read(8<pipe:[77]>, ""..., 424) = 424',
          '12 write(8</var/log/x>, ""..., 424) = 424',
          '12 read(4</run/x/seccomp.bpf>, "", 425) = -1 EIO (Input/output error)',
        ),
        SIZES,
      ),
    ).toBeNull();
  });
});
