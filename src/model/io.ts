/** How a command talks to the outside; made by `cli.ts`, faked in tests. */
export interface Io {
  /** To standard output, as it stands (no newline is added). */
  readonly out: (text: string) => void;
  /** To standard error, as it stands. */
  readonly err: (text: string) => void;
  /** All of standard input. */
  readonly stdin: () => Promise<Buffer>;
  /** Columns of the terminal on stderr; `null` where that is no terminal (then progress is plain lines). */
  readonly columns: number | null;
  /** Whether colours may be used on standard output. */
  readonly colour: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** What was typed, for the record. */
  readonly commandLine: readonly string[];
  /** Aborted by SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
}
