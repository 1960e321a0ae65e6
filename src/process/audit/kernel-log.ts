import { libc } from '../libc.js';

/** SYSLOG_ACTION_* of syslog(2). */
const READ_ALL = 3;
const SIZE_BUFFER = 10;

/** The kernel's log from a moment on. */
export interface KernelLog {
  /** The lines since the moment that are still there. */
  readonly lines: () => readonly string[];
}

/**
 * The kernel's log from here on, or why it cannot be read: without CAP_SYSLOG only where the sysctl
 * kernel.dmesg_restrict is 0.
 */
export function openKernelLog(): KernelLog | { readonly fault: string } {
  const before = readKernelLog();
  if ('fault' in before) return before;
  const last = before.lines.at(-1);
  return {
    lines: () => {
      const now = readKernelLog();
      return 'fault' in now ? [] : linesAfter(now.lines, last);
    },
  };
}

/** The lines after one of them; all where it is not there any more. Every line begins with its time. */
export const linesAfter = (lines: readonly string[], last: string | undefined): readonly string[] =>
  last === undefined ? lines : lines.slice(lines.lastIndexOf(last) + 1);

function readKernelLog(): { readonly lines: readonly string[] } | { readonly fault: string } {
  const system = libc();
  const size = system.klogctl(SIZE_BUFFER, Buffer.alloc(1), 0);
  if (size < 0) return { fault: system.lastError() };
  const buffer = Buffer.alloc(size);
  const bytes = system.klogctl(READ_ALL, buffer, size);
  if (bytes < 0) return { fault: system.lastError() };
  return {
    lines: buffer
      .toString('utf8', 0, bytes)
      .split('\n')
      .filter((line) => line !== ''),
  };
}
