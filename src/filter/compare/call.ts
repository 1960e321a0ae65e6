import type { AnswerChange, CallSide, DiffKind, SideAnswer } from '../../model/filter/diff.js';
import type { SystemCall } from '../../model/filter/simulation.js';
import type { Decision, Simulator } from '../simulate/simulate.js';
import { leastPermissive, executeAll } from '../simulate/survey.js';
import { RETURN } from '../simulate/actions.js';
import { actionText } from '../simulate/verdict.js';
import { argumentSetOf } from './describe.js';
import { regionsOf } from './regions.js';
import type { Effort, Region, Sides, Words } from './regions.js';
import { samplesOf } from './sample.js';
import type { Sample } from './sample.js';
import { byPermission, kindOfChange, passes } from './verdict.js';

/** The answers to one number on both sides. */
export interface ComparedNumber {
  readonly kinds: readonly DiffKind[];
  readonly changes: readonly AnswerChange[];
  readonly before: CallSide;
  readonly after: CallSide;
  readonly notProved?: string;
  readonly evaluations: number;
}

/** Compares both sides on one number, over all arguments. */
export function compareNumber(
  sides: Sides,
  call: { readonly arch: number; readonly nr: number },
  { hasBitmap, effort }: { readonly hasBitmap: boolean; readonly effort: Effort },
): ComparedNumber {
  const [before, after] = [decided(sides.before, call, hasBitmap), decided(sides.after, call, hasBitmap)];
  if (before !== null && after !== null) return byNumberAlone(call, before, after);
  const cached = { before: before?.cached ?? false, after: after?.cached ?? false };
  const found = regionsOf(sides, call, effort);
  return found.state === 'all'
    ? overAll(sides, found, cached)
    : sampled(sides, call, { cached, why: found.why, effort });
}

/** The answer of a side that does not read the arguments. */
interface Decided {
  readonly value: number;
  readonly instructions: number;
  readonly cached: boolean;
}

function decided(
  filters: readonly Simulator[],
  call: { readonly arch: number; readonly nr: number },
  hasBitmap: boolean,
): Decided | null {
  const runs: Decision[] = [];
  for (const filter of filters) {
    const run = filter.decide(call);
    if (run === null) return null;
    runs.push(run);
  }
  return {
    value: leastPermissive(runs.map(({ value }) => value)),
    instructions: runs.reduce((sum, run) => sum + run.instructions, 0),
    // Without a filter there is nothing to keep in a bitmap.
    cached: hasBitmap && filters.length > 0 && runs.every((run) => run.value === RETURN.ALLOW && run.isFollowed),
  };
}

function byNumberAlone(example: SystemCall, before: Decided, after: Decided): ComparedNumber {
  const kind = kindOfChange(before.value, after.value);
  const side = ({ value, instructions, cached }: Decided): CallSide => ({
    answers: [{ action: actionText(value), when: null }],
    ...(passes(value) ? { passes: null } : {}),
    fewest: instructions,
    most: instructions,
    cached,
  });
  const change = { before: actionText(before.value), after: actionText(after.value), when: null, example };
  return {
    kinds: kind === null ? [] : [kind],
    changes: kind === null ? [] : [{ kind, ...change }],
    before: side(before),
    after: side(after),
    evaluations: 1,
  };
}

interface Cached {
  readonly before: boolean;
  readonly after: boolean;
}

function overAll(
  { before, after }: Sides,
  {
    regions,
    words,
    evaluations,
  }: { readonly regions: readonly Region[]; readonly words: Words; readonly evaluations: number },
  cached: Cached,
): ComparedNumber {
  const order = [...before, ...after][0]?.order ?? 'little-endian';
  const where = (isIn: (region: Region) => boolean) => argumentSetOf(regions, words, order, isIn);
  const pairs = pairsOf(regions);
  const changes = pairs.flatMap(({ before: one, after: other, example }): AnswerChange[] => {
    const kind = kindOfChange(one, other);
    if (kind === null) return [];
    const when = where((region) => region.before === one && region.after === other);
    return [{ kind, before: actionText(one), after: actionText(other), when, example }];
  });
  const isSame = changes.length === 0;
  const side = (key: 'before' | 'after'): CallSide => {
    const values = [...new Set(regions.map((region) => region[key]))].sort(byPermission);
    const lengths = regions.map((region) => region[key === 'before' ? 'lengthBefore' : 'lengthAfter']);
    return {
      // Where nothing changed, nobody asks which arguments get which answer.
      answers: values.map((value) => ({
        action: actionText(value),
        when: isSame || values.length === 1 ? null : where((region) => region[key] === value),
      })),
      ...(isSame || !values.some(passes) ? {} : { passes: where((region) => passes(region[key])) }),
      fewest: Math.min(...lengths),
      most: Math.max(...lengths),
      cached: cached[key],
    };
  };
  return { kinds: kindsOf(changes), changes, before: side('before'), after: side('after'), evaluations };
}

/** The pairs of answers that occur, each with an example that was run. */
function pairsOf<Run extends Pick<Sample, 'before' | 'after' | 'example'>>(runs: readonly Run[]): readonly Run[] {
  const found = new Map<string, Run>();
  for (const run of runs) {
    const key = `${run.before} ${run.after}`;
    if (!found.has(key)) found.set(key, run);
  }
  return [...found.values()].sort((a, b) => byPermission(a.after, b.after) || byPermission(a.before, b.before));
}

const KIND_ORDER: readonly DiffKind[] = ['opened', 'closed', 'changed'];
export const kindsOf = (changes: readonly { readonly kind: DiffKind }[]): readonly DiffKind[] =>
  KIND_ORDER.filter((kind) => changes.some((change) => change.kind === kind));

const SOME = { exact: false, except: false, cases: [[]] } as const;

/** Where not all arguments can be accounted for: what a number of calls showed. */
function sampled(
  sides: Sides,
  call: { readonly arch: number; readonly nr: number },
  { cached, why, effort }: { readonly cached: Cached; readonly why: string; readonly effort: Effort },
): ComparedNumber {
  const samples = samplesOf(sides, call, effort);
  const changes = pairsOf(samples).flatMap(({ before, after, example }): AnswerChange[] => {
    const kind = kindOfChange(before, after);
    return kind === null ? [] : [{ kind, before: actionText(before), after: actionText(after), when: SOME, example }];
  });
  const side = (key: 'before' | 'after'): CallSide => {
    const values = [...new Set(samples.map((sample) => sample[key]))].sort(byPermission);
    const lengths = samples.map((sample) => sample[key === 'before' ? 'lengthBefore' : 'lengthAfter']);
    return {
      answers: values.map((value): SideAnswer => ({ action: actionText(value), when: SOME })),
      ...(values.some(passes) ? { passes: SOME } : {}),
      fewest: Math.min(...lengths),
      most: Math.max(...lengths),
      cached: cached[key],
    };
  };
  return {
    kinds: kindsOf(changes),
    changes,
    before: side('before'),
    after: side('after'),
    notProved: why,
    evaluations: samples.length,
  };
}

/** The answer to a call whose arguments are 0. */
export const answerTo = (filters: readonly Simulator[], call: SystemCall): string =>
  actionText(executeAll(filters, call).value);
