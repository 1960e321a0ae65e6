import { randomUUID } from 'node:crypto';
import { join, relative, resolve } from 'node:path';
import { BenchError } from '../../../errors.js';
import type { AnalysedRun } from '../../../model/analysis/analysis.js';
import type { Io } from '../../../model/io.js';
import {
  annotationLines,
  ciErrorMarkdown,
  ciMarkdown,
  ciEffects,
  commentMarker,
  decisiveEffect,
  metricsText,
  outputLines,
  percentText,
  warningsOf,
  withoutCommands,
} from '../../../report/index.js';
import type { Annotation, CiEffect, CiInput } from '../../../report/index.js';
import type { Analysed } from '../../../reporting/index.js';
import { sweepsOf } from '../../../statistics/index.js';
import type { CiOptions } from '../../options/ci.js';
import type { ConcludeOptions, Concluded } from '../conclude.js';
import type { Written } from '../documents.js';
import { gateOf, type Gate } from '../gate.js';
import type { GateSettings } from '../plan.js';
import { summaryText } from '../summary.js';
import { appendOutput, appendSummary, CiFiles, jobAddress, systemOf, type CiSystem } from './system.js';
import { failuresIn } from './results.js';

/** What is run, as far as it is known before there are results. */
export interface Expected {
  /** Name of the scenario; `null`: that of the results. */
  readonly name: string | null;
  /** Path of the scenario's file. */
  readonly file: string | null;
  /** Paths that are read. */
  readonly inputs: readonly string[];
}

/** Tells a CI system about one command. */
export interface CiTeller {
  /** Says what is going to be told, and checks where its files go. Throws `usage`, `input` and `environment`. */
  readonly expect: (expected: Expected) => void;
  /** How the conclusion tells it. */
  readonly concluding: (gate: GateSettings) => ConcludeOptions;
  /** Containers that failed, once the results are told. */
  readonly failed: () => number;
}

/**
 * Runs a command whose results a CI system is told. In a log of GitHub no text from outside is obeyed as a workflow
 * command. An error is told too, and thrown.
 */
export async function withCi(
  options: CiOptions,
  terminal: Io,
  work: (io: Io, teller: CiTeller) => Promise<number>,
): Promise<number> {
  const system = systemOf(terminal.env);
  const io = system === 'github' ? guarded(terminal) : terminal;
  const teller = new Teller(options, system, terminal);
  try {
    return await work(io, teller);
  } catch (error) {
    if (!io.signal.aborted) teller.tellError(error);
    throw system === 'github' ? guardedError(error) : error;
  }
}

/** The same error, whose lines on standard error are no workflow commands. */
function guardedError(error: unknown): unknown {
  if (error instanceof AggregateError) return new AggregateError(error.errors.map(guardedError), error.message);
  if (!(error instanceof BenchError)) return error;
  const { code, message, hint, help, details, cause } = error;
  return new BenchError(code, withoutCommands(message), {
    cause,
    details: details.map(withoutCommands),
    ...(hint === undefined ? {} : { hint: withoutCommands(hint) }),
    ...(help === undefined ? {} : { help }),
  });
}

/** Bytes past this guard are workflow commands of bench. */
const guarded = (io: Io): Io => ({
  ...io,
  out: (text) => {
    io.out(withoutCommands(text));
  },
  err: (text) => {
    io.err(withoutCommands(text));
  },
});

class Teller implements CiTeller {
  private expected: Expected = { name: null, file: null, inputs: [] };
  private files: CiFiles | null = null;
  /** What failed after that, a report for example, does not replace what was told. */
  private isTold = false;
  private failures = 0;

  constructor(
    private readonly options: CiOptions,
    private readonly system: CiSystem,
    private readonly terminal: Io,
  ) {}

  expect(expected: Expected): void {
    this.expected = expected;
    this.files = new CiFiles(this.options.folder, expected.inputs, this.terminal);
  }

  concluding(settings: GateSettings): ConcludeOptions {
    return {
      text: (analysed, look) =>
        this.system === 'other' && analysed.kind === 'starts'
          ? ciMarkdown(this.input(analysed.runs, gateOf(analysed, settings), look.reportPath), {
              most: MOST_BYTES.summary,
              folded: false,
            })
          : summaryText(analysed, look),
      document: (analysed, written) => ({
        kind: 'ci',
        document: { ...written, system: this.system, ...figuresOf(analysed, settings), files: this.paths() },
      }),
      tell: (concluded) => {
        this.tell(concluded);
      },
    };
  }

  failed(): number {
    return this.failures;
  }

  /** An error that ended the command before there was a result to tell. */
  tellError(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.annotate([{ level: 'error', message }]);
    if (this.isTold) return;
    this.files?.write('comment', ciErrorMarkdown(message, { marker: this.marker([]) }));
  }

