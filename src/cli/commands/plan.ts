import { resolve } from 'node:path';
import type { Command, Option } from 'commander';
import { BenchError, conflict, needs } from '../../errors.js';
import type { Io } from '../../model/io.js';
import type { OkSample, Sample } from '../../model/results/sample.js';
import { EMULATION_WORDS } from '../../model/run/emulation.js';
import type { PlanRow } from '../../model/run/planned.js';
import { blocksOf, FEWEST_FOR_VERDICT } from '../../model/run/scenario.js';
import type { Scenario } from '../../model/run/scenario.js';
import type { Act } from '../act.js';
import { contextOf } from '../context.js';
import { startsRequest } from '../measure.js';
import { NO_FINDINGS } from '../options/findings.js';
import { declareMeasuring, parseMeasuring } from '../options/measuring.js';
import type { MeasuringOptions, RawMeasuring } from '../options/measuring.js';
import { finish, option } from '../options/option.js';
import { percentOption, wholeNumber } from '../options/values.js';
import { printJson } from '../output/json.js';
import { shellQuote } from '../../model/shell-quote.js';

type RawPlan = RawMeasuring & { readonly detect: string; readonly pilot: string };

const MOST_PILOT = 100_000;

/** `bench plan`: measures a pilot and says how many blocks an effect needs. */
export function declarePlan(cli: Command, act: Act): void {
  const command = cli
    .command('plan')
    .summary('how many blocks an effect needs')
    .description('run a short pilot, then estimate how many blocks an effect needs and how long they take')
    .argument('<scenario>', 'sequential, parallel, or the name or path of a scenario')
    .addOption(
      option('--detect <percent>', 'smallest effect to detect, for example 0.58%', 'common').makeOptionMandatory(),
    )
    .addOption(option('--pilot <n>', 'blocks or batches of the pilot', 'common').default('40', '40'));
  declareMeasuring(command);
  finish(command, [
    'bench plan sequential --detect 0.58%',
    'bench plan quick --detect 1% --engine crun --pilot 60',
  ]).action((name: string, raw: RawPlan) =>
    act((io) => plan(name, raw, { typed: typedOptions(command, NOT_SUGGESTED), io })),
  );
}

/** Options of `plan` alone, and those that the suggested command has its own values for. */
const NOT_SUGGESTED = ['detect', 'pilot', 'for', 'until', 'budget', 'seed', 'json', 'quiet', 'report'];

async function plan(
  name: string,
  raw: RawPlan,
  { typed, io }: { readonly typed: readonly string[]; readonly io: Io },
): Promise<number> {
  const effect = percentOption('--detect', raw.detect, 'For example --detect 0.58%.');
  const blocks = wholeNumber('--pilot', raw.pilot, [FEWEST_FOR_VERDICT, MOST_PILOT]);
  const options = parseMeasuring(raw);
  if (options.stopping.length > 0)
    throw conflict('bench plan', '--for, --until or --budget', { hint: 'It suggests --until for the run itself.' });
  await refuseEmulation(io);
  const scenario = await scenarioOf(name, io);
  const { folder, failed } = await runPilot(pilotOf(scenario, blocks), options, io);
  const [{ analyseFolder }, { planRun }] = await Promise.all([
    import('../../reporting/index.js'),
    import('../../statistics/index.js'),
  ]);
  const { run, analysis } = analyseFolder(resolve(io.cwd, folder), { margin: options.margin });
  const parallel = scenario.kind === 'parallel';
  const rows = planRun(analysis, {
    effect,
    blocks: blocksOf(scenario),
    secondsPerBlock: secondsPerBlock(run.samples, analysis.blocksComplete),
  }).filter(({ metric }) => metric === 'cpu' || metric === 'wall');
  const command = suggestion(rows, name, typed);
  if (options.output.json) printJson(io, 'plan', { results: [folder], rows, command });
  else {
    const { adviceText, planRowText } = await import('../output/plan-rows.js');
    const { outColumns } = io;
    io.out(rows.map((row) => planRowText(row, parallel, outColumns)).join('\n'));
    io.out(adviceText(command, !isKind(name), outColumns));
  }
  return failed > 0 ? 1 : 0;
}

