import type { ExactComparison } from '../../model/analysis/analysis.js';
import type { ArmEvidence } from '../../model/run/evidence.js';
import { instructionsOf } from '../../model/filter/instructions.js';

type Quantity = ExactComparison['quantity'];

const READERS: Readonly<Record<Quantity, (evidence: ArmEvidence) => number | null>> = {
  architectures: ({ architectures, given }) => (given === undefined ? (architectures?.length ?? 0) : null),
  specBytes: ({ specBytes, given }) => (given === undefined ? specBytes : null),
  filterInstructions: countOf,
  writtenBytes: ({ written }) => written?.bytes ?? null,
  writtenLines: ({ written }) => written?.lines ?? null,
  writtenSections: ({ written }) => written?.sections ?? null,
};

function countOf(evidence: ArmEvidence): number | null {
  const count = instructionsOf(evidence);
  return 'instructions' in count ? count.instructions : null;
}

/** What is counted of an arm compared with its baseline: no sample, so no interval and no test. */
export function compareExactly(evidence: readonly ArmEvidence[], arm: string, baseline: string): ExactComparison[] {
  const own = evidence.find((one) => one.arm === arm);
  const base = evidence.find((one) => one.arm === baseline);
  // Most engines write nothing at a start.
  const writes = own?.written !== undefined || base?.written !== undefined;
  return (Object.keys(READERS) as Quantity[])
    .filter((quantity) => writes || !quantity.startsWith('written'))
    .map((quantity) => {
      const value = own === undefined ? null : READERS[quantity](own);
      const baselineValue = base === undefined ? null : READERS[quantity](base);
      return { arm, baseline, quantity, value, baselineValue, verdict: verdictOf(value, baselineValue) };
    });
}

function verdictOf(value: number | null, baseline: number | null): ExactComparison['verdict'] {
  if (value === null || baseline === null) return 'unknown';
  return value < baseline ? 'fewer' : value > baseline ? 'more' : 'same';
}
