import type { ActionPlan, ActionSample, LoggingFacts } from '../../../src/model/results/percall/action-price.js';
import { ALLOWED, ALLOWED_CONTROL, ANSWERS } from '../../../src/model/results/percall/action-price.js';
import type { AnswerName } from '../../../src/model/results/percall/action-price.js';
import type { PercallResult } from '../../../src/model/results/percall/percall.js';
import { percallRun } from './percall.fixtures.js';

const LOOPS = 200;
const ROUNDS = 3;
/** ns per call. */
const PRICES: Readonly<Record<AnswerName, number>> = {
  allow: 200,
  notify: 4200,
  'notify-value': 4100,
  'notify-sync': 2500,
  'notify-killable': 4300,
  'notify-one-cpu': 3700,
  'notify-two-cpus': 38_200,
  log: 5200,
  trace: 7200,
};

/** Audit without a daemon, whose lines the kernel's log limits. */
export const LOGGING: LoggingFacts = {
  actionsLogged: ['errno', 'log'],
  audit: { state: 'read', enabled: 1, daemon: false, rateLimit: 0, backlogLimit: 64, lost: 0 },
  printkLimit: { lines: 10, seconds: 5 },
  tried: 250,
  kernelLog: { state: 'read', lines: 10 },
  lost: 0,
};

/** A run of known prices, in which 20 ns come and go from block to block. */
export function actionRun({
  blocks = 30,
  plan: more = {},
  samples = (all: readonly ActionSample[]) => all,
}: {
  readonly blocks?: number;
  readonly plan?: Partial<ActionPlan>;
  readonly samples?: (all: readonly ActionSample[]) => readonly ActionSample[];
} = {}): PercallResult {
  const run = percallRun({ blocks });
  const filter = { instructions: 7, sha256: 'a'.repeat(64) };
  const turns = (Object.keys(ANSWERS) as AnswerName[]).map((name) => ({ name, answer: name, ...filter }));
  const plan: ActionPlan = {
    actions: ['notify', 'log', 'trace'],
    call: { name: 'getppid', nr: 110, args: [] },
    arm: 'unconfined',
    turns: [...turns, { name: ALLOWED_CONTROL, answer: ALLOWED, copyOf: ALLOWED, ...filter }],
    leftOut: [],
    loops: LOOPS,
    processors: 2,
    logging: LOGGING,
    ...more,
  };
  const all = Array.from({ length: blocks }, (_, block) =>
    plan.turns.map(({ name, answer }, position): ActionSample => {
      const ns = LOOPS * (PRICES[answer] + (block % 3) * 20 + ((block * 37 + position * 11) % 13)) + 100;
      const asks = ANSWERS[answer].action === 'notify' || ANSWERS[answer].action === 'trace';
      return {
        block,
        warmup: false,
        position,
        action: name,
        startNs: block * 1000 + position,
        state: 'ok',
        clock: 'monotonic',
        seccompMode: 2,
        speculation: [0, 0],
        emptyNs: Array<number>(ROUNDS).fill(100),
        calls: [{ ns: Array<number>(ROUNDS).fill(ns), result: 1 }],
        procMode: 2,
        procFilters: 1,
        answered: asks ? LOOPS * ROUNDS : 0,
      };
    }),
  ).flat();
  return { ...run, plan: { ...run.plan, actions: plan }, actionSamples: samples(all) };
}
