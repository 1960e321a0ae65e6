/** Of the document `bench doctor --json` prints; a reader refuses what it does not know. */
export const CHECKUP_VERSION = 1;

/**
 * `problem`: something that is there does not work; `warning`: measurements suffer or a proof is not possible;
 * `missing`: something
 * that is not needed for the main job is not there.
 */
export const FINDING_STATES = ['problem', 'warning', 'missing', 'ok'] as const;
export type FindingState = (typeof FINDING_STATES)[number];

/** What was looked at. */
export interface Subject {
  /** Stable from version to version. */
  readonly id: string;
  readonly title: string;
}

/** One thing the main job, or an option of it, depends on. */
export interface Finding extends Subject {
  readonly state: FindingState;
  /** What is there, and what that means, in one line. */
  readonly found: string;
  /** The one shell command that would change it; `null` where nothing has to be, or no command can. */
  readonly fix: string | null;
}

/** What `bench doctor` says about a machine. */
export interface Checkup {
  readonly formatVersion: typeof CHECKUP_VERSION;
  /** This program's version. */
  readonly bench: string;
  readonly os: string;
  readonly kernel: string;
  /** uname -m */
  readonly machine: string;
  /**
   * `engine`: what `--engine auto` takes, else the first that works where it is asked for; `null` where nothing starts
   * a container.
   */
  readonly mainJob: { readonly canRun: boolean; readonly engine: CheckedEngine | null };
  /** Engines first; always in the same order. */
  readonly findings: readonly Finding[];
}

/** An engine that has started a container. */
export interface CheckedEngine {
  /** As `--engine` takes it. */
  readonly name: string;
  /** `--engine auto` takes it; else it has to be asked for. */
  readonly automatic: boolean;
  /** Its number alone where it has one; the built-in engine's own words. */
  readonly version: string;
  readonly path: string | null;
}

const finding = ({ id, title }: Subject, state: FindingState, found: string, fix: string | null): Finding => ({
  id,
  title,
  state,
  found,
  fix,
});

export const ok = (subject: Subject, found: string): Finding => finding(subject, 'ok', found, null);
export const missing = (subject: Subject, found: string, fix: string | null): Finding =>
  finding(subject, 'missing', found, fix);
export const warning = (subject: Subject, found: string, fix: string | null = null): Finding =>
  finding(subject, 'warning', found, fix);
export const problem = (subject: Subject, found: string, fix: string | null = null): Finding =>
  finding(subject, 'problem', found, fix);
