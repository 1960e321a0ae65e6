import type { ArchitectureDiff, CallDiff, DiffKind, NumberDiff } from '../../model/filter/diff.js';
import { ARROW, counted } from '../text/format.js';
import { argumentWords, shortArgumentWords } from '../words/arguments.js';

/** Calls with the same change on the same ABIs. */
export interface ChangeRow {
  /** None: the ABIs as a whole. */
  readonly calls: readonly string[];
  readonly abis: readonly string[];
  readonly text: string;
}

/** What was opened, what was closed, or what else changed. */
export interface KindView {
  readonly kind: DiffKind;
  /** Names of calls, each once. */
  readonly calls: number;
  readonly rows: readonly ChangeRow[];
}

const KINDS: readonly DiffKind[] = ['opened', 'closed', 'changed'];

/** Whether one side refuses every call of an ABI in the same way: then the ABI is told, not its calls. */
const isWhole = ({ uniformBefore, uniformAfter }: ArchitectureDiff): boolean =>
  [uniformBefore, uniformAfter].some((answer) => answer !== null && !isPass(answer));

/** An ABI under the name by which it is told. */
export type ToldAbi = ArchitectureDiff & { readonly label: string };

export const kindViews = (abis: readonly ToldAbi[]): readonly KindView[] => KINDS.map((kind) => kindView(abis, kind));

function kindView(architectures: readonly ToldAbi[], kind: DiffKind): KindView {
  const parts = architectures.filter((one) => !isWhole(one));
  const whole = architectures.filter(isWhole).flatMap((one) => wholeRow(one, kind));
  const calls = callRows(parts, kind);
  const numbers = numberRows(parts, kind);
  const count = [...whole, ...numbers].reduce((sum, row) => sum + row.count, 0);
  return {
    kind,
    calls: new Set(calls.flatMap((row) => row.calls)).size + count,
    rows: [...whole, ...calls, ...numbers],
  };
}

function callRows(architectures: readonly ToldAbi[], kind: DiffKind): readonly ChangeRow[] {
  const found = new Map<string, ChangeRow>();
  for (const { arch, label, calls } of architectures)
    for (const call of calls)
      for (const text of changeTexts(call, arch, kind)) {
        const key = `${call.name} ${text}`;
        found.set(key, { text, calls: [call.name], abis: [...(found.get(key)?.abis ?? []), label] });
      }
  return groupedRows([...found.values()]);
}

type CountedRow = ChangeRow & { readonly count: number };

function numberRows(architectures: readonly ToldAbi[], kind: DiffKind): readonly CountedRow[] {
  return architectures.flatMap(({ label, others }) =>
    others
      .filter(({ kinds }) => kinds.includes(kind))
      .map((one) => ({ calls: ['numbers without a name'], abis: [label], text: numberText(one), count: 1 })),
  );
}

/** Calls with the same text on the same ABIs stand together, those that changed for all arguments first. */
function groupedRows(rows: readonly ChangeRow[]): readonly ChangeRow[] {
  const found = new Map<string, ChangeRow>();
  for (const row of rows) {
    const key = `${row.abis.join()} ${row.text}`;
    const known = found.get(key);
    found.set(key, known === undefined ? row : { ...known, calls: [...known.calls, ...row.calls] });
  }
  const isForAll = ({ text }: ChangeRow): number => Number(/^\S+ \S+ \S+$/.test(text));
  return [...found.values()]
    .map((row) => ({ ...row, calls: row.calls.toSorted() }))
    .sort((one, other) => isForAll(other) - isForAll(one));
}

function wholeRow({ label, uniformBefore, uniformAfter, calls }: ToldAbi, kind: DiffKind): readonly CountedRow[] {
  const count = calls.filter(({ kinds }) => kinds.includes(kind)).length;
  if (count === 0) return [];
  const number = `${counted(count, 'call')} ${PAST[kind]}`;
  return [{ calls: [], abis: [label], text: `${number}; ${wholeWords(uniformBefore, uniformAfter)}`, count }];
}

function wholeWords(before: string | null, after: string | null): string {
  if (before !== null && after !== null) return `every call: ${before} ${ARROW} ${after}`;
  return before === null ? `now every call gets ${after ?? ''}` : `every call got ${before}`;
}

const PAST: Readonly<Record<DiffKind, string>> = { opened: 'opened', closed: 'closed', changed: 'changed' };

function changeTexts(call: CallDiff, arch: string, kind: DiffKind): readonly string[] {
  return call.changes.filter((change) => change.kind === kind).map((change) => changeText(call, arch, change));
}

export const isPass = (action: string): boolean => action === 'ALLOW' || action === 'LOG';

/** `families 0-37, 39, 41 and up; now also 40 (AF_VSOCK), before ERRNO(EPERM)` */
function changeText(call: CallDiff, arch: string, { kind, before, after, when }: CallDiff['changes'][number]): string {
  const answers = `${before} ${ARROW} ${after}`;
  if (when === null) return answers;
  const words = (set: CallDiff['before']['passes']): string => argumentWords(set ?? null, { call: call.name, arch });
  const short = (first: CallDiff['before']['passes'], then: typeof when): string =>
    shortArgumentWords(then, first ?? null, { call: call.name, arch });
  const was = call.before.passes;
  if (kind === 'opened' && isPass(after) && was !== undefined)
    return `${words(was)}; now also ${short(was, when)} (${answers})`;
  if (kind === 'closed' && isPass(before) && call.after.passes !== undefined)
    return `${words(was)}; no longer ${short(was, when)} (${answers})`;
  return `${words(when)}: ${answers}`;
}

const MOST_RANGES = 4;

function numberText({ ranges, before, after }: NumberDiff): string {
  const texts = ranges.slice(0, MOST_RANGES).map(([low, high]) => (low === high ? String(low) : `${low}-${high}`));
  const more = ranges.length - texts.length;
  const list = more > 0 ? `${texts.join(', ')} and ${more} more ranges` : texts.join(', ');
  return `${list}: ${before.join(' or ')} ${ARROW} ${after.join(' or ')}`;
}