async function scenarioOf(name: string, { cwd }: Io): Promise<Scenario> {
  const [{ loadScenario, makeScenario }, { packageRoot }] = await Promise.all([
    import('../../scenario/index.js'),
    import('../../package.js'),
  ]);
  if (isKind(name)) return makeScenario({ kind: name });
  const scenario = loadScenario(name, { cwd, packageRoot: packageRoot() });
  if (scenario.kind === 'parallel' && scenario.levels !== undefined)
    throw new BenchError('usage', `scenario ${name} has several levels of concurrency: ${scenario.levels.join(', ')}`, {
      hint: 'Plan one level: bench plan parallel, or a scenario with one.',
    });
  return scenario;
}

/** The results folder of the pilot. Throws `interrupted` where it was stopped. */
async function runPilot(
  scenario: Scenario,
  options: MeasuringOptions,
  io: Io,
): Promise<{ readonly folder: string; readonly failed: number }> {
  const { checkFolders } = await import('../output/places.js');
  checkFolders({ ...options.output, reportsFolder: null }, io);
  const { runExperiment } = await import('../../experiment/index.js');
  const request = await startsRequest({ kind: 'run', options, scenario, findings: NO_FINDINGS }, io);
  const { folders, failed, notRemoved } = await runExperiment(request, await contextOf(io, options.output));
  const [folder = ''] = folders;
  if (io.signal.aborted) throw new BenchError('interrupted', `stopped; the results of the pilot are in ${folder}`);
  if (notRemoved !== null) throw notRemoved;
  return { folder, failed };
}

/** An emulator's noise says nothing about a processor's. Throws `environment`. */
async function refuseEmulation(io: Io): Promise<void> {
  const [{ EMULATION_VARIABLE, emulationOf, hostFilesUnder }, { hostMachine }] = await Promise.all([
    import('../../host/index.js'),
    import('../../experiment/index.js'),
  ]);
  const emulation = emulationOf(hostFilesUnder('/'), hostMachine(), io.env[EMULATION_VARIABLE]);
  if (emulation === null) return;
  throw needs(
    'planning',
    `a real machine, not an emulated one (${EMULATION_WORDS[emulation.kind]}; ${emulation.sign})`,
    {
      hint: 'The noise of an emulator differs from that of a processor. Plan on the machine you measure on.',
    },
  );
}

function pilotOf(scenario: Scenario, blocks: number): Scenario {
  const name = `pilot-${scenario.name}`;
  return scenario.kind === 'sequential' ? { ...scenario, name, count: blocks } : { ...scenario, name, rounds: blocks };
}

/** From the first measured start to the last end, shared out. */
function secondsPerBlock(samples: readonly Sample[], blocks: number): number {
  const ok = samples
    .filter((sample) => sample.kind === 'container')
    .filter((sample) => sample.state === 'ok' && !sample.warmup) as readonly OkSample[];
  const ends = ok.map((sample) => sample.startNs + sample.wallNs);
  const [first] = ok;
  return first === undefined || blocks === 0
    ? 0
    : (ends.reduce((most, end) => Math.max(most, end), 0) - first.startNs) / blocks / 1e9;
}

/** The command that keeps the promise even if the pilot misleads: it stops by its own interval. */
function suggestion(rows: readonly PlanRow[], name: string, typed: readonly string[]): string | null {
  const planned = rows.find(({ metric }) => metric === 'cpu')?.counts.find(({ power }) => power === 0.8);
  if (planned === undefined) return null;
  return shellQuote([
    'bench',
    ...(isKind(name) ? [name, '--blocks', String(planned.most)] : ['run', name]),
    '--until',
    `\u00b1${(100 * planned.halfWidth).toFixed(2)}%`,
    ...typed,
  ]);
}

const isKind = (name: string): name is Scenario['kind'] => name === 'sequential' || name === 'parallel';

/** The options that were typed, as words of a command line, without those named in `except` (as properties). */
function typedOptions(command: Command, except: readonly string[]): readonly string[] {
  return command.options
    .filter((one) => !except.includes(one.attributeName()))
    .filter((one) => command.getOptionValueSource(one.attributeName()) === 'cli')
    .flatMap((one) => typedWords(one, command.getOptionValue(one.attributeName()) as unknown));
}

/** An option and its negation share a property; only the one that was typed gives words. */
function typedWords(one: Option, value: unknown): readonly string[] {
  const flag = one.long ?? one.short ?? '';
  if (one.negate) return value === false ? [flag] : [];
  if (value === true) return [flag];
  if (Array.isArray(value)) return value.flatMap((item) => [flag, String(item)]);
  return typeof value === 'string' ? [flag, value] : [];
}
