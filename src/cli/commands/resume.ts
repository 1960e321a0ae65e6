import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Io } from '../../model/io.js';
import type { Act } from '../act.js';
import { contextOf } from '../context.js';
import { declareExports, parseExports } from '../options/exports.js';
import type { RawExports } from '../options/exports.js';
import { declareGate, declareGateMetric, declareMargin, parseGate, parseMargin } from '../options/gate.js';
import type { RawGate, RawMargin } from '../options/gate.js';
import { finish } from '../options/option.js';
import {
  declareJson,
  declareQuiet,
  declareReportFolder,
  parseJson,
  parseQuiet,
  parseReportFolder,
} from '../options/output.js';
import type { RawJson, RawQuiet, RawReport } from '../options/output.js';
import { declareMaxFailures, parseMaxFailures } from '../options/run.js';
import type { RawRun } from '../options/run.js';

type RawResume = RawMargin & RawGate & RawExports & RawReport & RawJson & RawQuiet & Pick<RawRun, 'maxFailures'>;

/** `bench resume`: the rest of a run that was killed, stopped or ended early. */
export function declareResume(cli: Command, act: Act): void {
  const command = cli
    .command('resume')
    .summary('continue a run that ended before its last block')
    .description(
      'continue a run that was killed, stopped or ended early: the same schedule, from the first block that is missing',
    )
    .argument('<results>', 'results folder');
  declareJson(declareQuiet(declareReportFolder(command)));
  declareMaxFailures(command);
  declareExports(declareGateMetric(declareGate(declareMargin(command))));
  finish(command, [
    'bench resume results/20260101T120000Z-sequential-500-1a2b3c4d',
    'bench resume results/20260101T120000Z-sequential-500-1a2b3c4d --json',
  ]).action((results: string, raw: RawResume) => act((io) => resume(results, raw, io)));
}

async function resume(results: string, raw: RawResume, io: Io): Promise<number> {
  const options = {
    margin: parseMargin(raw),
    gate: parseGate(raw),
    reportsFolder: parseReportFolder(raw),
    json: parseJson(raw),
    exports: parseExports(raw),
  };
  const maxFailures = raw.maxFailures === undefined ? undefined : parseMaxFailures(raw);
  const [{ planOutput }, { kindOf }, { resumeExperiment }] = await Promise.all([
    import('../output/plan.js'),
    import('../output/conclude.js'),
    import('../../experiment/index.js'),
  ]);
  const folder = resolve(io.cwd, results);
  const kind = kindOf([folder]);
  const target = { ...options, kind, resultsFolder: dirname(folder), inputs: [folder], showCalls: true };
  const plan = planOutput(target, io);
  const context = await contextOf(io, { quiet: parseQuiet(raw) });
  const result = await resumeExperiment(results, { ...context, maxFailures });
  const { conclude } = await import('../output/conclude.js');
  const exitCode = await conclude(result, plan, io);
  if (await isOfAdvice(folder))
    io.err('only the starts were resumed: for what each option is worth, run bench advise again\n');
  return exitCode;
}

/** A run of starts that `bench advise` began: it prices calls next, in a run of its own. */
async function isOfAdvice(folder: string): Promise<boolean> {
  const { planKindIn } = await import('../../results/index.js');
  const { command } = planKindIn(folder);
  return Array.isArray(command) && command[0] === 'advise';
}
