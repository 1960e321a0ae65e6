import type { AuditState, LoggingFacts } from '../../model/results/percall/action-price.js';
import { counted, formatCount } from '../text/format.js';

/** Whether logged calls are written, where, and whether some are dropped; one sentence each. */
export function loggingSentences(logging: LoggingFacts | null | undefined): readonly string[] {
  if (logging === undefined) return [];
  if (logging === null)
    return ['The containers run on another machine: whether its audit or kernel log wrote the calls is not known.'];
  const { actionsLogged } = logging;
  return [
    actionsLogged === null
      ? 'Which actions the kernel logs is not known: /proc/sys/kernel/seccomp/actions_logged cannot be read.'
      : actionsLogged.includes('log')
        ? 'The kernel logs this action (log is in actions_logged).'
        : 'The kernel does not log this action: log is not in /proc/sys/kernel/seccomp/actions_logged.',
    auditSentence(logging.audit),
    ...limitSentences(logging),
    ...seenSentences(logging),
  ];
}

function auditSentence(audit: AuditState): string {
  switch (audit.state) {
    case 'absent':
      return 'The kernel has no audit, or was started with audit=0, so logged calls are written nowhere.';
    case 'unreadable':
      return `Whether audit is on is not known (${audit.cause}).`;
    case 'read': {
      const where = audit.daemon ? daemonWords(audit) : "No audit daemon runs, so the records go to the kernel's log";
      const state = audit.enabled === 0 ? 'off, which does not stop the records of logged calls' : 'on';
      return `Audit is ${state}. ${where}.`;
    }
  }
}

/** The kernel lets callers wait where its queue to the daemon is full (audit_log_start). */
const daemonWords = ({ backlogLimit }: { readonly backlogLimit: number }): string =>
  backlogLimit === 0
    ? 'An audit daemon takes the records'
    : `An audit daemon takes the records; calls wait while its queue of ${counted(backlogLimit, 'record')} is full`;

function limitSentences({ audit, printkLimit }: LoggingFacts): readonly string[] {
  const toKernelLog = audit.state !== 'read' || !audit.daemon;
  return [
    ...(audit.state === 'read' && audit.rateLimit > 0
      ? [`Audit drops what is above ${counted(audit.rateLimit, 'record')} in a second.`]
      : []),
    ...(audit.state !== 'absent' && toKernelLog && printkLimit !== null
      ? [
          `The kernel's log takes at most ${counted(printkLimit.lines, 'such line')} in ${printkLimit.seconds} s ` +
            'and drops the others (printk_ratelimit).',
        ]
      : []),
  ];
}

/** What was seen of the calls that were tried before the run. */
function seenSentences({ tried, kernelLog, lost, audit }: LoggingFacts): readonly string[] {
  if (audit.state === 'absent') return [];
  const calls = `Of ${counted(tried, 'logged call')} before the run`;
  if (audit.state === 'read' && audit.daemon && lost !== null)
    return [`${calls}, audit lost ${lost === 0 ? 'none' : formatCount(lost)}.`];
  const seen =
    kernelLog.state === 'read'
      ? `${calls}, ${formatCount(kernelLog.lines)} ${kernelLog.lines === 1 ? 'is' : 'are'} in the kernel's log.`
      : `${calls}, it is not known how many were written: the kernel's log cannot be read (${kernelLog.cause}).`;
  return lost === null || lost === 0 ? [seen] : [seen, `Audit lost ${counted(lost, 'record')} of these calls.`];
}

/** `10 of 250 lines seen`; where a daemon takes them, how many never reached it. */
export function logEvidence(logging: LoggingFacts | null | undefined): string {
  if (logging === null || logging === undefined) return 'log not seen';
  const { audit, kernelLog, lost, tried } = logging;
  if (audit.state === 'read' && audit.daemon)
    return lost === null ? 'log not seen' : `${formatCount(lost)} of ${counted(tried, 'record')} lost`;
  return kernelLog.state === 'read'
    ? `${formatCount(kernelLog.lines)} of ${counted(tried, 'line')} seen`
    : 'log not seen';
}
