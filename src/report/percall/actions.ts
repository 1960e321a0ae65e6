import { constants } from 'node:os';
import type { Amount } from '../../model/analysis/workload-analysis.js';
import type { ActionAnalysis, ActionPrice } from '../../model/analysis/percall-analysis.js';
import { ALLOWED, ANSWERS, TWO_PROCESSORS, answerFacts } from '../../model/results/percall/action-price.js';
import type { ActionLeftOut, AnswerName, LoggingFacts } from '../../model/results/percall/action-price.js';
import type { Located } from '../../model/results/percall/percall.js';
import type { Answer } from '../plain-report.js';
import { amountText, counted, DASH, formatCount, formatTime, sentenceCase } from '../text/format.js';
import { logEvidence, loggingSentences } from './logging.js';
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

/** How an answer differs from that of a plain listener, by sentence: where both run, then what is answered and how. */
const DIFFERENCES: readonly (readonly { readonly name: AnswerName; readonly words: string }[])[] = [
  [
    { name: 'notify-one-cpu', words: 'caller and listener on one processor:' },
    { name: 'notify-two-cpus', words: 'on two processors:' },
  ],
  [
    { name: 'notify-value', words: 'with a value instead of CONTINUE:' },
    { name: 'notify-sync', words: 'with SYNC_WAKE_UP:' },
    { name: 'notify-killable', words: 'with WAIT_KILLABLE_RECV:' },
  ],
];

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

/** What each action costs, one plain sentence each, with what changes it. */
export const actionAnswers = (analysis: ActionAnalysis): readonly Answer[] =>
  analysis.prices.flatMap((price) => priceAnswer(price, analysis));

/** What was not measured, and whether the prices can be trusted, one plain sentence each. */
export const actionDoubts = (analysis: ActionAnalysis, kernel: string): readonly string[] => [
  ...analysis.plan.leftOut.map((leftOut) => leftOutSentence(leftOut, kernel)),
  ...controlSentence(analysis),
];

/** All of the above, one plain sentence each. */
export const actionSentences = (analysis: ActionAnalysis, kernel: string): readonly string[] => [
  ...actionAnswers(analysis).flatMap(({ sentence, details = [] }) => [sentence, ...details]),
  ...actionDoubts(analysis, kernel),
];

function priceAnswer(price: ActionPrice, { prices, plan }: ActionAnalysis): readonly Answer[] {
  const subject = SUBJECTS[price.name];
  if (subject === undefined) return [];
  if (Number.isNaN(price.added.value)) return [{ sentence: `${subject}: no price, because no block is complete.` }];
  const details =
    price.name === 'notify' ? differenceSentences(prices) : price.name === 'log' ? loggingSentences(plan.logging) : [];
  return [{ sentence: `${subject} ${addedWords(price)}.`, details }];
}

/** So many calls make a price one that can be imagined. */
const MANY = 10_000;

/** `costs 4.1 µs [4.0, 4.2] more than an allowed one: 41 ms [40, 42] for 10,000 calls`, or that none was shown. */
function addedWords({ added }: ActionPrice): string {
  if (isBounded(added) && added.low <= 0)
    return `was not shown to cost more than an allowed one: ${priceText(added)} more`;
  const { value, low, high } = added;
  const many = isBounded(added)
    ? priceText({ value: MANY * value, low: MANY * low, high: MANY * high })
    : formatTime(MANY * value);
  return `costs ${priceText(added)} more than an allowed one: ${many} for ${counted(MANY, 'call')}`;
}

/** `With both on one processor: 3.5 µs [3.4, 3.6] more; on two processors: 38 µs [37, 39].`, then the flags. */
function differenceSentences(prices: readonly ActionPrice[]): readonly string[] {
  return DIFFERENCES.flatMap((names) => {
    const words = names.flatMap(({ name, words: lead }) => {
      const price = prices.find((one) => one.name === name);
      return price === undefined ? [] : [`${lead} ${priceText(price.added)}`];
    });
    return words.length === 0 ? [] : [`${sentenceCase(words.join('; '))}.`];
  });
}

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
      left('Seccomp inside'),
    ],
    rows: prices.map((price) => [
      ANSWER_WORDS[price.name],
      priceText(price.ns),
      price.name === ALLOWED ? DASH : priceText(price.added),
      evidenceText(price, plan.logging),
      insideText(price),
    ]),
    note: [
      ...actionDoubts(analysis, kernel),
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
  return action === 'log' ? logEvidence(logging) : DASH;
}

/** `mode 2, 1 filter`: of /proc/self/status; where that cannot be read, what prctl said in every container. */
const insideText = ({ proc }: ActionPrice): string => (proc.length === 0 ? DASH : proc.map(stateText).join('; '));

function stateText({ mode, filters }: ActionPrice['proc'][number]): string {
  if (mode === -constants.errno.ENOENT) return 'mode 2 (prctl), no /proc';
  if (mode < 0) return 'mode 2 (prctl), /proc not readable';
  return `mode ${mode}${filters < 0 ? '' : `, ${counted(filters, 'filter')}`}`;
}
