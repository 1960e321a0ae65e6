/**
 * What a note is about. A code stands for one sentence, which the report makes (report/words); nothing else words it.
 */
export const NOTE_CODES = [
  /** A name that is no system call of any architecture; in a deny list the call that was meant stays open. */
  'unknown-name',
  /** A call that is newer than this libseccomp, in a rule that should close it: it stays open. */
  'newer-name',
  /** A rule that a broader one makes dead: it changes no answer. */
  'dead-rule',
  /** A masked comparison with a mask of 0, which always holds. */
  'zero-mask',
  /** A masked comparison whose value has bits outside the mask, which libseccomp ignores. */
  'value-outside-mask',
  /** A comparison that holds for no value, such as less than 0. */
  'never-holds',
  /** A comparison that holds for every value, such as 0 or more. */
  'always-holds',
  /** A rule that compares one argument twice: for runtimes any of its comparisons is enough. */
  'any-comparison',
  /** A comparison with a value above 32 bits, of an argument or on an architecture that has 32. */
  'beyond-32-bits',
  /** A comparison of an argument that is a pointer: the filter cannot see what it points to. */
  'pointer-condition',
  /** A rule that names no system call. */
  'no-names',
  /** A rule with the default action, which runtimes leave out. */
  'equals-default',
  /** ERRNO(0): the call returns 0 and does nothing. */
  'errno-zero',
  /** An errno above 16 bits, of which runtimes keep 16, or one that libseccomp refuses. */
  'errno-cut',
  /** NOTIFY without a listener. */
  'notify-without-listener',
  /** LOG is never in the kernel's bitmap and writes to the audit log. */
  'log-not-cached',
  /** TRACE without a tracer fails with ENOSYS. */
  'trace-without-tracer',
  /** exit, exit_group or both are not allowed: threads or programs cannot end. */
  'cannot-end',
  /** execve is not allowed: nothing can start. */
  'cannot-start',
  /** A flag that this runtime or this kernel does not know. */
  'unsupported-flag',
  /** An action that this runtime or this kernel does not know. */
  'unsupported-action',
  /** A key that this form's reader ignores. */
  'ignored-key',
] as const;
/** What a note is about. */
export type NoteCode = (typeof NOTE_CODES)[number];

/** One thing about a profile or a filter that its author would want to know. */
export interface Note {
  readonly code: NoteCode;
  /** `security`: it allows more than it seems to; `broken`: something will fail; `useless`: it has no effect. */
  readonly kind: 'security' | 'broken' | 'useless' | 'cost';
  /** File as the user named it. */
  readonly file: string;
  /** JSON path or `line 12`; `null`: the filter as a whole. */
  readonly path: string | null;
  /** What it is about: a call, a flag, an architecture; by libseccomp's or the specification's name. */
  readonly subject: string;
  /** What else the sentence needs, by name: the errno that remains, the rule that wins. */
  readonly detail?: Readonly<Record<string, string | number>>;
}
