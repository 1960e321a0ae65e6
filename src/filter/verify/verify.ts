import type { SystemCall } from '../../model/filter/simulation.js';
import type { Verification } from '../../model/filter/verification.js';
import type { SeccompSpec } from '../../model/profile/seccomp.js';
import { knownArchitectures } from '../inspect/calls.js';
import { encodeFilter, filterFacts } from '../inspect/instructions.js';
import { stubOf } from '../inspect/stub.js';
import { RETURN } from '../simulate/actions.js';
import type { Simulator } from '../simulate/simulate.js';
import { executeAll, leastPermissive, sectionsOf } from '../simulate/survey.js';
import { examplesOf } from '../simulate/verdict.js';
import { Findings } from './differences.js';
import { Draws } from './draws.js';
import { Oracle } from './expected.js';
import type { Section } from './expected.js';
import { numbersOf } from './numbers.js';
import { rulesOfSpec } from './rules.js';
import type { RuleSet } from './rules.js';
import { ARGUMENTS, argumentsToTry, candidatesOf, randomArgument } from './values.js';
import type { RulePlace } from '../../model/filter/verification.js';

/** Random evaluations, unless told otherwise. */
export const RANDOM_EVALUATIONS = 4000;
const ENOSYS = 38;
/** Steps for the ways of all calls together; calls after that are tried with boundary values only. */
const STEPS_IN_ALL = 4_000_000;
const STEPS_PER_CALL = 100_000;
/** Architecture numbers that no kernel has. */
const UNKNOWN_ARCHITECTURES = [0, 0xffffffff];
const NUMBERS_OF_FOREIGN = 512;

/** How a filter is verified. */
export interface VerifyOptions {
  /** By libseccomp's name; its architecture is in every filter. */
  readonly machine: string;
  /** Random evaluations besides the systematic ones. Default: {@link RANDOM_EVALUATIONS}. */
  readonly random?: number;
  /** Of the random evaluations. Default: 1. */
  readonly seed?: number;
  /** Where the spec's rule of an index stands; default: `syscalls[INDEX]` of `linux.seccomp`. */
  readonly placeOf?: (index: number) => RulePlace;
}

/** The part of a {@link Verification} that the filters and the rules decide. */
export type FilterVerification = Pick<
  Verification,
  'filters' | 'machine' | 'random' | 'agrees' | 'sections' | 'differences' | 'overlaps'
>;

/**
 * Whether filters (oldest first, as loaded) answer as a spec's rules say: for every number of every architecture, with
 * the boundary values of every comparison of the rules, with an example of every way through the filters, and with
 * random arguments. The rules are read as runtimes and seccomp_rule_add(3) define them, without libseccomp's filter.
 *
 * Throws `input` for a spec that no runtime could load and for an architecture that libseccomp does not know.
 */
export const verifyFilter = (
  filters: readonly Simulator[],
  spec: SeccompSpec,
  options: VerifyOptions,
): FilterVerification => {
  const { machine, placeOf = (index) => ({ file: 'linux.seccomp', path: `syscalls[${index}]` }) } = options;
  return verifyRules(filters, rulesOfSpec(spec, machine, placeOf), options);
};

/** {@link verifyFilter} for rules from elsewhere. */
export function verifyRules(
  filters: readonly Simulator[],
  rules: RuleSet,
  { machine, random = RANDOM_EVALUATIONS, seed = 1 }: VerifyOptions,
): FilterVerification {
  const verifier = new Verifier(filters, new Oracle(rules), seed);
  verifier.systematic();
  verifier.foreign();
  verifier.random(random);
  const { sections, differences, overlaps } = verifier.findings;
  return {
    machine,
    filters: filters.map(({ instructions, order }) => ({
      ...filterFacts(encodeFilter(instructions, order)),
      stub: stubOf(instructions)?.instructions ?? 0,
    })),
    random: { evaluations: random, seed },
    agrees: differences.length === 0,
    sections,
    differences,
    overlaps,
  };
}

/** Runs calls through the filters and asks the oracle about each. */
class Verifier {
  readonly findings = new Findings();
  readonly #draws: Draws;
  /** Length of a runtime's stub at the start of each filter. */
  readonly #stubs: readonly number[];
  #steps = STEPS_IN_ALL;

  constructor(
    private readonly filters: readonly Simulator[],
    private readonly oracle: Oracle,
    seed: number,
  ) {
    this.#draws = new Draws(seed);
    this.#stubs = filters.map(({ instructions }) => stubOf(instructions)?.instructions ?? 0);
  }

