import { resolve } from 'node:path';
import type { Command } from 'commander';
import { conflict, missing } from '../../../errors.js';
import type { Io } from '../../../model/io.js';
import type { Act } from '../../act.js';
import { declareCi, parseCi } from '../../options/ci.js';
import type { RawCi } from '../../options/ci.js';
import { parseExports } from '../../options/exports.js';
import { parseGate, parseMargin } from '../../options/gate.js';
import { finish, option } from '../../options/option.js';
import { parseOutput } from '../../options/output.js';
import { declareScenarioRun, runPlan } from '../run/index.js';
import type { RawRunScenario } from '../run/index.js';

type RawCommand = RawRunScenario & RawCi & { readonly from?: readonly string[] };

/** `bench ci`: a run, its gate, and what a CI system shows of both. */
export function declareCiCommand(cli: Command, act: Act): void {
  const command = cli
    .command('ci')
    .summary('run a scenario in CI: gate, job summary, annotations, comment')
    .description(
      'run a scenario, or take results that exist, and tell the CI system: job summary, annotations and outputs on ' +
        'GitHub, metrics on GitLab, Markdown elsewhere, and a comment for the pull request',
    )
    .argument('[scenario]', 'name or path')
    .addOption(option('--from <results...>', 'results folders to judge together, in place of a run', 'common'));
  declareCi(declareScenarioRun(command));
  finish(command, [
    'bench ci quick --fail-if-slower 2%',
    'bench ci --from results/* --fail-if-slower 2% --metric both',
  ]).action((scenario: string | undefined, raw: RawCommand) =>
    act(async (terminal) => {
      const { withCi } = await import('../../output/ci/tell.js');
      const options = parseCi(raw);
      return raw.from === undefined
        ? withCi(options, terminal, async (io, teller) => measured(scenario, raw, { io, teller }))
        : withCi(options, terminal, async (io, teller) => existing(scenario, raw, { command, io, teller }));
    }),
  );
}

type Teller = import('../../output/ci/tell.js').CiTeller;

interface Surroundings {
  readonly io: Io;
  readonly teller: Teller;
}

async function measured(scenario: string | undefined, raw: RawCommand, { io, teller }: Surroundings): Promise<number> {
  if (scenario === undefined)
    throw missing('a scenario or --from', { hint: 'For example bench ci quick, or bench ci --from results/NAME.' });
  const plan = await runPlan(scenario, raw, io);
  teller.expect({ name: plan.scenario.name, file: plan.inputs?.[0] ?? null, inputs: plan.inputs ?? [] });
  const { measure } = await import('../../measure.js');
  return measure(plan, io, teller.concluding(plan.options.gate));
}

async function existing(
  scenario: string | undefined,
  raw: RawCommand,
  { command, io, teller }: Surroundings & { readonly command: Command },
): Promise<number> {
  const folders = raw.from ?? [];
  if (scenario !== undefined) throw conflict('--from', 'a scenario', { hint: 'With --from nothing is measured.' });
  const [given] = measurementOptions(command);
  if (given !== undefined) throw conflict('--from', given, { hint: 'With --from nothing is measured.' });
  const gate = parseGate(raw);
  const [{ concludeFolders, kindOf }, { planOutput }, { assertStarts }] = await Promise.all([
    import('../../output/conclude.js'),
    import('../../output/plan.js'),
    import('../../output/ci/results.js'),
  ]);
  const kind = kindOf(folders.map((folder) => resolve(io.cwd, folder)));
  assertStarts(kind);
  teller.expect({ name: null, file: null, inputs: folders });
  const plan = planOutput(
    {
      ...parseOutput(raw),
      kind,
      margin: parseMargin(raw),
      gate,
      exports: parseExports(raw),
      resultsFolder: null,
      inputs: folders,
      showCalls: true,
    },
    io,
  );
  const code = await concludeFolders(folders, plan, io, teller.concluding(gate));
  return teller.failed() > 0 ? 1 : code;
}

/** Options that mean something without a measurement. */
const OF_RESULTS: ReadonlySet<string> = new Set([
  'from',
  'files',
  'annotate',
  'key',
  'report',
  'reports',
  'json',
  'quiet',
  'margin',
  'failIfSlower',
  'allowUndecided',
  'strict',
  'metric',
  'exportHyperfine',
  'exportGobench',
  'exportGithubBenchmark',
  'exportBencher',
  'exportCsv',
]);

/** Options of a measurement that were typed. */
const measurementOptions = (command: Command): readonly string[] =>
  command.options
    .filter((one) => command.getOptionValueSource(one.attributeName()) === 'cli')
    .filter((one) => !OF_RESULTS.has(one.attributeName()))
    .map(({ long, flags }) => long ?? flags);
