import type { Command } from 'commander';
import { option, alias } from './option.js';
import { conflict } from '../../errors.js';

export interface RawQuiet {
  readonly quiet?: boolean;
}

/** `-q`. */
export const declareQuiet = (command: Command): Command =>
  command.addOption(option('-q, --quiet', 'print only results, warnings and errors', 'common'));

export const parseQuiet = ({ quiet = false }: RawQuiet): boolean => quiet;

export interface RawJson {
  readonly json?: boolean;
}

/** `--json`. */
export const declareJson = (command: Command): Command =>
  command.addOption(option('--json', 'print one JSON object instead of text', 'common'));

export const parseJson = ({ json = false }: RawJson): boolean => json;

export interface RawResults {
  readonly results: string;
}

/** `--results`. */
export const declareResults = (command: Command, about = 'parent folder for results'): Command =>
  command.addOption(option('--results <dir>', about, 'output').default('results', 'results'));

export interface RawReport {
  /** `false`: `--no-report`. */
  readonly report: string | boolean;
  /** The older name. */
  readonly reports?: string;
}

/** `-o`, and `--no-report` where a report is not what the command is for. */
export function declareReportFolder(command: Command, { optional = true } = {}): Command {
  command
    .addOption(option('-o, --report <dir>', 'parent folder for reports', 'common').default('reports', 'reports'))
    .addOption(alias('--reports <dir>', 'the same as --report'));
  return optional ? command.addOption(option('--no-report', 'do not write a report', 'output')) : command;
}

/** The folder for reports; `null`: no report. Throws `usage`. */
export function parseReportFolder({ report, reports }: RawReport): string | null {
  if (reports === undefined) return typeof report === 'string' ? report : report ? DEFAULT_REPORTS : null;
  if (typeof report === 'string' && report !== DEFAULT_REPORTS)
    throw conflict('--report', '--reports', { hint: 'They mean the same.' });
  return report === false ? null : reports;
}

const DEFAULT_REPORTS = 'reports';

export interface RawOutput extends RawQuiet, RawJson, RawResults, RawReport {}

/** Where results and reports go, and what is printed. */
export interface OutputOptions {
  readonly resultsFolder: string;
  /** `null`: no report. */
  readonly reportsFolder: string | null;
  readonly json: boolean;
  /** Neither progress nor announcements. */
  readonly quiet: boolean;
}

/** `-o`, `-q`, `--json`, `--results`, `--no-report`. */
export const declareOutput = (command: Command): Command =>
  declareResults(declareJson(declareQuiet(declareReportFolder(command))));

/** Throws `usage`. */
export const parseOutput = (raw: RawOutput): OutputOptions => ({
  resultsFolder: raw.results,
  reportsFolder: parseReportFolder(raw),
  json: parseJson(raw),
  quiet: parseQuiet(raw),
});
