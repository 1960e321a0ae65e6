import type { NamedCall } from '../results/percall/percall.js';
import type { Dialect } from '../profile/seccomp.js';
import type { RunEnd } from '../results/ledger.js';
import type { ConversionRequest, EngineRequest } from './request.js';

/** Where the counts come from that put often used calls first in a filter. */
export type CountsSource =
  /** The output of `strace -c`, or a syscalls.json. */
  | { readonly kind: 'file'; readonly path: string }
  /** A command line, run once under strace by /bin/sh. */
  | { readonly kind: 'observe'; readonly command: string };

/** What each option for a profile would save, measured. */
export interface AdviceRequest {
  /** A Docker-format profile; `null`: the built-in default. Never standard input, which can be read only once. */
  readonly profile: string | null;
  readonly dialect: Dialect;
  readonly counts: CountsSource | null;
  /** Calls to price. */
  readonly calls: readonly NamedCall[];
  /** Starts per arm. */
  readonly startBlocks: number;
  /** Containers per arm in which calls are priced. */
  readonly callBlocks: number;
  readonly engine: EngineRequest;
  readonly conversion: ConversionRequest;
  /** Of the order of arms; an unsigned 32-bit integer. */
  readonly seed: number;
  /** After which a container counts as hung. */
  readonly timeoutMs: number;
  /** Both runs end once more containers than that have failed; `null`: they go on. */
  readonly maxFailures: number | null;
  /** Folder in which the results folders are created. */
  readonly resultsFolder: string;
  /** What was typed, for the record; empty where the library was called. */
  readonly commandLine: readonly string[];
}

/** What advising leaves behind; the advice itself is in the results folders. */
export interface AdviceResult {
  /** Results folder of the starts. */
  readonly starts: string;
  /** Results folder of the priced calls; `null`: the run ended before them, or no call can be priced. */
  readonly calls: string | null;
  /** Results folder of the prices of actions; `null`: the profile has none, or the run ended before them. */
  readonly actions: string | null;
  readonly ended: RunEnd;
  /** Containers that failed, warm-up included. */
  readonly failed: number;
  /** Why something the engine made could not be removed; `null`: all is gone. */
  readonly notRemoved: Error | null;
}
