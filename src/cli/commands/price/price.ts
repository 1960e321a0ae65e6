import { release } from 'node:os';
import { relative, resolve } from 'node:path';
import { BenchError } from '../../../errors.js';
import { filterOfSource, hostMachine, priceTable, runExperiment, timedCalls } from '../../../experiment/index.js';
import type { CountedTable, PricedFilter } from '../../../experiment/index.js';
import type { FilterForm } from '../../../filter/index.js';
import type { CallsRequest } from '../../../model/experiment/request.js';
import type { Io } from '../../../model/io.js';
import type { ArmDefinition } from '../../../model/run/scenario.js';
import { readSource, sourceOptions } from '../../../profile/index.js';
import { readPercallFolder } from '../../../results/index.js';
import { percallArms } from '../../../scenario/index.js';
import { readCallTable, readCountsFile } from '../../../tracing/index.js';
import { contextOf } from '../../context.js';
import { targetOf } from '../../options/target.js';
import type { Target } from '../../options/target.js';
import { commonRequest } from '../../request.js';
import type { PriceOptions } from './options.js';

/** As in `bench percall`. */
const TIMING = { rounds: 25, loops: 1000, warmup: 1 } as const;

/** Reads the table and the profiles, takes the prices, and prints what the calls pay. Gives the exit code. */
export async function price(options: PriceOptions, io: Io): Promise<number> {
  const table = await tableOf(options, io);
  const kept = options.prices === null ? null : { folder: options.prices, prices: keptPrices(options.prices, io) };
  const host = kept?.prices.host;
  const target = targetOf(host === undefined ? hostMachine() : (host.daemon?.machine ?? host.machine));
  const filter = await filterOf(options.profile, target, { options, io });
  const against = options.against === undefined ? undefined : await filterOf(options.against, target, { options, io });
  const { folder, prices, failed } =
    kept === null ? await measured({ table, filter, against }, options, io) : { ...kept, failed: 0 };
  const priced = await priceTable(table, {
    filter,
    ...(against === undefined ? {} : { against }),
    prices,
    folder,
  });
  await show(priced, options, io);
  return failed > 0 ? 1 : 0;
}

async function tableOf({ table, conversion }: PriceOptions, io: Io): Promise<CountedTable> {
  const { maxBytes } = conversion;
  const file = await readCountsFile(table, io, {
    hint: 'Create one with strace -f -c -o counts.txt COMMAND.',
    ...(maxBytes === undefined ? {} : { maxBytes }),
  });
  const { calls, time, warnings } = readCallTable(file.text, file.shown, file.table);
  return { name: table === '-' ? file.shown : table, calls, time, warnings };
}

const keptPrices = (folder: string, { cwd }: Io) => readPercallFolder(resolve(cwd, folder));

/** A profile's filter as runtimes may build it. */
async function filterOf(
  file: string | undefined,
  target: Target,
  { options, io }: { readonly options: PriceOptions; readonly io: Io },
): Promise<PricedFilter> {
  const { conversion, dialect, policy } = options;
  const { capabilities, lenient, kernel } = conversion;
  const source = await readSource(file, io, sourceOptions({ ...conversion, dialect }));
  const inForm = (form: FilterForm) =>
    filterOfSource(source, target, {
      form,
      policy,
      dialect,
      capabilities,
      lenient,
      kernel: kernel ?? release(),
    }).filters;
  const plain = inForm('plain');
  return { name: file ?? 'the built-in profile', forms: [...plain, ...treeOf(source.kind, inForm)] };
}

/** A filter that came as it is has one form, and older versions of libseccomp build no tree. */
function treeOf(kind: string, inForm: (form: FilterForm) => PricedFilter['forms']): PricedFilter['forms'] {
  if (kind !== 'profile') return [];
  try {
    return inForm('tree');
  } catch (error) {
    if (error instanceof BenchError && error.code === 'environment') return [];
    throw error;
  }
}

interface ToMeasure {
  readonly table: CountedTable;
  readonly filter: PricedFilter;
  readonly against: PricedFilter | undefined;
}

/** Times calls in new containers under the profile, the one it is compared with, and no filter. */
async function measured(what: ToMeasure, options: PriceOptions, io: Io) {
  const { checkFolders } = await import('../../output/places.js');
  checkFolders({ ...options.output, reportsFolder: null }, io);
  const result = await runExperiment(await requestOf(what, options, io), await contextOf(io, options.output));
  const [folder = ''] = result.folders;
  if (result.notRemoved !== null) throw result.notRemoved;
  if (result.ended === 'interrupted')
    throw new BenchError('interrupted', `stopped before all prices were taken; ${folder} has those so far`);
  if (result.ended === 'runtimeChanged')
    throw new BenchError('runFailed', `the runtime was replaced while prices were taken; ${folder} has those so far`, {
      hint: 'Run again.',
    });
  const path = resolve(io.cwd, folder);
  return { folder: relative(io.cwd, path), prices: readPercallFolder(path), failed: result.failed };
}

async function requestOf({ table, filter, against }: ToMeasure, options: PriceOptions, io: Io): Promise<CallsRequest> {
  const { profile, dialect, policy, blocks } = options;
  const arm = (name: string, file: string | undefined): ArmDefinition => ({
    name,
    policy,
    ...(options.isPolicyGiven ? {} : { impliedPolicy: true }),
    ...(file === undefined ? {} : { profile: file }),
  });
  const arms = [arm('profile', profile), ...(against === undefined ? [] : [arm('against', options.against)])];
  const filters = [...filter.forms, ...(against?.forms ?? [])];
  return {
    kind: 'calls',
    ...(await commonRequest(options, io)),
    scenario: {
      kind: 'sequential',
      name: 'percall',
      arms: percallArms(arms),
      dialect,
      ...(profile === undefined ? {} : { profile }),
      count: blocks,
      warmup: TIMING.warmup,
      pauseMs: 0,
    },
    calls: timedCalls(table.calls, filters, hostMachine()),
    rounds: TIMING.rounds,
    loops: TIMING.loops,
    equalArms: 'refuse',
  };
}

async function show(
  priced: Awaited<ReturnType<typeof priceTable>>,
  { json, all }: PriceOptions,
  io: Io,
): Promise<void> {
  const { pricedWithSentences, renderPrice } = await import('../../../report/index.js');
  if (json) {
    const { printJson } = await import('../../output/json.js');
    printJson(io, 'price', pricedWithSentences(priced));
    return;
  }
  const { lookOf } = await import('../../output/look.js');
  io.out(renderPrice(priced, { ...lookOf(io), all }));
}
