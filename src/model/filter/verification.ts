import type { LibseccompFacts } from './faults.js';
import type { FilterOrigin } from './inspection.js';
import type { LeftOut } from '../profile/seccomp.js';

/** Where a rule stands. */
export interface RulePlace {
  /** As the user named it. */
  readonly file: string;
  /** JSON path, `syscalls[3]`, or `line 12`. */
  readonly path: string;
}

/**
 * How a filter's answer differs from what the rules say, in the kernel's order of actions: `weaker` allows more than
 * every answer that the rules accept, `stricter` allows less, `other` is neither, such as another errno.
 */
export const DIFFERENCE_KINDS = ['weaker', 'other', 'stricter'] as const;
/** Whether a filter allows more than its rules, less, or neither. */
export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number];

/** What decides a call by the rules. */
export type ExpectedBy =
  /** At least one rule matches. */
  | 'rule'
  /** No rule matches: the default action. */
  | 'default'
  /** The architecture, or x32, is not in the spec: libseccomp's action for that, KILL. */
  | 'architecture';

/** One call with its arguments. */
export interface VerifiedCall {
  /** By libseccomp's name; for a number without a call `null`. */
  readonly name: string | null;
  /** As in seccomp_data.nr. */
  readonly nr: number;
  /** AUDIT_ARCH_... */
  readonly audit: number;
  /** Six arguments. */
  readonly args: readonly bigint[];
}

/** One way in which a filter differs from its rules; calls with the same rules and answers are one difference. */
export interface FilterDifference {
  readonly kind: DifferenceKind;
  /** By libseccomp's name; `null`: an architecture that is not in the spec. */
  readonly arch: string | null;
  readonly by: ExpectedBy;
  /** The rules that match; empty where none does. */
  readonly rules: readonly RulePlace[];
  /** Every answer that the rules accept: ALLOW, ERRNO(EPERM), ... */
  readonly expected: readonly string[];
  /** The filter's answer. */
  readonly answer: string;
  /** Names of the calls, or numbers where there is no call. */
  readonly calls: readonly string[];
  readonly evaluations: number;
  /** The simplest one of these calls. */
  readonly example: VerifiedCall;
}

/** Rules with different actions that match the same call: libseccomp may take any of them. */
export interface RuleOverlap {
  readonly arch: string;
  readonly rules: readonly RulePlace[];
  /** The actions of these rules. */
  readonly actions: readonly string[];
  readonly calls: readonly string[];
  readonly example: VerifiedCall;
}

/** Counts of one architecture. */
export interface VerifiedSection {
  /** By libseccomp's name; `null`: architectures that are not in the spec. */
  readonly arch: string | null;
  /** System-call numbers tried. */
  readonly numbers: number;
  /** Calls with arguments that were run through the filter. */
  readonly evaluated: number;
  /** The filter's answer is one that the rules accept. */
  readonly agreed: number;
  readonly weaker: number;
  readonly stricter: number;
  readonly other: number;
  /** ENOSYS from the runtime's stub, for numbers above every call of the rules. */
  readonly stub: number;
  /**
   * Of `agreed`: the rule compares an argument that socketcall or ipc hides behind a pointer, so every answer with or
   * without it is accepted.
   */
  readonly hidden: number;
}

/** Length and hash of one filter. */
export interface VerifiedFilter {
  readonly instructions: number;
  /** Of its bytes. */
  readonly sha256: string;
  /** Instructions of a runtime's ENOSYS stub at its start; 0: it has none. */
  readonly stub: number;
}

/** The result of `bench verify`; in JSON, integers above 2^53 are decimal strings. */
export interface Verification {
  /** The rules, in words: `my.json on x86_64`. */
  readonly subject: string;
  /** What the file was read as, and which of its keys that leaves out; absent where every reader agrees. */
  readonly read?: string;
  readonly origin: FilterOrigin;
  /** The one loaded first comes first. */
  readonly filters: readonly VerifiedFilter[];
  /** By libseccomp's name. */
  readonly machine: string;
  /** Random evaluations and their seed; included in the counts. */
  readonly random: { readonly evaluations: number; readonly seed: number };
  readonly agrees: boolean;
  readonly sections: readonly VerifiedSection[];
  /** `weaker` first. */
  readonly differences: readonly FilterDifference[];
  readonly overlaps: readonly RuleOverlap[];
  /** What the spec has and no filter for this machine can have. */
  readonly leftOut: readonly LeftOut[];
  /** This machine's libseccomp; absent for a filter in a file. */
  readonly libseccomp?: LibseccompFacts;
}
