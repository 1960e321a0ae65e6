import type { CallerReport, PercallPlace, PricedCall } from './caller-report.js';

/** Actions of a filter that let a call happen and still cost: a listener is asked, a line logged, a tracer asked. */
export const CALL_ACTIONS = ['notify', 'log', 'trace'] as const;
/** An action of a filter whose price can be measured. */
export type CallAction = (typeof CALL_ACTIONS)[number];

/** An answer to a call, as the caller in a container gets it (payload/answer.h). */
export interface AnswerFacts {
  /** `null`: the filter allows the call, and nobody is asked. */
  readonly action: CallAction | null;
  /** The flag of seccomp that it needs besides its action, and the first Linux that has it; `null`: none. */
  readonly flag: { readonly name: string; readonly since: string } | null;
}

/** Every answer that can be timed. */
export const ANSWERS = {
  allow: { action: null, flag: null },
  notify: { action: 'notify', flag: null },
  'notify-value': { action: 'notify', flag: null },
  'notify-sync': { action: 'notify', flag: { name: 'SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP', since: '6.6' } },
  'notify-killable': { action: 'notify', flag: { name: 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV', since: '5.19' } },
  'notify-one-cpu': { action: 'notify', flag: null },
  'notify-two-cpus': { action: 'notify', flag: null },
  log: { action: 'log', flag: null },
  trace: { action: 'trace', flag: null },
} as const satisfies Readonly<Record<string, AnswerFacts>>;
/** The name of an answer that can be timed. */
export type AnswerName = keyof typeof ANSWERS;

/** Caller and listener have a processor each: not possible where a container may use only one. */
export const TWO_PROCESSORS: AnswerName = 'notify-two-cpus';

/** What an answer is and needs. */
export const answerFacts = (name: AnswerName): AnswerFacts => ANSWERS[name];

/** The answers that an action is timed with. */
export const answersOf = (action: CallAction): readonly AnswerName[] =>
  (Object.keys(ANSWERS) as readonly AnswerName[]).filter((name) => answerFacts(name).action === action);

/** The turn of a block that all others are compared with, and its copy. */
export const ALLOWED = 'allow';
/** The copy of {@link ALLOWED}. */
export const ALLOWED_CONTROL = 'allow-control';

/** What listens or traces answers in a container with this value, where it answers one. */
export const ANSWERED_VALUE = 20_211_230;

/** One answer in every block: a container in which a call is made under a filter of its own. */
export interface ActionTurn {
  /** `notify-sync`, ...; `allow-control` of the copy. */
  readonly name: string;
  readonly answer: AnswerName;
  /** The turn that it is a copy of; absent: none. */
  readonly copyOf?: string;
  /** Instructions of its filter. */
  readonly instructions: number;
  /** SHA-256 of its filter's bytes, in hex. */
  readonly sha256: string;
}

/** An answer that was not timed: the kernel of the containers has not got its flag, or the machine refuses it. */
export interface ActionLeftOut {
  readonly answer: AnswerName;
  /** The errno with which it was refused; `null`: it failed in another way. */
  readonly errno: number | null;
}

/** The state of the kernel's audit subsystem. */
export type AuditState =
  | {
      readonly state: 'read';
      /** 0 off, 1 on, 2 on and locked. */
      readonly enabled: number;
      /** Whether an audit daemon takes the records; otherwise they go to the kernel's log. */
      readonly daemon: boolean;
      /** Records in a second; 0: no limit. */
      readonly rateLimit: number;
      /** Records that may wait. */
      readonly backlogLimit: number;
      /** Records that it gave up since it started. */
      readonly lost: number;
    }
  | { readonly state: 'absent' }
  | { readonly state: 'unreadable'; readonly cause: string };

/** What became of logged calls that were tried before the first block. */
export interface LoggingFacts {
  /** Actions that the kernel logs, of /proc/sys/kernel/seccomp/actions_logged; `null`: it cannot be read. */
  readonly actionsLogged: readonly string[] | null;
  readonly audit: AuditState;
  /** So many lines in so many seconds, /proc/sys/kernel/printk_ratelimit*; `null`: they cannot be read. */
  readonly printkLimit: { readonly lines: number; readonly seconds: number } | null;
  /** Logged calls that were made. */
  readonly tried: number;
  /** Their lines in the kernel's log. */
  readonly kernelLog:
    { readonly state: 'read'; readonly lines: number } | { readonly state: 'unreadable'; readonly cause: string };
  /** Records that audit gave up meanwhile; `null`: not known. */
  readonly lost: number | null;
}

/** What was planned for the prices of actions; part of plan.json of a run that prices calls. */
export interface ActionPlan {
  /** What was asked for. */
  readonly actions: readonly CallAction[];
  readonly call: PricedCall;
  /** In a container of which arm the call is made: one without a filter. */
  readonly arm: string;
  readonly turns: readonly ActionTurn[];
  readonly leftOut: readonly ActionLeftOut[];
  /**
   * Calls in one loop.
   *
   * @asType integer
   * @minimum 1
   */
  readonly loops: number;
  /** Processors that a container may use: on a single one, caller and listener take turns. */
  readonly processors: number;
  /** Absent: no call is logged; `null`: the containers run on another machine, whose log cannot be seen. */
  readonly logging?: LoggingFacts | null;
}

/** The report of one container whose call was answered. */
export interface ActionReport extends CallerReport {
  /**
   * Seccomp of /proc/self/status, -errno where it cannot be read.
   *
   * @asType integer
   * @minimum -9007199254740991
   */
  readonly procMode: number;
  /**
   * Seccomp_filters of /proc/self/status, -1 where there is no such line.
   *
   * @asType integer
   * @minimum -1
   */
  readonly procFilters: number;
  /** Notifications that the listener answered, or stops that the tracer continued; 0 where nobody is asked. */
  readonly answered: number;
}

/** One line of samples.jsonl with the price of an answer: the report of a container, or why there is none. */
export type ActionSample = PercallPlace & {
  /** The name of its turn. */
  readonly action: string;
} & (
    | (ActionReport & { readonly state: 'ok' })
    | {
        readonly state: 'failed' | 'timedOut' | 'interrupted';
        readonly cause: string;
        readonly stderr: string;
      }
  );

/** Calls that one container of such a run makes. */
export const callsPerContainer = ({ loops }: Pick<ActionPlan, 'loops'>, rounds: number): number => loops * rounds;
