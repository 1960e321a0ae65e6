import type { Command } from 'commander';
import { conflict, missing } from '../../../errors.js';
import type { Io } from '../../../model/io.js';
import { FEWEST_FOR_VERDICT } from '../../../model/run/scenario.js';
import type { Act } from '../../act.js';
import { declareMeasuring, parseMeasuring } from '../../options/measuring.js';
import type { RawMeasuring } from '../../options/measuring.js';
import { finish, option } from '../../options/option.js';
import { declareDuet, parseDuet } from '../../options/run.js';
import type { RawDuet } from '../../options/run.js';
import { percentOption, properShareOf, wholeNumber } from '../../options/values.js';
import { printJson } from '../../output/json.js';
import type { PlanBasis } from './basis.js';
import { suggestion, typedOptions } from './suggestion.js';

type RawPlan = RawMeasuring & RawDuet & { readonly detect?: string; readonly pilot: string };

const MOST_PILOT = 100_000;

/** `bench plan`: measures a pilot, or reads results, and says which way sees an effect soonest. */
export function declarePlan(cli: Command, act: Act): void {
  const command = cli
    .command('plan')
    .summary('the quickest way to see an effect')
    .description(
      'run a short pilot in every mode, or read a results folder; print the ways to see an effect, quickest first',
    )
    .argument('<scenario>', 'sequential, parallel, a scenario, a results folder, or the effect for sequential: 0.58%')
    .addOption(option('--detect <percent>', 'smallest effect to detect, for example 0.58%', 'common'))
    .addOption(option('--pilot <n>', 'blocks or batches of the pilot, in each mode', 'common').default('40', '40'));
  declareDuet(declareMeasuring(command));
  finish(command, ['bench plan 0.58%', 'bench plan quick --detect 1% --engine crun --pilot 60']).action(
    (name: string, raw: RawPlan) => act((io) => plan(name, raw, { typed: typedOptions(command), io })),
  );
}

async function plan(
  argument: string,
  raw: RawPlan,
  { typed, io }: { readonly typed: readonly string[]; readonly io: Io },
): Promise<number> {
  const { name, effect } = asked(argument, raw);
  const blocks = wholeNumber('--pilot', raw.pilot, [FEWEST_FOR_VERDICT, MOST_PILOT]);
  const options = parseMeasuring(raw);
  if (options.stopping.length > 0)
    throw conflict('bench plan', '--for, --until or --budget', { hint: 'It suggests --until for the run itself.' });
  const { pilotBasis, recordedBasis } = await import('./basis.js');
  const basis =
    recordedBasis(name, options, io) ?? (await pilotBasis(name, { options, blocks, typed, ...parseDuet(raw) }, io));
  await print(basis, effect, io);
  return basis.failed > 0 ? 1 : 0;
}

/** What is planned for, and the effect: `0.58%` alone is an effect in starts one after the other. */
function asked(argument: string, { detect }: RawPlan): { readonly name: string; readonly effect: number } {
  const alone = argument.trim().endsWith('%') ? properShareOf(argument) : undefined;
  if (alone !== undefined && detect !== undefined)
    throw conflict(`bench plan ${argument}`, '--detect', { hint: 'Give the effect once.' });
  if (alone !== undefined) return { name: 'sequential', effect: alone };
  if (detect === undefined) throw missing('--detect', { hint: 'bench plan --help lists the options.' });
  return { name: argument, effect: percentOption('--detect', detect, 'For example --detect 0.58%.') };
}

async function print({ run, analysis, ...basis }: PlanBasis, effect: number, io: Io): Promise<void> {
  const { planRun, planWays } = await import('../../../statistics/index.js');
  const rows = planRun(analysis, { effect, blocks: basis.blocks, secondsPerBlock: basis.secondsPerBlock }).filter(
    ({ metric }) => metric === 'cpu' || metric === 'wall',
  );
  const ways = planWays(run.plan.tried ?? [], effect);
  const command = suggestion({ rows, ways, basis });
  if (basis.json) {
    printJson(io, 'plan', { results: [basis.folder], rows, ways, command });
    return;
  }
  const { adviceText, planRowText, waysText } = await import('../../output/plan-rows.js');
  const { outColumns } = io;
  const parallel = run.plan.scenario.kind === 'parallel';
  io.out(rows.map((row) => planRowText(row, parallel, outColumns)).join('\n'));
  io.out(waysText(ways, outColumns));
  io.out(adviceText(command, basis.named, outColumns));
}
