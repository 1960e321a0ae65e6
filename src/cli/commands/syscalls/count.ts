import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { CountsRequest } from '../../../model/experiment/request.js';
import type { Io } from '../../../model/io.js';
import type { Act } from '../../act.js';
import { contextOf } from '../../context.js';
import { declareArms, parseArms } from '../../options/arms.js';
import type { RawArms } from '../../options/arms.js';
import { declareConversion, declareProfile, parseConversion, parseProfile } from '../../options/conversion.js';
import type { RawConversion, RawProfile } from '../../options/conversion.js';
import { declareCounting, parseCountingRuns } from '../../options/counting.js';
import type { RawCounting } from '../../options/counting.js';
import { declareEngine, parseEngine } from '../../options/engine.js';
import type { RawEngine } from '../../options/engine.js';
import { finish, option } from '../../options/option.js';
import { declareJson, declareQuiet, parseJson, parseQuiet } from '../../options/output.js';
import type { RawJson, RawQuiet } from '../../options/output.js';
import { declareTimeout, parseTimeout } from '../../options/run.js';
import type { RawTimeout } from '../../options/run.js';
import { commonRequest } from '../../request.js';

type RawCount = RawArms &
  RawProfile &
  RawEngine &
  RawConversion &
  RawCounting &
  RawTimeout &
  RawQuiet &
  RawJson & { readonly output?: string; readonly all?: boolean };

/** `bench syscalls count`: the counting runs alone, nothing is timed. Exit code 1 where an arm could not be counted. */
export function declareCount(syscalls: Command, act: Act): void {
  const command = syscalls
    .command('count')
    .description(
      "count each arm's system calls, in the runtime and in the container, without timing and without a control",
    );
  declareProfile(declareArms(command));
  declareEngine(command);
  command.addOption(option('--output <file>', 'save the counts for bench syscalls diff', 'common'));
  command.addOption(option('--all', 'list every call', 'common'));
  declareJson(declareQuiet(command));
  declareConversion(command);
  declareTimeout(declareCounting(command));
  finish(command, [
    'bench syscalls count --arms before,after --output counts.json',
    'bench syscalls count --engine crun --count-repeats 5 --all',
  ]).action((raw: RawCount) => act((io) => countCalls(raw, io)));
}

async function countCalls(raw: RawCount, io: Io): Promise<number> {
  const [request, target] = [await requestOf(raw, io), raw.output === undefined ? null : resolve(io.cwd, raw.output)];
  const { writeTarget } = await import('../../output/export-target.js');
  if (target !== null) await checkTarget(target, request, io);
  const { runExperiment } = await import('../../../experiment/index.js');
  const { counts } = await runExperiment(request, await contextOf(io, { quiet: parseQuiet(raw) }));
  const { analyseCalls } = await import('../../../statistics/index.js');
  const analysis = analyseCalls(counts);
  if (analysis === undefined) throw new RangeError('counts have an analysis');
  if (target !== null)
    writeTarget(target, `${JSON.stringify(counts, null, 2)}\n`, '--output', 'Choose a writable folder.');
  await show(analysis, raw, io);
  return analysis.notCounted.length > 0 ? 1 : 0;
}

async function checkTarget(path: string, { scenario, engine }: CountsRequest, io: Io): Promise<void> {
  const { checkPlaces, inputsOf } = await import('../../output/places.js');
  const files = [{ flag: '--output', given: path, path, hint: 'Choose a writable folder.' }];
  checkPlaces({ files, resultsFolder: null, reportsFolder: null, inputs: inputsOf(scenario, engine) }, io);
}

async function requestOf(raw: RawCount, io: Io): Promise<CountsRequest> {
  const counting = parseCountingRuns(raw);
  const common = {
    engine: parseEngine(raw),
    conversion: parseConversion(raw),
    run: { seed: 0, pin: null, timeoutMs: parseTimeout(raw), maxFailures: null },
    output: { resultsFolder: '', quiet: parseQuiet(raw) },
  };
  const { makeScenario } = await import('../../../scenario/index.js');
  const made = makeScenario({ kind: 'sequential', count: 1, arms: parseArms(raw), ...parseProfile(raw) });
  // The control would show nothing that repeated counts of the baseline do not show.
  const scenario = { ...made, arms: made.arms.filter(({ copyOf }) => copyOf === undefined) };
  return { kind: 'counts', ...(await commonRequest(common, io)), scenario, counting };
}

async function show(
  analysis: import('../../../model/analysis/call-analysis.js').CallAnalysis,
  raw: RawCount,
  io: Io,
): Promise<void> {
  if (parseJson(raw)) {
    const [{ printJson }, { callsWithSentences }] = await Promise.all([
      import('../../output/json.js'),
      import('../../../report/index.js'),
    ]);
    printJson(io, 'syscallCounts', callsWithSentences(analysis));
    return;
  }
  const [{ renderCalls }, { lookOf }] = await Promise.all([
    import('../../../report/index.js'),
    import('../../output/look.js'),
  ]);
  io.out(renderCalls(analysis, { ...lookOf(io), all: raw.all === true }));
}
