/** When a run ends before its count; the count is then the most it may take. */
export type StoppingRule =
  /** The 95 % interval reaches no further than this share (0.005 = 0.5 %) to either side. */
  | { readonly kind: 'halfWidth'; readonly width: number }
  /** Different or equivalent, by a group sequential test in 5 looks. */
  | { readonly kind: 'decided' }
  /** Time since the first measured block. */
  | { readonly kind: 'budget'; readonly milliseconds: number }
  | TimeRule;

/** The time of the whole run, from its start to its end. */
export interface TimeRule {
  readonly kind: 'time';
  readonly milliseconds: number;
  /** Of it, gone before the first container of the warm-up; in a request what was gone when it was made. */
  readonly spentMs: number;
}

/** The time that is kept for what comes after the last block: removing containers, checksums, analysis and report. */
export const reserveMs = ({ milliseconds }: Pick<TimeRule, 'milliseconds'>): number =>
  Math.min(MOST_RESERVE_MS, Math.max(LEAST_RESERVE_MS, RESERVE_SHARE * milliseconds));

const [RESERVE_SHARE, LEAST_RESERVE_MS, MOST_RESERVE_MS] = [0.06, 1500, 5000];

/** The rule that gives the whole run its time; `undefined`: there is none. */
export const timeRule = (rules: readonly StoppingRule[]): TimeRule | undefined =>
  rules.find((rule) => rule.kind === 'time');

/** Blocks before the first look of a run that may end by its half width: fewer do not show their noise well enough. */
export const FIRST_LOOK_BLOCKS = 100;
/** Blocks between looks. */
export const LOOK_EVERY_BLOCKS = 50;
