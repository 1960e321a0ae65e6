/**
 * How the containers of a block share the cores: one after the other on any core, all on one core, or two arms at the
 * same time on a core each.
 */
export const MODES = ['solo', 'pinned', 'duet'] as const;
/** One of them. */
export type Mode = (typeof MODES)[number];

/** By metric; of duet blocks also that of the wall time under the load of the other arm. */
export interface Spreads {
  readonly cpu: number | null;
  readonly wall: number | null;
  readonly duetWall?: number | null;
}

/** A way that a pilot tried. */
export interface TriedMode {
  readonly mode: Mode;
  /** Complete blocks of the pilot. */
  readonly blocks: number;
  readonly secondsPerBlock: number;
  /**
   * The spread of one block's log ratio, of the arm where it is largest; `null` where the pilot does not show it. It
   * says nothing about the effect.
   */
  readonly spread: Spreads;
}

/** Why a run that has to fit into a time takes its mode. */
export type ModeReason =
  /** There is no other here, or it was asked for. */
  | 'only'
  /** The time is too short to try others. */
  | 'notTried'
  /** It gives the narrowest interval in this time. */
  | 'narrowest';

/** What a run that has to fit into a time was planned to be, from a pilot within that time. */
export interface TimePlan {
  /** Of the whole run. */
  readonly milliseconds: number;
  /** Gone when the first block of the warm-up began, the pilot included. */
  readonly spentMs: number;
  readonly tried: readonly TriedMode[];
  readonly mode: Mode;
  readonly reason: ModeReason;
  /** Measured blocks that are expected to fit. */
  readonly blocks: number;
  /** The half width of the 95 % interval then, as a share; `null` where the pilot does not show it. */
  readonly halfWidth: { readonly cpu: number | null; readonly wall: number | null };
}
