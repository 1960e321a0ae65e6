/**
 * `problem`: something is installed and does not work; `warning`: measurements suffer, or a proof is impossible;
 * `not running`: a client is installed and no daemon answers; `missing`: something is not installed that the main job
 * does not need.
 */
export const FINDING_STATES = ['problem', 'warning', 'not running', 'missing', 'ok'] as const;
/** How bad a finding is: `problem` is the worst. */
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
  /** What was found and what it means, in one line. */
  readonly found: string;
  /** The shell command that would change it; `null` where nothing needs to change, or no command can change it. */
  readonly fix: string | null;
}

/** What `bench doctor` says about a machine. */
export interface Checkup {
  /** This program's version. */
  readonly bench: string;
  readonly os: string;
  readonly kernel: string;
  /** uname -m */
  readonly machine: string;
  /**
   * `engine`: the one that `--engine auto` takes, else the first that works when named; `null` where no engine can
   * start a container.
   */
  readonly mainJob: { readonly canRun: boolean; readonly engine: CheckedEngine | null };
  /** Engines first; always in the same order. */
  readonly findings: readonly Finding[];
}

/** An engine that has started a container. */
export interface CheckedEngine {
  /** As `--engine` takes it. */
  readonly name: string;
  /** Whether `--engine auto` takes it; otherwise it has to be named. */
  readonly automatic: boolean;
  /** The number alone where it has one; the built-in engine describes itself. */
  readonly version: string;
  readonly path: string | null;
  /** As `--runtime` takes it, where the engine has to be told. */
  readonly runtime?: string;
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

export const notRunning = (subject: Subject, found: string, fix: string | null): Finding =>
  finding(subject, 'not running', found, fix);
export const warning = (subject: Subject, found: string, fix: string | null = null): Finding =>
  finding(subject, 'warning', found, fix);
export const problem = (subject: Subject, found: string, fix: string | null = null): Finding =>
  finding(subject, 'problem', found, fix);

/** The version number in what a program prints for `--version`; its first line where there is no number. */
export const versionIn = (text: string): string =>
  /\d+(?:\.\d+)+[^\s,;)]*|(?<=release-)\d\S*/.exec(text)?.[0] ?? text.trim().split('\n')[0] ?? '';
