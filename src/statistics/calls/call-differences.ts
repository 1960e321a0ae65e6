import type {
  ArmCallTable,
  CallComparison,
  CallDifference,
  CallRow,
  DifferenceState,
  PartTable,
  Spread,
} from '../../model/analysis/call-analysis.js';
import { spreadWords } from '../../model/analysis/call-analysis.js';
import { CALL_PARTS } from '../../model/results/syscalls.js';
import type { CallPart } from '../../model/results/syscalls.js';

const NONE: Spread = { min: 0, max: 0 };
/** A sentence names so many calls; the table has all. */
const MOST_NAMED = 4;
const ONCE = 'one of the two was counted once, so what varies from run to run is among the differences';

/** One arm's calls beside the baseline's. */
export function compareCalls(
  baseline: Pick<ArmCallTable, 'arm' | 'parts' | 'repeats'>,
  arm: Pick<ArmCallTable, 'arm' | 'parts' | 'repeats'>,
): CallComparison {
  const calls = differences(baseline.parts, arm.parts, ({ rows }) => rows);
  const operations = differences(baseline.parts, arm.parts, (part) => part.operations);
  const parts = CALL_PARTS.filter((part) => calls.some((one) => one.part === part));
  const repeats = Math.min(baseline.repeats, arm.repeats);
  return {
    arm: arm.arm,
    baseline: baseline.arm,
    repeats,
    calls,
    operations,
    sentences: [...parts.map((part) => sentenceOf(part, repeats, calls, operations)), ...(repeats === 1 ? [ONCE] : [])],
  };
}

function differences(
  before: readonly PartTable[],
  after: readonly PartTable[],
  rowsOf: (part: PartTable) => readonly CallRow[],
): readonly CallDifference[] {
  return CALL_PARTS.flatMap((part) => {
    const [own, other] = [before, after].map((parts) => parts.find((one) => one.part === part));
    const [rows, otherRows] = [own === undefined ? [] : rowsOf(own), other === undefined ? [] : rowsOf(other)];
    const names = [...new Set([...rows, ...otherRows].map(({ name }) => name))].sort();
    return names.map((name) =>
      difference(
        part,
        name,
        rows.find((row) => row.name === name),
        otherRows.find((row) => row.name === name),
      ),
    );
  });
}

function difference(
  part: CallPart,
  name: string,
  before: CallRow | undefined,
  after: CallRow | undefined,
): CallDifference {
  // A call that never was had no error either, unless the counter does not tell errors.
  const errorsOf = (row: CallRow | undefined, other: CallRow | undefined): Spread | null =>
    row === undefined ? (other?.errors === null ? null : NONE) : row.errors;
  const found = {
    part,
    name,
    before: before?.calls ?? NONE,
    after: after?.calls ?? NONE,
    errorsBefore: errorsOf(before, after),
    errorsAfter: errorsOf(after, before),
    usecsBefore: before?.usecsPerCall ?? null,
    usecsAfter: after?.usecsPerCall ?? null,
  };
  return { ...found, state: stateOf(found) };
}

function stateOf({ before, after, errorsBefore, errorsAfter }: Omit<CallDifference, 'state'>): DifferenceState {
  if (![before, after, errorsBefore, errorsAfter].every(isStable))
    return before.max < after.min || after.max < before.min ? 'apart' : 'overlaps';
  return before.min === after.min && errorsBefore?.min === errorsAfter?.min ? 'same' : 'differs';
}

const isStable = (spread: Spread | null): boolean => spread === null || spread.min === spread.max;

/**
 * `runtime: 61 of 92 calls are the same in every run; 2 differ: mmap 40 → 36, ...; 29 vary between runs, 4 of them
 * beyond each other's range: ...`
 */
function sentenceOf(
  part: CallPart,
  repeats: number,
  calls: readonly CallDifference[],
  operations: readonly CallDifference[],
): string {
  const own = calls.filter((one) => one.part === part);
  const of = (state: DifferenceState): readonly CallDifference[] => own.filter((one) => one.state === state);
  const [differing, apart, overlapping] = [of('differs'), of('apart'), of('overlaps')];
  const asked = operations.filter((one) => one.part === part && one.state !== 'same');
  return [
    `${part}: ${of('same').length} of ${own.length} calls by name are counted the same in ${repeats === 1 ? 'both' : 'every run of both'}`,
    ...(differing.length === 0
      ? []
      : [
          `${differing.length} ${differing.length === 1 ? 'differs' : 'differ'}${repeats === 1 ? '' : ' exactly'}: ${named(differing)}`,
        ]),
    ...(apart.length === 0
      ? []
      : [`${apart.length} ${apart.length === 1 ? 'varies' : 'vary'}, but less than between the two: ${named(apart)}`]),
    ...(overlapping.length === 0
      ? []
      : [
          `${overlapping.length} ${overlapping.length === 1 ? 'varies' : 'vary'} between runs as much as between the two`,
        ]),
    ...(asked.length === 0 ? [] : [`of seccomp, prctl and bpf: ${named(asked)}`]),
  ].join('; ');
}

function named(differences: readonly CallDifference[]): string {
  const shown = differences.slice(0, MOST_NAMED).map((one) => `${one.name} ${wordsOf(one)}`);
  return [...shown, ...(differences.length > MOST_NAMED ? [`and ${differences.length - MOST_NAMED} more`] : [])].join(
    ', ',
  );
}

function wordsOf({ before, after, errorsBefore, errorsAfter }: CallDifference): string {
  const calls = `${spreadWords(before)} \u2192 ${spreadWords(after)}`;
  if (before.min !== after.min || before.max !== after.max || errorsBefore === null || errorsAfter === null)
    return calls;
  return `${calls} (errors ${spreadWords(errorsBefore)} \u2192 ${spreadWords(errorsAfter)})`;
}
