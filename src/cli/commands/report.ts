import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Io } from '../../model/io.js';
import type { Act } from '../act.js';
import { latestResults } from '../latest.js';
import { declareExports, parseExports } from '../options/exports.js';
import type { RawExports } from '../options/exports.js';
import { declareMargin, parseMargin } from '../options/gate.js';
import type { RawMargin } from '../options/gate.js';
import { finish, option } from '../options/option.js';
import {
  declareJson,
  declareQuiet,
  declareReportFolder,
  declareResults,
  parseJson,
  parseReportFolder,
} from '../options/output.js';
import type { RawOutput } from '../options/output.js';

type RawReportCommand = RawOutput & RawMargin & RawExports & { readonly name?: string };

/** `bench report`: analyses results again and writes the report, and the exports that are asked for. */
export function declareReport(cli: Command, act: Act): void {
  const command = cli
    .command('report')
    .summary('a new report from existing results')
    .description('analyse results and write a report: HTML page, pictures, summaries')
    .argument('[results...]', 'results folders for one report (default: the newest)')
    .addOption(option('--name <name>', "name of the report's folder (default: that of the results folder)", 'common'));
  declareJson(declareQuiet(declareReportFolder(command, { optional: false })));
  declareResults(declareMargin(command), 'where to find the newest results folder');
  declareExports(command);
  finish(command, [
    'bench report results/20260101-120000-sequential-500-1a2b3c4d',
    'bench report results/monday results/tuesday --name both-days',
  ]).action((results: readonly string[], raw: RawReportCommand) => act((io) => report(results, raw, io)));
}

async function report(results: readonly string[], raw: RawReportCommand, io: Io): Promise<number> {
  const options = {
    margin: parseMargin(raw),
    reportsFolder: parseReportFolder(raw),
    json: parseJson(raw),
    exports: parseExports(raw),
    ...(raw.name === undefined ? {} : { reportName: raw.name }),
  };
  const [{ concludeFolders, kindOf }, { NO_GATE, planOutput }] = await Promise.all([
    import('../output/conclude.js'),
    import('../output/plan.js'),
  ]);
  const given = results.length === 0 ? [await latestResults(raw.results, 'bench report', io)] : results;
  const folders = given.map((one) => resolve(io.cwd, one));
  const plan = planOutput(
    { ...options, kind: kindOf(folders), gate: NO_GATE, resultsFolder: null, inputs: folders, showCalls: true },
    io,
  );
  return concludeFolders(folders, plan, io);
}
