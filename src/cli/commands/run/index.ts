import type { Command } from 'commander';
import { conflict } from '../../../errors.js';
import type { Io } from '../../../model/io.js';
import type { FindingsRequest } from '../../../model/experiment/request.js';
import type { Scenario } from '../../../model/run/scenario.js';
import type { ScenarioFile, StartsSettings } from '../../../scenario/index.js';
import type { Act } from '../../act.js';
import type { MeasuringPlan } from '../../measure.js';
import { declareFindings, parseFindings } from '../../options/findings.js';
import type { RawFindings } from '../../options/findings.js';
import { declareMeasuring, parseMeasuring } from '../../options/measuring.js';
import type { RawMeasuring } from '../../options/measuring.js';
import { finish, option } from '../../options/option.js';
import { declareDuet, parseDuet } from '../../options/run.js';
import type { RawDuet, RunOptions } from '../../options/run.js';
import { withBlocks } from '../../options/scenario.js';
import { declareVariables, withVariables } from '../../options/program.js';

export type RawRunScenario = RawMeasuring &
  RawFindings &
  RawDuet & { readonly blocks?: string; readonly env?: readonly string[] };

/** `bench run`: a scenario from a file. */
export function declareRun(cli: Command, act: Act): void {
  runOptions(
    cli
      .command('run')
      .summary('run a scenario file')
      .description(
        'run a scenario file, from this folder or from the package (quick, isulad-x86_64-sequential-500, ...)',
      ),
  ).action((name: string, raw: RawRunScenario, command: Command) =>
    act(async (io) => {
      const file = await scenarioFile(name, io);
      if (file.kind !== 'starts') {
        const { runOwnKind } = await import('./kinds.js');
        return runOwnKind(file, raw, { command, io });
      }
      const plan = startsPlan(file, raw, parseAsked(raw));
      const { measure } = await import('../../measure.js');
      return measure(plan, io);
    }),
  );
}

/** The scenario file. Throws `input`. */
async function scenarioFile(name: string, { cwd }: Pick<Io, 'cwd'>): Promise<ScenarioFile> {
  const [{ loadScenarioFile }, { packageRoot }] = await Promise.all([
    import('../../../scenario/index.js'),
    import('../../../package.js'),
  ]);
  return loadScenarioFile(name, { cwd, packageRoot: packageRoot() });
}

export function runOptions(command: Command): Command {
  command.argument('<scenario>', 'name or path');
  return finish(declareScenarioRun(command), [
    'bench run quick --blocks 5',
    'bench run python-max-sqrt --env ROUNDS=1000000',
  ]);
}

/** The options of a run whose scenario is a file. */
export function declareScenarioRun(command: Command): Command {
  command.addOption(option('--blocks <n>', "measured blocks, in place of the scenario's count or rounds", 'common'));
  return declareDuet(declareFindings(declareVariables(declareMeasuring(command))));
}

/** Throws `usage`, `input` and `environment`, also for a scenario of another kind than starts. */
export async function runPlan(name: string, raw: RawRunScenario, { cwd }: Pick<Io, 'cwd'>): Promise<MeasuringPlan> {
  const asked = parseAsked(raw);
  const [{ loadStarts }, { packageRoot }] = await Promise.all([
    import('../../../scenario/index.js'),
    import('../../../package.js'),
  ]);
  return startsPlan(loadStarts(name, { cwd, packageRoot: packageRoot() }), raw, asked);
}

/** Throws `usage`. */
const parseAsked = (raw: RawRunScenario) => ({ parsed: parseMeasuring(raw), findings: parseFindings(raw, raw) });

type StartsFile = Extract<ScenarioFile, { readonly kind: 'starts' }>;

/** The same of a file that is read already. Throws `usage`. */
function startsPlan(
  { file, scenario: loaded, settings }: StartsFile,
  raw: RawRunScenario,
  { parsed, findings }: ReturnType<typeof parseAsked>,
): MeasuringPlan {
  const inputs = [file];
  const options = { ...parsed, run: withSettings(parsed.run, settings, loaded.name) };
  const scenario = withDuet(withBlocks(withVariables(loaded, raw.env), raw.blocks, options.stopping), raw);
  if (scenario.kind !== 'parallel' || scenario.levels === undefined)
    return { kind: 'run', options, scenario, findings: foundToo(findings, settings), inputs };
  refuseForLevels(scenario.name, options.run);
  if (options.stopping.length > 0)
    throw conflict(`scenario ${scenario.name}`, '--for, --until or --budget', {
      hint: 'It has several levels of concurrency, and a rule would end them at different times.',
    });
  return { kind: 'sweep', options, scenario, levels: scenario.levels, inputs };
}

/** What options or the file ask for. */
function withSettings(run: RunOptions, { counters, staged }: StartsSettings, name: string): RunOptions {
  const both = { counters: run.counters || counters === true, staged: run.staged || staged === true };
  if (both.counters && both.staged)
    throw conflict(run.counters ? '--counters' : `counters of scenario ${name}`, run.staged ? '--stages' : 'stages', {
      hint: 'Instructions are counted of whole starts.',
    });
  return { ...run, ...both };
}

function refuseForLevels(name: string, { counters, staged }: RunOptions): void {
  if (counters || staged)
    throw conflict(`scenario ${name}`, counters ? '--counters' : '--stages', {
      hint: 'It has several levels of concurrency, at which starts are not told apart.',
    });
}

/** The same of a program; an option replaces what the file says. */
const foundToo = (
  findings: FindingsRequest,
  { findings: { explain = true, touch = [], profiler = null } = {} }: StartsSettings,
): FindingsRequest => ({
  ...findings,
  explain: findings.explain && explain,
  touch: findings.touch.length > 0 ? findings.touch : touch,
  profiler: findings.profiler ?? profiler,
});

/** The scenario with `--duet` in place of its own. Throws `usage` where there are no blocks of single containers. */
function withDuet(scenario: Scenario, raw: RawDuet): Scenario {
  const { duet } = parseDuet(raw);
  if (duet === undefined) return scenario;
  if (scenario.kind === 'sequential') return { ...scenario, duet };
  if (duet !== 'always') return scenario;
  throw conflict('--duet', `the parallel scenario ${scenario.name}`, {
    hint: 'Its containers run at the same time already. Use --duet with a sequential scenario.',
  });
}
