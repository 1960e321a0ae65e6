import type { Verdict } from '../analysis/judgement.js';

/** Of every line of a history that is written now. */
export const HISTORY_FORMAT_VERSION = 1;

/** A commit of the program that was measured. */
export interface HistoryCommit {
  /** 40 or 64 hexadecimal digits. */
  readonly id: string;
  /** Its tag, as a version; `null`: it has none. */
  readonly label: string | null;
  /** @pattern ^\d\d\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?Z$ */
  readonly committedAt: string | null;
  /** Whether files of the work tree differed from it when the run was added. */
  readonly dirty: boolean;
}

/** What the ratios depend on, as far as it belongs to the machine and not to what is measured. */
export interface HistoryHost {
  /** uname -m */
  readonly machine: string;
  readonly cpuModel: string;
  /** @asType integer */
  readonly cpuCount: number;
  /** `uname -r`; only its first two numbers are part of the fingerprint. */
  readonly kernel: string;
  readonly governor: string | null;
  readonly cgroup: string;
  readonly virtualization: string | null;
  /** The emulator's kind; `null`: a real machine. */
  readonly emulation: string | null;
  readonly mitigations: Readonly<Record<string, string>>;
}

/** What may change a ratio and is part of what is measured; a change point tells which of them changed with it. */
export interface HistoryTools {
  /** Name and version of the engine. */
  readonly engine: string;
  readonly libseccomp: string | null;
  readonly node: string;
  readonly bench: string;
}

/** An arm's time over the baseline's, from pairs within blocks. A ratio, because times differ from run to run. */
export interface HistoryEffect {
  readonly arm: string;
  readonly baseline: string;
  readonly metric: 'cpu' | 'wall';
  readonly verdict: Verdict;
  /** Complete blocks. */
  readonly blocks: number;
  /** 1.02: 2 % more time than the baseline. */
  readonly ratio: number;
  /** 95 % interval; `null` where so few blocks have none. */
  readonly low: number | null;
  readonly high: number | null;
}

/** A line of a history: one run. */
export interface HistoryEntry {
  readonly formatVersion: typeof HISTORY_FORMAT_VERSION;
  /** The run's own id: no run is added twice. */
  readonly run: string;
  /** Name of its results folder. */
  readonly name: string;
  /** @pattern ^\d\d\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?Z$ */
  readonly startedAt: string;
  /** `null`: not known. */
  readonly commit: HistoryCommit | null;
  readonly scenario: string;
  /** `one at a time`, or `batches of 200, 50 in flight`: other shapes are other measurements. */
  readonly shape: string;
  /** SHA-256 of the scenario's canonical JSON. */
  readonly scenarioSha256: string;
  /** Name of the engine: part of the key, as the fingerprint is. */
  readonly engine: string;
  /** Of the host: the same for machines whose ratios can be compared. */
  readonly fingerprint: string;
  readonly host: HistoryHost;
  readonly tools: HistoryTools;
  readonly effects: readonly HistoryEffect[];
  /** Its report: a URL, or a path from the folder of the history; `null`: none. */
  readonly report: string | null;
}

/** A line that is not an entry. It stays in the file. */
export interface DamagedLine {
  /** From 1. */
  readonly line: number;
  /** `not JSON`, or what is wrong in it. */
  readonly reason: string;
}

/** A history as it was read. */
export interface History {
  /** In the order of the file, every run once. */
  readonly entries: readonly HistoryEntry[];
  readonly damaged: readonly DamagedLine[];
  /** Lines whose run an earlier line has already. */
  readonly repeated: readonly number[];
}
