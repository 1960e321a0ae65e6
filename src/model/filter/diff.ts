import type { SystemCall } from './simulation.js';

/**
 * What a difference means for security. `opened`: something runs, or may run, that did not before; `closed`: the
 * reverse; `changed`: another errno, another way to be killed, logged or not.
 */
export type DiffKind = 'opened' | 'closed' | 'changed';

/** The part of a 64-bit argument that a term is about. */
export type ArgumentPart = 'whole' | 'low' | 'high';

/** A condition on one argument. */
export type ArgumentTerm =
  | {
      readonly kind: 'ranges';
      /** 0 to 5; `null`: the instruction pointer. */
      readonly argument: number | null;
      readonly part: ArgumentPart;
      /** Inclusive, unsigned, ascending. */
      readonly ranges: readonly (readonly [bigint, bigint])[];
    }
  | {
      readonly kind: 'bits';
      readonly argument: number | null;
      /** The argument under the mask equals the value, or differs from it. */
      readonly mask: bigint;
      readonly value: bigint;
      readonly equal: boolean;
    };

/** A set of arguments. */
export interface ArgumentSet {
  /** Whether these are exactly the arguments; otherwise the set is at most this large. */
  readonly exact: boolean;
  /** All arguments except these. */
  readonly except: boolean;
  /** Any of these; the terms of one hold together. One without terms: all arguments. */
  readonly cases: readonly (readonly ArgumentTerm[])[];
}

/** One answer that became another. */
export interface AnswerChange {
  readonly kind: DiffKind;
  /** ALLOW, ERRNO(EPERM), ... */
  readonly before: string;
  readonly after: string;
  /** The arguments it applies to; `null`: all. */
  readonly when: ArgumentSet | null;
  /** A call that was run through both filters and got these two answers. */
  readonly example: SystemCall;
}

/** An answer of one side. */
export interface SideAnswer {
  readonly action: string;
  /** The arguments that get it; `null`: all. */
  readonly when: ArgumentSet | null;
}

/** One side's treatment of a call. */
export interface CallSide {
  /** The most permissive first. */
  readonly answers: readonly SideAnswer[];
  /** The arguments with which the call passes (ALLOW or LOG); `null`: all; absent: none. */
  readonly passes?: ArgumentSet | null;
  /** Instructions executed, of all filters together. */
  readonly fewest: number;
  readonly most: number;
  /** Whether the kernel's bitmap has the call, so that no instruction is executed. */
  readonly cached: boolean;
}

/** One system call under both sides. */
export interface CallDiff {
  readonly name: string;
  /** As in seccomp_data.nr. */
  readonly nr: number;
  /** Those of `changes`; none: all answers are the same. */
  readonly kinds: readonly DiffKind[];
  readonly changes: readonly AnswerChange[];
  readonly before: CallSide;
  readonly after: CallSide;
  /** Why the answers were only sampled; absent: all arguments are accounted for. */
  readonly notProved?: string;
}

/** Numbers that no table knows and that both sides treat in the same way. */
export interface NumberDiff {
  /** From the smallest to the largest of each class, ascending; numbers that are not meant may lie between. */
  readonly ranges: readonly (readonly [number, number])[];
  /** How many numbers are meant. */
  readonly count: number;
  readonly kinds: readonly DiffKind[];
  /** Answers, the most permissive first. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly example: SystemCall;
}

/** An ABI of the machine under both sides. */
export interface ArchitectureDiff {
  /** By libseccomp's name. */
  readonly arch: string;
  /** The one answer to every call; `null`: it depends on the call. */
  readonly uniformBefore: string | null;
  readonly uniformAfter: string | null;
  /** All calls that libseccomp knows, by number. */
  readonly calls: readonly CallDiff[];
  /** Numbers without a name, by number. */
  readonly others: readonly NumberDiff[];
  /** The answer to the first number after the last one with a name: a call newer than the tables. */
  readonly newer: { readonly nr: number; readonly before: string; readonly after: string };
}

/** Size of one side. */
export interface SideSize {
  /** Filters; 0: none is loaded and every call passes. */
  readonly filters: number;
  readonly instructions: number;
  /** Instructions executed on the longest way through all filters. */
  readonly longest: number;
  /** Architectures that the filters compare with, by libseccomp's names. */
  readonly architectures: readonly string[];
}

/** How a comparison is known. */
export interface DiffProof {
  /**
   * `identical`: the two have the same instructions; `proved`: all numbers and arguments are accounted for; `sampled`:
   * not all are, for the reasons in `why`.
   */
  readonly state: 'identical' | 'proved' | 'sampled';
  readonly why: readonly string[];
  /** Calls that were run through both sides. */
  readonly evaluations: number;
}

/** Two filters, or two stacks of filters, compared on one machine. */
export interface FilterDiff {
  /** By libseccomp's name. */
  readonly machine: string;
  readonly before: SideSize;
  readonly after: SideSize;
  /** The ABIs of the machine: no other architecture's calls can occur there. */
  readonly architectures: readonly ArchitectureDiff[];
  readonly proof: DiffProof;
}
