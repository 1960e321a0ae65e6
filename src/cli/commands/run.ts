import type { Command } from 'commander';
import { conflict } from '../../errors.js';
import type { Io } from '../../model/io.js';
import type { CapacityScenario } from '../../model/run/capacity.js';
import type { Scenario } from '../../model/run/scenario.js';
import type { Act } from '../act.js';
import type { MeasuringPlan } from '../measure.js';
import { parseConversion } from '../options/conversion.js';
import { parseExports } from '../options/exports.js';
import { declareFindings, parseFindings } from '../options/findings.js';
import type { RawFindings } from '../options/findings.js';
import { declareMeasuring, parseMeasuring } from '../options/measuring.js';
import type { RawMeasuring } from '../options/measuring.js';
import { finish, option } from '../options/option.js';
import { parseOutput } from '../options/output.js';
import { declareDuet, parseDuet } from '../options/run.js';
import type { RawDuet } from '../options/run.js';
import { withBlocks } from '../options/scenario.js';
import { declareVariables, withVariables } from '../options/program.js';

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
      const own = await capacityOf(name, io);
      if (own !== null) return runCapacity(own, raw, { command, io });
      const plan = await runPlan(name, raw, io);
      const { measure } = await import('../measure.js');
      return measure(plan, io);
    }),
  );
}

/** A scenario of kind `capacity` with its file; `null`: containers are to be started. */
async function capacityOf(
  name: string,
  { cwd }: Pick<Io, 'cwd'>,
): Promise<{ readonly scenario: CapacityScenario; readonly file: string } | null> {
  const [{ findScenario, loadCapacityScenario }, { packageRoot }] = await Promise.all([
    import('../../scenario/index.js'),
    import('../../package.js'),
  ]);
  const places = { cwd, packageRoot: packageRoot() };
  const scenario = loadCapacityScenario(name, places);
  return scenario === null ? null : { scenario, file: findScenario(name, places) };
}

/** Options that say something where no container starts. */
const WITHOUT_CONTAINERS = new Set([
  ...['report', 'reports', 'json', 'quiet', 'results', 'exportCsv'],
  ...['caps', 'kernel', 'lenient', 'readAs', 'maxSize'],
]);

/** Throws `usage` for an option about containers. */
async function runCapacity(
  { scenario, file }: { readonly scenario: CapacityScenario; readonly file: string },
  raw: RawRunScenario,
  { command, io }: { readonly command: Command; readonly io: Io },
): Promise<number> {
  const given = command.options.find(
    (one) =>
      command.getOptionValueSource(one.attributeName()) === 'cli' && !WITHOUT_CONTAINERS.has(one.attributeName()),
  );
  if (given?.long !== undefined)
    throw conflict(given.long, `scenario ${scenario.name}`, {
      hint: 'It is of kind capacity, and starts no container.',
    });
  const { capacity } = await import('./capacity/capacity.js');
  const making = { conversion: parseConversion(raw) };
  return capacity({ scenario, making, output: parseOutput(raw), exports: parseExports(raw), inputs: [file] }, io);
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

/** Throws `usage`, `input` and `environment`. */
export async function runPlan(name: string, raw: RawRunScenario, { cwd }: Pick<Io, 'cwd'>): Promise<MeasuringPlan> {
  const options = parseMeasuring(raw);
  const findings = parseFindings(raw, raw);
  const [{ findScenario, loadScenario }, { packageRoot }] = await Promise.all([
    import('../../scenario/index.js'),
    import('../../package.js'),
  ]);
  const places = { cwd, packageRoot: packageRoot() };
  const loaded = loadScenario(name, places);
  const inputs = [findScenario(name, places)];
  const scenario = withDuet(withBlocks(withVariables(loaded, raw.env), raw.blocks, options.stopping), raw);
  if (scenario.kind !== 'parallel' || scenario.levels === undefined)
    return { kind: 'run', options, scenario, findings, inputs };
  if (options.stopping.length > 0)
    throw conflict(`scenario ${scenario.name}`, '--for, --until or --budget', {
      hint: 'It has several levels of concurrency, and a rule would end them at different times.',
    });
  return { kind: 'sweep', options, scenario, levels: scenario.levels, inputs };
}

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
