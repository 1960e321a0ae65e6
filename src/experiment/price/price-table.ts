import { createHash } from 'node:crypto';
import { BenchError } from '../../errors.js';
import type { Simulator } from '../../filter/index.js';
import type { PricedNote } from '../../model/analysis/priced-note.js';
import type { FilterWork, PricedCounts, PricedRow, PricedTable, PriceSpan } from '../../model/analysis/priced-table.js';
import type { PercallResult } from '../../model/results/percall/percall.js';
import type { CallCount } from '../../model/results/syscalls.js';
import type { PricedSide } from '../../statistics/index.js';
import { filterWorks } from './works.js';

/** A table of counted calls. */
export interface CountedTable {
  /** As given. */
  readonly name: string;
  readonly calls: readonly CallCount[];
  /** What its seconds are; `null`: it has none. */
  readonly time: PricedTable['time'];
  /** What is missing in it, one line each. */
  readonly warnings: readonly string[];
}

/** A filter that calls are priced under. */
export interface PricedFilter {
  /** The profile, as given. */
  readonly name: string;
  /** As runtimes may build it: the one that the timed run predicted or loaded is used, else the first. */
  readonly forms: readonly Simulator[];
}

/** What counted calls are priced with. */
export interface TablePricing {
  readonly filter: PricedFilter;
  /** Prices are then differences from this one, else from no filter. */
  readonly against?: PricedFilter;
  /** A run that timed calls (`bench percall`), read back. */
  readonly prices: PercallResult;
  /** Where the results folder is, for the record. */
  readonly folder: string;
}

/**
 * What the calls of a table would pay under a filter, without running the program: counts times prices that were
 * measured. Calls that were not timed themselves are priced by their number of instructions.
 *
 * Throws `input` where the run has no complete block.
 */
export async function priceTable(table: CountedTable, pricing: TablePricing): Promise<PricedTable> {
  const { analysePercall, priceCounts, pricePoints } = await import('../../statistics/index.js');
  const { filter, against, prices, folder } = pricing;
  const where = placeOf(prices);
  const analysis = analysePercall(prices);
  const [own, other] = [sideOf(filter, prices), against === undefined ? null : sideOf(against, prices)];
  const points = pricePoints(prices);
  if (points.length === 0 || analysis.blocks === 0)
    throw new BenchError('input', `${folder} has no price of a call under a filter`, {
      hint: 'Time calls again: bench percall.',
    });
  const counts = priceCounts(table.calls, { side: own.side, against: other?.side ?? null, points });
  const seconds = secondsOf(table);
  return {
    ...counts,
    table: table.name,
    profile: filter.name,
    against: against?.name ?? null,
    ...where,
    blocks: analysis.blocks,
    prices: folder,
    seconds,
    time: seconds === null ? null : table.time,
    share: shareOf(counts.total, seconds),
    notes: [
      ...table.warnings.map((words): PricedNote => ({ code: 'table', words })),
      ...analysis.warnings.map((warning): PricedNote => ({ code: 'prices', warning })),
      ...filterNote(filter.name, own),
      ...(other === null ? [] : filterNote(against?.name ?? '', other)),
      ...rowNotes(counts),
    ],
  };
}

/** The machine that the prices are of. */
function placeOf({ host }: PercallResult): Pick<PricedTable, 'machine' | 'kernel'> {
  return { machine: host.daemon?.machine ?? host.machine, kernel: host.daemon?.kernelRelease ?? host.kernel };
}

interface Side {
  readonly side: PricedSide;
  /** Instructions of the filter, and of the one that the runtime loaded; `null`: nothing says that it is another. */
  readonly other: { readonly built: number; readonly loaded: number } | null;
}

/** The form that an arm of the run has, and that arm. */
function sideOf({ forms }: PricedFilter, prices: PercallResult): Side {
  const { machine, kernel } = placeOf(prices);
  const [first] = forms;
  if (first === undefined) throw new RangeError('a filter has a form');
  const hashed = forms.map((form) => ({ form, hash: hashOf(form) }));
  for (const { arm, loaded, predicted } of prices.evidence) {
    const programs = loaded.state === 'seen' ? loaded.programs : [];
    const hashes = [predicted, ...programs].flatMap((one) => ('sha256' in one ? [one.sha256] : []));
    const form = hashed.find(({ hash }) => hashes.includes(hash))?.form;
    if (form === undefined) continue;
    const length = programs.reduce((sum, { instructions }) => sum + instructions, 0);
    const isOther = programs.length > 0 && length !== form.length;
    return {
      side: { works: filterWorks(form, machine, kernel), arm },
      other: isOther ? { built: form.length, loaded: length } : null,
    };
  }
  return { side: { works: filterWorks(first, machine, kernel), arm: null }, other: null };
}

/** As in the evidence of a run: of struct sock_filter in the order of this host. */
function hashOf({ instructions }: Simulator): string {
  const bytes = Buffer.alloc(instructions.length * 8);
  instructions.forEach(({ code, ifTrue, ifFalse, k }, index) => {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(ifTrue, index * 8 + 2);
    bytes.writeUInt8(ifFalse, index * 8 + 3);
    bytes.writeUInt32LE(k, index * 8 + 4);
  });
  return createHash('sha256').update(bytes).digest('hex');
}

function secondsOf({ calls, time }: CountedTable): number | null {
  if (time === null || calls.some(({ seconds }) => seconds === null)) return null;
  const seconds = calls.reduce((sum, one) => sum + (one.seconds ?? 0), 0);
  return seconds > 0 ? seconds : null;
}

function shareOf(total: PriceSpan | null, seconds: number | null): PricedTable['share'] {
  if (total === null || seconds === null) return null;
  return { low: total.shortest.ns / 1e9 / seconds, high: total.longest.ns / 1e9 / seconds };
}

const filterNote = (profile: string, { other }: Side): readonly PricedNote[] =>
  other === null ? [] : [{ code: 'otherFilter', profile, ...other }];

/** Paths longer or shorter by more than this factor are far from what was timed. */
const FAR = 1.25;

function rowNotes({ rows, timed }: PricedCounts): readonly PricedNote[] {
  const logged = rows.filter(({ work }) => work.answers.includes('LOG')).map(({ call }) => call);
  return [...beyondNote(rows, timed), ...(logged.length === 0 ? [] : [{ code: 'logged', calls: logged } as const])];
}

function beyondNote(rows: PricedCounts['rows'], timed: PricedCounts['timed']): readonly PricedNote[] {
  if (timed === null) return [];
  const isFar = ({ cached, fewest, most }: FilterWork): boolean =>
    !cached && (most > FAR * timed.most || fewest * FAR < timed.least);
  const worksOf = ({ work, against }: PricedRow): readonly FilterWork[] =>
    [work, ...(against === null ? [] : [against])].filter(isFar);
  const far = rows.filter((row) => row.basis === 'derived' && worksOf(row).length > 0);
  const works = far.flatMap(worksOf);
  if (works.length === 0) return [];
  return [
    {
      code: 'beyondTimed',
      calls: far.map(({ call }) => call),
      least: Math.min(...works.map(({ fewest }) => fewest)),
      most: Math.max(...works.map(({ most }) => most)),
      timed,
    },
  ];
}
