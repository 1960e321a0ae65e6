import { resolve } from 'node:path';
import { BenchError, conflict } from '../../errors.js';
import type { Io } from '../../model/io.js';
import { assertReportName } from '../../model/results/report-name.js';
import type { GateOptions } from '../../model/run/gate.js';
import type { CallsFormat, ExportFormat } from '../../report/export/index.js';
import { checkPlaces, type PlacedFile } from './places.js';

/** Files for other tools as they were typed, by format; `-` is standard output. */
export type ExportFiles = Readonly<Partial<Record<ExportFormat, string>>>;

/** What makes a CI job fail although the run itself succeeded. */
export interface GateSettings extends GateOptions {
  /** Whether a gate that cannot be evaluated lets the job pass, with a message. */
  readonly allowUndecided: boolean;
}

export const NO_GATE: GateSettings = { failIfSlower: null, strict: false, allowUndecided: false };

/** What to do with results once they are there. */
export interface OutputRequest {
  /** What is measured: priced calls have fewer formats for other tools. */
  readonly kind: 'starts' | 'calls' | 'capacity' | 'advice';
  /** A share (0.01 = 1 %); smaller changes count as none. */
  readonly margin: number;
  readonly gate: GateSettings;
  /** Folder in which the report's folder is made; `null`: no report. */
  readonly reportsFolder: string | null;
  /** Name of the report's folder; absent: that of the results. */
  readonly reportName?: string;
  /** Folder in which results are made; `null` where they exist already. */
  readonly resultsFolder: string | null;
  readonly exports: ExportFiles;
  /** Paths that the command reads; no export replaces one. */
  readonly inputs: readonly string[];
  /** The summary as JSON in place of text. */
  readonly json: boolean;
  /** Whether counted system calls are shown in the summary; they are always in the report. */
  readonly showCalls: boolean;
}

interface Declared {
  readonly flag: string;
  readonly format: ExportFormat;
  readonly title: string;
}

const DECLARED: readonly Declared[] = [
  { flag: '--export-hyperfine', format: 'hyperfine', title: 'hyperfine JSON' },
  { flag: '--export-gobench', format: 'gobench', title: 'Go benchmark text' },
  { flag: '--export-github-benchmark', format: 'githubBenchmark', title: 'github-action-benchmark JSON' },
  { flag: '--export-bencher', format: 'bencher', title: 'Bencher Metric Format' },
  { flag: '--export-csv', format: 'csv', title: 'CSV of all samples' },
];

/** An export with its place. */
export interface Target extends Declared {
  /** As it was typed. */
  readonly given: string;
  /** `null` for standard output. */
  readonly path: string | null;
}

/** Exports that can be written, as far as that can be known before there is anything to write. */
export interface ExportPlan {
  readonly targets: readonly Target[];
  /** For everything but the exports: where one of them is standard output, the rest goes to standard error. */
  readonly io: Io;
}

/** Checked: nothing in it can be refused for a typing error any more. */
export interface OutputPlan extends Omit<OutputRequest, 'exports' | 'kind' | 'inputs'> {
  readonly exports: ExportPlan;
}

/**
 * Checks where reports and exports go. Called before the first container, so that a typing error does not cost an hour
 * of measuring. Throws `usage` and `input`.
 */
export function planOutput({ exports, kind, inputs, ...request }: OutputRequest, io: Io): OutputPlan {
  const { reportName, json } = request;
  if (reportName !== undefined) assertReportName(reportName);
  const plan = planExports(exports, io);
  for (const target of plan.targets) assertKept(target, kind);
  const onOutput = plan.targets.find(({ path }) => path === null);
  if (json && onOutput !== undefined)
    throw conflict('--json', `${onOutput.flag} ${onOutput.given}`, { hint: 'Both print to standard output.' });
  checkPlaces({ ...request, files: filesOf(plan), inputs }, io);
  return { ...request, exports: plan };
}

/** The exports that become files. */
const filesOf = ({ targets }: ExportPlan): readonly PlacedFile[] =>
  targets.flatMap(({ path, ...target }) => (path === null ? [] : [{ ...target, path }]));

/** Throws `usage` for a format that cannot hold what is measured. */
export function assertKept({ flag, format }: Pick<Target, 'flag' | 'format'>, kind: OutputRequest['kind']): void {
  const formats: readonly ExportFormat[] = CALLS_FORMATS;
  if (kind === 'starts' || (kind === 'calls' && formats.includes(format))) return;
  if (kind === 'capacity') {
    if (format === 'csv') return;
    throw conflict(flag, 'the memory of a filter', { hint: 'It can be exported with --export-csv.' });
  }
  const known = DECLARED.filter((one) => formats.includes(one.format)).map((one) => one.flag);
  throw kind === 'calls'
    ? conflict(flag, 'priced calls', { hint: `Prices of calls can be exported with ${known.join(', ')}.` })
    : conflict(flag, 'advice', { hint: 'bench report exports its two results folders one by one.' });
}

/** As in the exports of the report stage, which is loaded only once there is something to export. */
const CALLS_FORMATS: readonly CallsFormat[] = ['githubBenchmark', 'bencher', 'csv'];

/** Exports with their places. Throws `usage`. */
function planExports(files: ExportFiles, io: Io): ExportPlan {
  const targets = DECLARED.flatMap((declared) => {
    const given = files[declared.format];
    return given === undefined ? [] : [targetOf(declared, given, io.cwd)];
  });
  const onOutput = targets.filter(({ path }) => path === null);
  if (onOutput.length > 1)
    throw new BenchError('usage', `${onOutput.map(({ flag }) => flag).join(' and ')} both write to standard output`, {
      hint: 'Give each export a different file; only one can be -.',
    });
  return {
    targets,
    io: onOutput.length > 0 ? { ...io, out: io.err, outColumns: io.columns, colour: false } : io,
  };
}

function targetOf(declared: Declared, given: string, cwd: string): Target {
  // Redirected to a file, /dev/stdout is that file: replacing it would pull it from under the process that writes to
  // it.
  if (given !== '')
    return { ...declared, given, path: given === '-' || given === '/dev/stdout' ? null : resolve(cwd, given) };
  throw new BenchError('usage', `${declared.flag}: expected a file, or - for standard output, got nothing`, {
    hint: `For example ${declared.flag} out.txt.`,
  });
}
