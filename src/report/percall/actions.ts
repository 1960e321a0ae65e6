import { constants } from 'node:os';
import type { Amount } from '../../model/analysis/workload-analysis.js';
import type { ActionAnalysis, ActionPrice } from '../../model/analysis/percall-analysis.js';
import { ALLOWED, ANSWERS, TWO_PROCESSORS, answerFacts } from '../../model/results/percall/action-price.js';
import type { ActionLeftOut, AnswerName, AuditState, LoggingFacts } from '../../model/results/percall/action-price.js';
import type { Located } from '../../model/results/percall/percall.js';
import { amountText, counted, DASH, formatCount } from '../text/format.js';
import { left, right } from '../run/tables.js';
import type { Table } from '../run/tables.js';

/** What answers a call, in a table. */
const ANSWER_WORDS: Readonly<Record<AnswerName, string>> = {
  allow: 'allowed',
  notify: 'listener: CONTINUE',
  'notify-value': 'listener: a value',
  'notify-sync': 'listener: CONTINUE, SYNC_WAKE_UP',
  'notify-killable': 'listener: CONTINUE, WAIT_KILLABLE_RECV',
  'notify-one-cpu': 'listener: CONTINUE, both on one processor',
  'notify-two-cpus': 'listener: CONTINUE, on two processors',
  log: 'logged',
  trace: 'tracer: continues',
};

/** How an answer differs from that of a plain listener, in a sentence. */
const DIFFERENCE_WORDS: Readonly<Partial<Record<AnswerName, string>>> = {
  'notify-sync': 'with SYNC_WAKE_UP',
  'notify-value': 'with a value instead of CONTINUE',
  'notify-killable': 'with WAIT_KILLABLE_RECV',
  'notify-one-cpu': 'with both on one processor',
  'notify-two-cpus': 'on two processors',
};

const SUBJECTS: Readonly<Partial<Record<AnswerName, string>>> = {
  notify: 'A call that a listener answers',
  log: 'A logged call',
  trace: 'A call that a tracer continues',
};

const isBounded = ({ low, high }: Located): boolean => Number.isFinite(low) && Number.isFinite(high);

/** `4.1 µs [4.0, 4.2]`; without the interval where too few blocks give none, a dash where nothing was measured. */
const priceText = (located: Located): string => {
  if (Number.isNaN(located.value)) return DASH;
  const amount: Amount = { ns: located.value, low: located.low, high: located.high };
  return amountText(isBounded(located) ? amount : { ...amount, low: null, high: null }, 2);
};

/** What each action costs, one plain sentence each, and what was not measured. */
export const actionSentences = (analysis: ActionAnalysis, kernel: string): readonly string[] => [
  ...analysis.prices.flatMap((price) => priceSentence(price, analysis)),
  ...analysis.plan.leftOut.map((leftOut) => leftOutSentence(leftOut, kernel)),
  ...controlSentence(analysis),
];

function priceSentence(price: ActionPrice, { prices }: ActionAnalysis): readonly string[] {
  const subject = SUBJECTS[price.name];
  if (subject === undefined) return [];
  if (Number.isNaN(price.added.value)) return [`${subject}: no price, because no block is complete.`];
  const others = price.name === 'notify' ? prices.flatMap(differenceWords) : [];
  return [`${subject} ${addedWords(price)}${others.map((words) => `; ${words}`).join('')}.`];
}

/** `costs 4.1 µs [4.0, 4.2] more than an allowed one`, or that this was not shown. */
const addedWords = ({ added }: ActionPrice): string =>
  isBounded(added) && added.low <= 0
    ? `was not shown to cost more than an allowed one: ${priceText(added)} more`
    : `costs ${priceText(added)} more than an allowed one`;

const differenceWords = ({ name, added }: ActionPrice): readonly string[] => {
  const words = DIFFERENCE_WORDS[name];
  return words === undefined ? [] : [`${words} ${priceText(added)}`];
};

/** `notify-sync is not measured: kernel 6.1.0 has no SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (Linux 6.6 or newer).` */
export function leftOutSentence({ answer, errno }: ActionLeftOut, kernel: string): string {
  const { flag } = answerFacts(answer);
  if (answer === TWO_PROCESSORS) return `${answer} is not measured: the containers may use one processor only.`;
  if (flag === null) return `${answer} is not measured: ${refusedWords({ answer, errno })}.`;
  return `${answer} is not measured: kernel ${kernel} has no ${flag.name} (Linux ${flag.since} or newer).`;
}

