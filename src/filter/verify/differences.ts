import { DIFFERENCE_KINDS } from '../../model/filter/verification.js';
import type {
  DifferenceKind,
  FilterDifference,
  RuleOverlap,
  VerifiedCall,
  VerifiedSection,
} from '../../model/filter/verification.js';
import type { SystemCall } from '../../model/filter/simulation.js';
import { actionText } from '../simulate/verdict.js';
import { ARGUMENTS } from './values.js';
import type { Expected, Section } from './expected.js';

/** A call, what the rules say of it, and what the filter answers. */
export interface Evaluation {
  readonly section: Section | undefined;
  readonly call: SystemCall;
  readonly expected: Expected;
  readonly answer: number;
  /** The answer comes from a runtime's stub, which answers numbers above all rules with ENOSYS. */
  readonly isStub: boolean;
}

type Counts = { -readonly [Key in keyof Omit<VerifiedSection, 'arch'>]: number };

interface Group<Shown> {
  readonly shown: Shown;
  readonly calls: Set<string>;
  evaluations: number;
  example: VerifiedCall;
}

/** Collects evaluations: counts, and one entry for all calls that differ, or overlap, in the same way. */
export class Findings {
  readonly #counts = new Map<string | null, Counts>();
  readonly #differences = new Map<string, Group<Omit<FilterDifference, 'calls' | 'evaluations' | 'example'>>>();
  readonly #overlaps = new Map<string, Group<Omit<RuleOverlap, 'calls' | 'example'>>>();

  /** How many numbers of an architecture were tried. */
  countNumbers(arch: string | null, numbers: number): void {
    this.#of(arch).numbers += numbers;
  }

  add(evaluation: Evaluation): void {
    const { section, expected, answer, isStub } = evaluation;
    const counts = this.#of(section?.name ?? null);
    counts.evaluated += 1;
    if (expected.answers.includes(answer)) {
      counts.agreed += 1;
      if (expected.hidden) counts.hidden += 1;
    } else if (isStub) counts.stub += 1;
    else {
      const kind = kindOf(answer, expected.answers);
      counts[kind] += 1;
      this.#differ(kind, evaluation);
    }
    if (expected.overlaps) this.#overlap(evaluation);
  }

  get sections(): readonly VerifiedSection[] {
    return [...this.#counts].map(([arch, counts]) => ({ arch, ...counts }));
  }

  get differences(): readonly FilterDifference[] {
    return [...this.#differences.values()]
      .map(({ shown, calls, evaluations, example }) => ({ ...shown, calls: [...calls], evaluations, example }))
      .sort((one, other) => DIFFERENCE_KINDS.indexOf(one.kind) - DIFFERENCE_KINDS.indexOf(other.kind));
  }

  get overlaps(): readonly RuleOverlap[] {
    return [...this.#overlaps.values()].map(({ shown, calls, example }) => ({ ...shown, calls: [...calls], example }));
  }

  #of(arch: string | null): Counts {
    const known = this.#counts.get(arch);
    if (known !== undefined) return known;
    const counts = { numbers: 0, evaluated: 0, agreed: 0, weaker: 0, stricter: 0, other: 0, stub: 0, hidden: 0 };
    this.#counts.set(arch, counts);
    return counts;
  }

  #differ(kind: DifferenceKind, { section, call, expected, answer }: Evaluation): void {
    const arch = section?.name ?? null;
    const { by, rules } = expected;
    const key = JSON.stringify([arch, by, rules, expected.answers, answer]);
    put(this.#differences, key, callOf(section, call), () => ({
      kind,
      arch,
      by,
      rules,
      expected: expected.answers.map(actionText),
      answer: actionText(answer),
    }));
  }

  #overlap({ section, call, expected }: Evaluation): void {
    if (section === undefined) return;
    const { rules, answers } = expected;
    put(this.#overlaps, JSON.stringify([section.name, rules]), callOf(section, call), () => ({
      arch: section.name,
      rules,
      actions: answers.map(actionText),
    }));
  }
}

function put<Shown>(groups: Map<string, Group<Shown>>, key: string, call: VerifiedCall, shown: () => Shown): void {
  const group = groups.get(key);
  const name = call.name ?? numberText(call.nr);
  if (group === undefined) groups.set(key, { shown: shown(), calls: new Set([name]), evaluations: 1, example: call });
  else {
    group.calls.add(name);
    group.evaluations += 1;
    if (effort(call) < effort(group.example)) group.example = call;
  }
}

/** Plain up to the bit of x32, above it in hexadecimal. */
const numberText = (nr: number): string => (nr < 0x40000000 ? String(nr) : `0x${nr.toString(16)}`);

/** By length: the simplest call to read. */
const effort = ({ args, name }: VerifiedCall): number =>
  args.reduce((sum, value) => sum + (value === 0n ? 0 : value.toString(16).length), name === null ? 1 : 0);

const callOf = (section: Section | undefined, { arch, nr, args = [] }: SystemCall): VerifiedCall => ({
  name: section?.names.get(nr) ?? null,
  nr,
  audit: arch,
  args: Array.from({ length: ARGUMENTS }, (_, index) => args[index] ?? 0n),
});

/** The kernel compares actions as signed numbers, without their data: the largest is the most permissive. */
function kindOf(answer: number, expected: readonly number[]): DifferenceKind {
  const given = permission(answer);
  const wanted = expected.map(permission);
  if (given > Math.max(...wanted)) return 'weaker';
  return given < Math.min(...wanted) ? 'stricter' : 'other';
}

const permission = (value: number): number => value & 0xffff0000;