  /** Every number of every architecture of the rules, with all arguments worth trying. */
  systematic(): void {
    const audits = new Set(this.oracle.sections.map(({ audit }) => audit));
    for (const audit of audits) {
      const numbers = new Set(
        this.oracle.sections
          .filter((section) => section.audit === audit)
          .flatMap((section) => numbersOf(section, this.filters)),
      );
      for (const nr of numbers) this.#number(audit, nr);
    }
  }

  #number(audit: number, nr: number): void {
    const section = this.oracle.sectionOf(audit, nr);
    const rules = section?.rules.get(nr) ?? [];
    this.findings.countNumbers(section?.name ?? null, 1);
    const fixed = this.#fixedAnswer(audit, nr);
    for (const args of argumentsToTry(rules, this.#draws)) this.#evaluate(section, { arch: audit, nr, args }, fixed);
    if (fixed === undefined) for (const call of this.#examples(audit, nr)) this.#evaluate(section, call);
  }

  /** The answer where number and architecture decide; `undefined` where some filter looks at arguments. */
  #fixedAnswer(audit: number, nr: number): number | undefined {
    const decisions = this.filters.flatMap((filter) => filter.decide({ arch: audit, nr }) ?? []);
    return decisions.length < this.filters.length ? undefined : leastPermissive(decisions.map(({ value }) => value));
  }

  #examples(audit: number, nr: number): readonly SystemCall[] {
    return this.filters.flatMap((filter) => {
      const given = Math.min(STEPS_PER_CALL, this.#steps);
      const budget = { steps: given };
      const examples = examplesOf(filter, { arch: audit, nr }, budget);
      this.#steps -= given - Math.max(0, budget.steps);
      return examples;
    });
  }

  /** Architectures that the rules do not have: those the filters compare with, all others known, and impossible ones. */
  foreign(): void {
    const own = new Set(this.oracle.sections.map(({ audit }) => audit));
    const compared = this.filters.flatMap(sectionsOf).map(({ audit }) => audit);
    const known = knownArchitectures().map(({ audit }) => audit);
    const audits = new Set([...compared, ...known, ...UNKNOWN_ARCHITECTURES].filter((audit) => !own.has(audit)));
    for (const audit of audits) {
      const count = compared.includes(audit) ? NUMBERS_OF_FOREIGN : 1;
      this.findings.countNumbers(null, count);
      for (let nr = 0; nr < count; nr += 1) this.#evaluate(undefined, { arch: audit, nr });
    }
  }

  /** Half of them on numbers whose rules compare arguments. */
  random(count: number): void {
    const all = this.oracle.sections.flatMap((section) => [...section.names.keys()].map((nr) => ({ section, nr })));
    const compared = this.oracle.sections.flatMap((section) =>
      [...section.rules]
        .filter(([, rules]) => rules.some(({ conditions }) => conditions.length > 0))
        .map(([nr, rules]) => ({ section, nr, candidates: candidatesOf(rules) })),
    );
    for (let done = 0; done < count; done += 1) {
      const place: Place = done % 2 === 0 && compared.length > 0 ? this.#draws.pick(compared) : this.#draws.pick(all);
      const nr = this.#draws.below(16) === 0 ? Number(this.#draws.word() % 2n ** 32n) : place.nr;
      const args = Array.from({ length: ARGUMENTS }, (_, index) =>
        randomArgument(place.candidates?.get(index), this.#draws),
      );
      const { audit } = place.section;
      this.#evaluate(this.oracle.sectionOf(audit, nr), { arch: audit, nr, args });
    }
  }

  #evaluate(section: Section | undefined, call: SystemCall, fixed?: number): void {
    const expected = this.oracle.expected(section, call.nr, call.args ?? []);
    const value = fixed ?? executeAll(this.filters, call).value;
    const isStub =
      value === RETURN.ERRNO + ENOSYS &&
      expected.by === 'default' &&
      call.nr > (section?.highest ?? Infinity) &&
      this.#endsInStub(call);
    this.findings.add({ section, call, expected, answer: value, isStub });
  }

  #endsInStub(call: SystemCall): boolean {
    return this.filters.some((filter, index) => {
      let last = 0;
      filter.execute(call, (at) => {
        last = at;
      });
      return last < (this.#stubs[index] ?? 0);
    });
  }
}

/** A number to draw arguments for. */
interface Place {
  readonly section: Section;
  readonly nr: number;
  readonly candidates?: ReadonlyMap<number, readonly bigint[]>;
}