/** What stands against an answer: `this machine does not permit it (EPERM)`, without a full stop. */
export const refusedWords = ({ errno }: ActionLeftOut): string =>
  errno === null ? 'it failed when it was tried' : `this machine refuses it (${errnoWords(errno)})`;

const errnoWords = (errno: number): string =>
  Object.entries(constants.errno).find(([, value]) => value === errno)?.[0] ?? `errno ${errno}`;

function controlSentence({ control }: ActionAnalysis): readonly string[] {
  if (control === null || control.state === 'agrees') return [];
  return control.state === 'differs'
    ? ['The prices of actions prove nothing: two equal turns that allow the call differ beyond chance (p < 0.001).']
    : ['Two equal turns that allow the call differ at p < 0.01: take the prices of actions with care.'];
}

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
      const state = audit.enabled === 0 ? 'off, which does not stop the records of logged calls' : 'on';
      return audit.daemon
        ? `Audit is ${state}. An audit daemon takes the records.`
        : `Audit is ${state}. No audit daemon runs, so the records go to the kernel's log.`;
    }
  }
}

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
  const seen =
    kernelLog.state === 'read'
      ? `${calls}, ${formatCount(kernelLog.lines)} ${kernelLog.lines === 1 ? 'is' : 'are'} in the kernel's log.`
      : `${calls}, it is not known how many were written: the kernel's log cannot be read (${kernelLog.cause}).`;
  return lost === null || lost === 0 ? [seen] : [seen, `Audit lost ${counted(lost, 'record')} of these calls.`];
}

/** The same as rows for a terminal, the head first. */
export const actionRows = ({ prices }: ActionAnalysis): readonly (readonly string[])[] => [
  ['', 'per call [95 %]', 'more than allowed'],
  ...prices.map((price) => [price.name, priceText(price.ns), price.name === ALLOWED ? '' : priceText(price.added)]),
];

/** All prices of actions, with the evidence that they happened. */
export function actionTable(analysis: ActionAnalysis, kernel: string): Table {
  const { plan, prices, blocks } = analysis;
  return {
    title: 'What a listener, a log line and a tracer cost',
    columns: [
      left('Answer'),
      right('Per call [95 %]'),
      right('More than allowed [95 %]'),
      left('Evidence'),
      left('Seccomp in /proc'),
    ],
    rows: prices.map((price) => [
      ANSWER_WORDS[price.name],
      priceText(price.ns),
      price.name === ALLOWED ? DASH : priceText(price.added),
      evidenceText(price, plan.logging),
      procText(price),
    ]),
    note: [
      ...actionSentences(analysis, kernel),
      ...loggingSentences(plan.logging),
      `The call is ${plan.call.name}, in containers without another filter, ${counted(blocks, 'complete block')}, \
real time (CLOCK_MONOTONIC), ${plan.processors === 1 ? 'one processor for both' : `${plan.processors} processors`}.`,
    ].join(' '),
  };
}

/** `155,000 of 155,000 notifications` */
function evidenceText({ name, calls, answered }: ActionPrice, logging: LoggingFacts | null | undefined): string {
  const { action } = ANSWERS[name];
  if (action === 'notify') return `${formatCount(answered)} of ${counted(calls, 'notification')}`;
  if (action === 'trace') return `${formatCount(answered)} of ${counted(calls, 'stop')}`;
  if (action === 'log' && logging?.kernelLog.state === 'read')
    return `${formatCount(logging.kernelLog.lines)} of ${counted(logging.tried, 'line')} seen`;
  return action === 'log' ? 'log not seen' : DASH;
}

/** `mode 2, 1 filter` */
const procText = ({ proc }: ActionPrice): string =>
  proc.length === 0
    ? DASH
    : proc
        .map(({ mode, filters }) =>
          mode < 0 ? 'not readable' : `mode ${mode}${filters < 0 ? '' : `, ${counted(filters, 'filter')}`}`,
        )
        .join('; ');
