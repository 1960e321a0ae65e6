import { invalidValue } from '../../errors.js';
import type { OutputRequest } from '../output/plan.js';
import { parseMargin } from './margin.js';
import { shareOf } from './values.js';

/** Where other tools' formats go: a file, or `-` for standard output. */
export interface ExportOptions {
  readonly exportHyperfine?: string;
  readonly exportGobench?: string;
  readonly exportGithubBenchmark?: string;
  readonly exportBencher?: string;
  readonly exportCsv?: string;
}

/** What makes a CI job fail although the run itself succeeded. */
export interface GateFlags {
  /** Percent; a comparison of CPU or wall time whose whole interval is slower than this fails. */
  readonly failIfSlower?: string;
  /** Anything that is not decided fails. */
  readonly strict?: boolean;
}

/** The options of a command that has results, as they were typed. */
export interface RawOutputOptions extends ExportOptions, GateFlags {
  readonly margin?: string;
  readonly reports: string;
  readonly report?: boolean;
  readonly name?: string;
  readonly json?: boolean;
}

/** Throws `usage`. */
export function outputRequest(
  options: RawOutputOptions,
  about: Pick<OutputRequest, 'kind' | 'resultsFolder' | 'showCalls'>,
): OutputRequest {
  const { exportHyperfine, exportGobench, exportGithubBenchmark, exportBencher, exportCsv } = options;
  return {
    ...about,
    margin: options.margin === undefined ? 0.01 : parseMargin(options.margin),
    gate: { failIfSlower: slowerLimit(options), strict: options.strict === true },
    reportsFolder: options.report === false ? null : options.reports,
    ...(options.name === undefined ? {} : { reportName: options.name }),
    json: options.json === true,
    exports: {
      ...(exportHyperfine === undefined ? {} : { hyperfine: exportHyperfine }),
      ...(exportGobench === undefined ? {} : { gobench: exportGobench }),
      ...(exportGithubBenchmark === undefined ? {} : { githubBenchmark: exportGithubBenchmark }),
      ...(exportBencher === undefined ? {} : { bencher: exportBencher }),
      ...(exportCsv === undefined ? {} : { csv: exportCsv }),
    },
  };
}

/** A share, or nothing. Throws `usage`. */
export function slowerLimit({ failIfSlower }: GateFlags): number | null {
  if (failIfSlower === undefined) return null;
  const share = shareOf(failIfSlower);
  if (share !== undefined) return share;
  throw invalidValue('--fail-if-slower', 'a percentage of at least 0', `"${failIfSlower}"`, {
    hint: 'For example --fail-if-slower 2%.',
  });
}
