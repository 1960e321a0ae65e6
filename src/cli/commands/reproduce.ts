import type { Command } from 'commander';
import { BenchError, unknownName } from '../../errors.js';
import type { Io } from '../../model/io.js';
import { LIMITS } from '../../model/run/limits.js';
import type { Scenario } from '../../model/run/scenario.js';
import type { Act } from '../act.js';
import { announcing, contextOf } from '../context.js';
import { measuringOutput, startsRequest } from '../measure.js';
import { NO_FINDINGS } from '../options/findings.js';
import { declareMeasuring, parseMeasuring } from '../options/measuring.js';
import type { MeasuringOptions, RawMeasuring } from '../options/measuring.js';
import { alias, finish, option } from '../options/option.js';
import { wholeOrNone } from '../options/values.js';

type RawReproduce = RawMeasuring & {
  readonly blocks?: string;
  /** Older names: of the sequential and of the parallel case alone. */
  readonly count?: string;
  readonly rounds?: string;
};

/** Fewer or more blocks than published, by kind of case; absent: as published. */
type Sizes = Readonly<Partial<Record<Scenario['kind'], number>>>;

const DOCUMENT = 'isulad-2021';

/** `bench reproduce isulad-2021`: runs the published cases this host can run and compares each figure. */
export function declareReproduce(cli: Command, act: Act): void {
  const command = cli
    .command('reproduce')
    .summary('measure the published cases')
    .description('measure the published cases that fit this host, and compare each with its published figure')
    .argument('<document>', DOCUMENT)
    .addOption(
      option(
        '--blocks <n>',
        'blocks of the sequential case, batches per arm of the parallel one (default: as published)',
        'common',
      ),
    )
    .addOption(alias('--count <n>', 'blocks of the sequential case alone'))
    .addOption(alias('--rounds <n>', 'batches per arm of the parallel case alone'));
  declareMeasuring(command);
  finish(command, ['bench reproduce isulad-2021', 'bench reproduce isulad-2021 --blocks 20 --engine runc']).action(
    (document: string, raw: RawReproduce) =>
      act((io) => {
        if (document !== DOCUMENT) throw unknownName(document, 'a published document', [DOCUMENT]);
        return reproduce(parseMeasuring(raw), sizesOf(raw), io);
      }),
  );
}

function sizesOf({ blocks, count, rounds }: RawReproduce): Sizes {
  const both = wholeOrNone('--blocks', blocks, LIMITS.rounds);
  const sequential = wholeOrNone('--count', count, LIMITS.count) ?? both;
  const parallel = wholeOrNone('--rounds', rounds, LIMITS.rounds) ?? both;
  return {
    ...(sequential === undefined ? {} : { sequential }),
    ...(parallel === undefined ? {} : { parallel }),
  };
}

async function reproduce(options: MeasuringOptions, sizes: Sizes, io: Io): Promise<number> {
  const [{ hostMachine, runExperiment }, { chartArchitecture, PUBLISHED_CASES }] = await Promise.all([
    import('../../experiment/index.js'),
    import('../../report/index.js'),
  ]);
  const architecture = chartArchitecture(hostMachine());
  const own = PUBLISHED_CASES.filter((published) => published.architecture === architecture);
  const plans = await Promise.all(
    own.map(async ({ id, containers }) => ({
      kind: 'run' as const,
      options,
      scenario: sized(await scenarioOf(`isulad-${id}-${containers}`, io), sizes),
      findings: NO_FINDINGS,
    })),
  );
  const [first] = plans;
  if (first === undefined) throw new RangeError('every machine with a payload has published cases');
  const output = await measuringOutput(first, io);
  const context = await contextOf(io, options.output);
  const folders: string[] = [];
  let [failed, notRemoved]: [number, Error | null] = [0, null];
  for (const [index, plan] of plans.entries()) {
    announcing(io, options.output).err(`\ncase ${own[index]?.id ?? ''}\n`);
    const result = await runExperiment(await startsRequest(plan, io), context);
    failed += result.failed;
    notRemoved ??= result.notRemoved;
    folders.push(...result.folders);
    if (io.signal.aborted)
      throw new BenchError('interrupted', `stopped; the results so far are in ${folders.join(', ')}`);
  }
  const [{ conclude }, { casesDocument, casesText }] = await Promise.all([
    import('../output/conclude.js'),
    import('../output/reproduction.js'),
  ]);
  return conclude({ folders, failed, notRemoved }, output, io, {
    text: casesText(own),
    document: casesDocument(own),
  });
}

async function scenarioOf(name: string, { cwd }: Io): Promise<Scenario> {
  const [{ loadScenario }, { packageRoot }] = await Promise.all([
    import('../../scenario/index.js'),
    import('../../package.js'),
  ]);
  return loadScenario(name, { cwd, packageRoot: packageRoot() });
}

/** The published case with other numbers of blocks; the size of a batch stays. */
function sized(scenario: Scenario, sizes: Sizes): Scenario {
  if (scenario.kind === 'sequential') return { ...scenario, count: sizes.sequential ?? scenario.count };
  return { ...scenario, rounds: sizes.parallel ?? scenario.rounds };
}
