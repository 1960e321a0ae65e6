import { readFileSync } from 'node:fs';
import { machine } from 'node:os';
import { describe, expect, it } from 'vitest';
import { buildFilter, libseccompVersion } from '../../src/filter/index.js';
import { loadTime } from '#built/filter/load/load-time.js';

/** The line of /proc that counts them; on a container's kernel it may not start at 0. */
const filtersHere = (): string => /^Seccomp_filters:.*$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[0] ?? '';

describe('loading a filter on a thread', (): void => {
  it("returns the kernel's time, and leaves this process without a filter", async (context) => {
    if (libseccompVersion() === null) context.skip('libseccomp is not installed');
    const { program } = buildFilter(
      { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['personality'], action: 'SCMP_ACT_ERRNO' }] },
      machine(),
    );
    const before = filtersHere();
    expect(await loadTime(program)).toBeGreaterThan(0);
    expect(filtersHere()).toBe(before);
  });

  it('refuses a filter that would end this process', async (context) => {
    if (libseccompVersion() === null) context.skip('libseccomp is not installed');
    const { program } = buildFilter({ defaultAction: 'SCMP_ACT_KILL_PROCESS', syscalls: [] }, machine());
    await expect(loadTime(program)).rejects.toThrow('the filter forbids futex, so it cannot be loaded in this process');
  });
});