  private tell({ analysed, gate, written }: Concluded): void {
    if (analysed.kind !== 'starts') return;
    this.isTold = true;
    this.failures = failuresIn(analysed);
    const { runs } = analysed;
    const input = this.input(runs, gate, written.report);
    const effects = ciEffects(runs);
    const marker = this.marker(runs);
    this.files?.write('comment', ciMarkdown(input, { most: MOST_BYTES.comment, folded: true, marker }));
    this.files?.write('summary', ciMarkdown(input, { most: MOST_BYTES.summary, folded: false }));
    this.files?.write('metrics', metricsText(effects));
    if (this.system !== 'github') return;
    const { env } = this.terminal;
    appendSummary(env, (most) => ciMarkdown(input, { most, folded: false }));
    const values = outputsOf(decisiveEffect(effects), gate, { ...written, files: this.paths() });
    appendOutput(env, outputLines(values, `bench_${randomUUID()}`));
    this.annotate(annotationsOf(analysed, gate));
  }

  private input(runs: readonly AnalysedRun[], { lines }: Pick<Gate, 'lines'>, report: string | null): CiInput {
    return { runs, sweeps: sweepsOf(runs), gate: lines, report, job: jobAddress(this.terminal.env, this.system) };
  }

  private paths(): CiPaths {
    const { folder } = this.options;
    return {
      comment: join(folder, 'comment.md'),
      summary: join(folder, 'summary.md'),
      metrics: join(folder, 'metrics.txt'),
    };
  }

  private marker(runs: readonly AnalysedRun[]): string {
    const name = this.expected.name ?? runs[0]?.run.plan.scenario.name ?? 'results';
    return commentMarker(this.options.key ?? name);
  }

  private annotate(annotations: readonly Annotation[]): void {
    if (this.system !== 'github') return;
    const lines = annotationLines(annotations, { file: this.annotatedFile(), title: 'bench' });
    // With --json standard output holds one object alone.
    this.terminal.err(lines);
  }

  /** Relative to the workspace; `null` for a file outside of it, of the package for example. */
  private annotatedFile(): string | null {
    const { cwd, env } = this.terminal;
    const file = this.options.annotate ?? this.expected.file;
    if (file === null) return null;
    const path = relative(env['GITHUB_WORKSPACE'] ?? cwd, resolve(cwd, file));
    return path.startsWith('..') || path === '' ? null : path;
  }
}

/** GitHub takes 65,536 characters in a comment and 1 MiB in a summary, GitLab a million characters in a note. */
const MOST_BYTES = { comment: 60_000, summary: 1_000_000 } as const;

/** Files of one command, as paths from the current folder. */
export interface CiPaths {
  readonly comment: string;
  readonly summary: string;
  readonly metrics: string;
}

function figuresOf(analysed: Analysed, settings: GateSettings) {
  const { state, lines } = gateOf(analysed, settings);
  const effects = analysed.kind === 'starts' ? ciEffects(analysed.runs) : [];
  return { gate: state, because: lines, decisive: decisiveEffect(effects), effects };
}

const numberText = (percent: number | null): string => (percent === null ? '' : percentText(percent));

/** Values for later steps; empty where there is none. */
const outputsOf = (
  effect: CiEffect | null,
  { state }: Gate,
  { results, report, files }: Written & { readonly files: CiPaths },
): Readonly<Record<string, string>> => ({
  ...effectOutputs(effect),
  gate: GATE_OUTPUTS[state],
  report: report ?? '',
  results: results.join(' '),
  comment: files.comment,
});

function effectOutputs(effect: CiEffect | null): Readonly<Record<string, string>> {
  if (effect === null) return { verdict: '', arm: '', baseline: '', metric: '', change: '', low: '', high: '' };
  const { verdict, arm, baseline, metric, change, low, high } = effect;
  return {
    verdict,
    arm,
    baseline,
    metric,
    change: numberText(change),
    low: numberText(low),
    high: numberText(high),
  };
}

const GATE_OUTPUTS: Readonly<Record<Gate['state'], string>> = {
  notAsked: 'not-asked',
  passed: 'passed',
  failed: 'failed',
  notEvaluated: 'not-evaluated',
  undecided: 'undecided',
};

/** What fails the job is an error, what a reader should know a warning. */
function annotationsOf(analysed: Extract<Analysed, { kind: 'starts' }>, gate: Gate): readonly Annotation[] {
  const failed = failuresIn(analysed);
  const level = gate.exitCode === 0 ? 'warning' : 'error';
  return [
    ...(failed === 0 ? [] : [{ level: 'error', message: `${failed} containers failed; see the report` } as const]),
    ...(gate.state === 'passed' ? [] : gate.lines.map((message) => ({ level, message }) as const)),
    ...analysed.runs.flatMap(warningsOf).map((message) => ({ level: 'warning', message }) as const),
  ];
}
