import { readFileSync } from 'node:fs';
import type { LoggingFacts } from '../model/results/percall/action-price.js';
import { openKernelLog } from '../process/audit/kernel-log.js';
import { auditStatus } from '../process/audit/status.js';

/** AUDIT_SECCOMP of linux/audit.h: the type of every record about a filter's answer. */
const SECCOMP_RECORD = /type=1326 .*\bcomm="caller"/;

/** Watches what becomes of logged calls on this machine. */
interface LoggingWatch {
  /** What became of so many calls that were made since. */
  readonly facts: (tried: number) => LoggingFacts;
}

/** Begins to watch: the kernel's log from here on, and what audit gave up until now. */
export function watchLogging(): LoggingWatch {
  const before = auditStatus();
  const log = openKernelLog();
  return {
    facts: (tried) => {
      const audit = auditStatus();
      return {
        actionsLogged: words('/proc/sys/kernel/seccomp/actions_logged'),
        audit,
        printkLimit: printkLimit(),
        tried,
        kernelLog:
          'fault' in log
            ? { state: 'unreadable', cause: log.fault }
            : { state: 'read', lines: log.lines().filter((record) => SECCOMP_RECORD.test(record)).length },
        lost: before.state === 'read' && audit.state === 'read' ? audit.lost - before.lost : null,
      };
    },
  };
}

function printkLimit(): LoggingFacts['printkLimit'] {
  const [lines] = words('/proc/sys/kernel/printk_ratelimit_burst') ?? [];
  const [seconds] = words('/proc/sys/kernel/printk_ratelimit') ?? [];
  return lines === undefined || seconds === undefined ? null : { lines: Number(lines), seconds: Number(seconds) };
}

/** The words of a file of the kernel; `null`: it cannot be read. */
function words(path: string): readonly string[] | null {
  try {
    return readFileSync(path, 'utf8')
      .split(/\s+/)
      .filter((word) => word !== '');
  } catch {
    return null;
  }
}

/** kernel.yama.ptrace_scope: who may trace whom; `null`: the kernel has no Yama. */
export const ptraceScope = (): number | null => {
  const [scope] = words('/proc/sys/kernel/yama/ptrace_scope') ?? [];
  return scope === undefined ? null : Number(scope);
};
