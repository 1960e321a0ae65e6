import { BenchError, needs } from '../../errors.js';
import { ptraceScope } from '../../host/index.js';
import type { Engine } from '../../model/container/container.js';
import { answerFacts, TWO_PROCESSORS } from '../../model/results/percall/action-price.js';
import type { AnswerName } from '../../model/results/percall/action-price.js';

/** What the caller could not do for an answer (payload/answer.h). */
export interface Refusal {
  readonly step: string;
  readonly errno: number;
}

const [EPERM, EACCES, EBUSY, EINVAL, ENOTTY, ENOSYS] = [1, 13, 16, 22, 25, 38];
const UNKNOWN_TO_KERNEL: readonly (number | undefined)[] = [EINVAL, ENOTTY, ENOSYS];

/** `caller: load filter of notify-sync: errno 22`; `null`: it says something else. */
export function refusalIn(stderr: string): Refusal | null {
  const [, step, errno] = /^caller: (.+): errno (\d+)$/m.exec(stderr) ?? [];
  return step === undefined ? null : { step, errno: Number(errno) };
}

/** Whether what this answer needs besides its action is missing: a flag of the kernel, or a second processor. */
export const isMissing = (answer: AnswerName, { errno }: Refusal): boolean =>
  (answerFacts(answer).flag !== null || answer === TWO_PROCESSORS) && UNKNOWN_TO_KERNEL.includes(errno);

/** What happened where an answer was tried. */
export interface RefusedTry {
  readonly cause: string;
  readonly stderr: string;
  readonly refusal: Refusal | null;
  readonly engine: Pick<Engine, 'facts' | 'host'>;
  readonly arm: string;
}

/** Throws what stands against an answer: `environment` where the machine refuses it, `runFailed` for anything else. */
export function refuseAnswer(answer: AnswerName, { cause, stderr, refusal, engine, arm }: RefusedTry): never {
  const { action } = answerFacts(answer);
  const place = `containers of ${engine.facts.name}`;
  if (refusal !== null && action === 'notify' && refusal.errno === EBUSY)
    throw new BenchError('environment', `notify cannot be timed in ${place}: another listener is there (EBUSY)`, {
      hint:
        'A process has one listener at most. Run bench outside of the container or sandbox whose runtime listens, or ' +
        'leave notify out of --actions.',
    });
  if (refusal !== null && action === 'trace' && (refusal.errno === EPERM || refusal.errno === EACCES))
    throw needs('--actions trace', `ptrace, which is not permitted in ${place}`, { hint: traceHint(engine) });
  if (refusal !== null && action !== null && UNKNOWN_TO_KERNEL.includes(refusal.errno))
    throw needs(`--actions ${action}`, `a kernel with ${FIRST_LINUX[action]} in ${place}`, {
      hint: `Leave ${action} out of --actions, or use another engine or kernel.`,
    });
  const words = [cause, stderr].filter((text) => text !== '').join(': ');
  throw new BenchError('runFailed', `the price of ${answer} could not be tried under arm ${arm}: ${words}`, {
    hint: action === null ? 'Leave --actions out.' : `Leave ${action} out of --actions.`,
  });
}

/** linux/seccomp.h, and the first release that has it. */
const FIRST_LINUX = {
  notify: 'SECCOMP_RET_USER_NOTIF (Linux 5.0)',
  log: 'SECCOMP_RET_LOG (Linux 4.14)',
  trace: 'SECCOMP_RET_TRACE (Linux 3.5)',
} as const;

function traceHint({ host }: RefusedTry['engine']): string {
  const scope = host === undefined ? ptraceScope() : null;
  return scope === null || scope === 0
    ? 'The container or the machine forbids it. Leave trace out of --actions, or use another engine.'
    : `The sysctl kernel.yama.ptrace_scope is ${scope}: lower it, or leave trace out of --actions.`;
}
