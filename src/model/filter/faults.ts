/** A known fault of a version of libseccomp that can make it build a wrong filter, or none. */
export interface KnownFault {
  /** Of the advisory or the issue: CVE-2019-9893, GHSA-4q85-33p6-j5g6, seccomp/libseccomp#370. */
  readonly id: string;
  /** What can happen, one sentence without a full stop. */
  readonly what: string;
  /** First version with it; `null`: all versions up to {@link fixedIn}. */
  readonly since: string | null;
  /** `null`: no version is known to be free of it. */
  readonly fixedIn: string | null;
  /** Of the fix or the advisory, year and month. */
  readonly date: string;
  /** Whether a filter that allows more than its rules can come of it. */
  readonly weakens: boolean;
}

/** The libseccomp that builds filters here, and what is known of it. */
export interface LibseccompFacts {
  readonly version: string;
  /** The runtime that uses it, `runc 1.3.6`; absent: it is this machine's. */
  readonly runtime?: string;
  /** Faults that the filter at hand has what it takes for; without a filter, all known ones. */
  readonly affecting: readonly KnownFault[];
  /** Known faults of this version of other kinds of filters. */
  readonly others: readonly KnownFault[];
}

/** Which version is free of a fault. */
export const fixWords = (fixedIn: string | null): string =>
  fixedIn === null ? 'not known to be fixed' : `fixed in ${fixedIn}`;
