import type {
  ArmCallTable,
  CallComparison,
  CallDifference,
  CallRow,
  DifferenceState,
  PartTable,
  Spread,
} from '../../model/analysis/call-analysis.js';
import { CALL_PARTS } from '../../model/results/syscalls.js';
import type { CallPart } from '../../model/results/syscalls.js';

const NONE: Spread = { min: 0, max: 0 };

/** One arm's calls compared with the baseline's. */
export function compareCalls(
  baseline: Pick<ArmCallTable, 'arm' | 'parts' | 'repeats'>,
  arm: Pick<ArmCallTable, 'arm' | 'parts' | 'repeats'>,
): CallComparison {
  return {
    arm: arm.arm,
    baseline: baseline.arm,
    repeats: Math.min(baseline.repeats, arm.repeats),
    calls: differences(baseline.parts, arm.parts, ({ rows }) => rows),
    operations: differences(baseline.parts, arm.parts, (part) => part.operations),
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
  // A call that was never made had no error either, unless the counter does not report errors.
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
