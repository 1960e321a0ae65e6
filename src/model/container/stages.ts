import type { Nanoseconds } from '../time.js';

/**
 * The parts of a container's life, in order and without gaps: the profile is converted; the spec is serialised and
 * written; the sandbox of its pod is made, where it is in one; the container is created; it is started, up to the first instruction of its program where that is known;
 * it runs and its end is seen; it is removed.
 */
export const STAGES = ['convert', 'write', 'sandbox', 'create', 'start', 'exit', 'remove'] as const;
/** A stage of a container's life. */
export type Stage = (typeof STAGES)[number];

/** The time of each stage, as far as an engine separates them. They add up to the container's wall time. */
export type StageTimes = Readonly<Partial<Record<Stage, Nanoseconds>>>;

/** The same as recorded, in nanoseconds. */
export type StagesNs = Readonly<Partial<Record<Stage, number>>>;
