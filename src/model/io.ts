/** How a command talks to the outside; made by `cli.ts`, faked in tests. */
export interface Io {
  /** To standard output; no newline is added. */
  readonly out: (text: string) => void;
  /** Bytes to standard output, which is not a terminal; absent: only text can be printed. */
  readonly outBytes?: (bytes: Uint8Array) => void;
  /** To standard error; no newline is added. */
  readonly err: (text: string) => void;
  /** All of standard input. Throws `input` where it is larger than `maxBytes` (absent: 16 MiB). */
  readonly stdin: (maxBytes?: number) => Promise<Buffer>;
  /** Columns of the terminal on standard error; `null`: not a terminal, or one that cannot redraw a line. */
  readonly columns: number | null;
  /** Columns of the terminal on standard output; `null`: not a terminal, so nothing is cut. */
  readonly outColumns: number | null;
  /** Whether colours may be used on standard output. */
  readonly colour: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** What was typed, for the record. */
  readonly commandLine: readonly string[];
  /** Aborted by SIGINT, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal;
}
