import { describe, expect, it } from 'vitest';
import {
  actionText,
  buildInProcess,
  compareFilters,
  executeAll,
  knownArchitecture,
  Simulator,
} from '../../../src/filter/index.js';
import { BenchError } from '../../../src/errors.js';
import type { ArgumentSet, ArgumentTerm, CallDiff, FilterDiff } from '../../../src/model/filter/diff.js';
import { ANSWERS, drawsOf, randomProgram } from './random-programs.js';
import type { Draw } from './random-programs.js';
import { randomSpec, VALUES } from './random-specs.js';

/** Whether arguments are in a set, by its definition. */
const isIn = (set: ArgumentSet | null, args: readonly bigint[], pointer = 0n): boolean => {
  if (set === null) return true;
  const holds = (term: ArgumentTerm): boolean => {
    const value = term.argument === null ? pointer : (args[term.argument] ?? 0n);
    if (term.kind === 'bits') return ((value & term.mask) === term.value) === term.equal;
    const part = { whole: value, low: value & 0xffff_ffffn, high: value >> 32n }[term.part];
    return term.ranges.some(([low, high]) => part >= low && part <= high);
  };
  return set.cases.some((terms) => terms.every(holds)) !== set.except;
};

const edge = (draw: Draw): bigint => {
  const value = VALUES[draw(0, VALUES.length - 1)]! + BigInt(draw(-1, 1));
  return BigInt.asUintN(
    64,
    draw(0, 5) === 0 ? (BigInt(draw(0, 0xffffffff)) << 32n) | BigInt(draw(0, 0xffffffff)) : value,
  );
};

/** Runs random calls through both and compares their answers with what the difference claims. */
function checkClaims(
  [before, after]: readonly [readonly Simulator[], readonly Simulator[]],
  diff: FilterDiff,
  draw: Draw,
  tries: number,
): void {
  for (const { arch, calls } of diff.architectures) {
    const { audit } = knownArchitecture(arch);
    for (const call of calls.filter(
      ({ before: one, after: other }) => one.answers.length + other.answers.length > 2 || one.fewest !== one.most,
    )) {
      for (let attempt = 0; attempt < tries; attempt += 1) {
        const args = Array.from({ length: 6 }, () => edge(draw));
        const pointer = edge(draw);
        const run = { arch: audit, nr: call.nr, args, instructionPointer: pointer };
        checkRun(call, [executeAll(before, run), executeAll(after, run)], { args, pointer });
      }
    }
  }
}

function checkRun(
  call: CallDiff,
  [one, other]: readonly { readonly value: number; readonly instructions: number }[],
  { args, pointer }: { readonly args: readonly bigint[]; readonly pointer: bigint },
): void {
  const [was, is] = [actionText(one!.value), actionText(other!.value)];
  const claimed = call.changes.filter(({ when }) => isIn(when, args, pointer));
  if (was === is) expect(claimed.filter(({ when }) => when?.exact !== false)).toEqual([]);
  else expect(claimed.map((change) => `${change.before} ${change.after}`)).toContain(`${was} ${is}`);
  const exact = claimed.filter(({ when }) => when?.exact !== false);
  expect(exact.length).toBeLessThanOrEqual(1);
  expect(one!.instructions).toBeGreaterThanOrEqual(call.before.fewest);
  expect(one!.instructions).toBeLessThanOrEqual(call.before.most);
}

const kinds = (diff: FilterDiff): readonly string[] =>
  diff.architectures.flatMap(({ arch, calls }) =>
    calls.flatMap(({ name, changes }) =>
      changes.map(({ kind, before, after }) => `${arch} ${name} ${kind} ${before} ${after}`),
    ),
  );

/** The same read from the other side. */
const turned = (lines: readonly string[]): readonly string[] =>
  lines
    .map((line) => {
      const [arch, name, kind, before, after] = line.split(' ');
      const other = kind === 'opened' ? 'closed' : kind === 'closed' ? 'opened' : 'changed';
      return [arch, name, other, after, before].join(' ');
    })
    .sort();

/** libseccomp refuses some random specs. */
function built(draw: Draw, form: 'plain' | 'tree' = 'plain'): Simulator | null {
  try {
    return new Simulator(buildInProcess(randomSpec(draw), 'x86_64', { form }).program);
  } catch (error) {
    if (error instanceof BenchError) return null;
    throw error;
  }
}

describe('compareFilters on random profiles', () => {
  const draw = drawsOf(11);
  const pairs = Array.from({ length: 24 }, () => [built(draw), built(draw)] as const).flatMap(([a, b]) =>
    a === null || b === null ? [] : [[a, b] as const],
  );

  it('claims exactly the differences that random calls show', () => {
    expect(pairs.length).toBeGreaterThan(8);
    let [exact, all] = [0, 0];
    for (const [a, b] of pairs) {
      const diff = compareFilters([a], [b], 'x86_64');
      expect(diff.proof).toMatchObject({ state: 'proved', why: [] });
      checkClaims([[a], [b]], diff, draw, 60);
      for (const { calls } of diff.architectures)
        for (const { changes } of calls)
          for (const { when } of changes) {
            all += 1;
            exact += Number(when?.exact !== false);
          }
    }
    expect(exact / all).toBeGreaterThan(0.95);
  });

  it('says the reverse for the reverse order, and nothing for a filter and itself', () => {
    for (const [a, b] of pairs.slice(0, 5)) {
      const [forth, back] = [compareFilters([a], [b], 'x86_64'), compareFilters([b], [a], 'x86_64')];
      expect(turned(kinds(forth))).toEqual([...kinds(back)].sort());
      expect(kinds(compareFilters([a], [a], 'x86_64'))).toEqual([]);
    }
  });

  it('finds no difference between the plain form and the tree of one profile', () => {
    for (let seed = 0; seed < 8; seed += 1) {
      const [plain, tree] = [built(drawsOf(seed)), built(drawsOf(seed), 'tree')];
      if (plain === null || tree === null) continue;
      const diff = compareFilters([plain], [tree], 'x86_64');
      expect(kinds(diff)).toEqual([]);
      expect(diff.architectures.flatMap(({ others }) => others.filter((one) => one.kinds.length > 0))).toEqual([]);
      expect(diff.proof.state).not.toBe('sampled');
    }
  });

  it('takes the strictest answer of stacked filters', () => {
    for (const [a, b] of pairs.slice(0, 4)) {
      const diff = compareFilters([a], [a, b], 'x86_64');
      expect(kinds(diff).filter((line) => line.includes(' opened '))).toEqual([]);
      checkClaims([[a], [a, b]], diff, draw, 20);
    }
  });
});

/** `ROUNDS=200` runs more. */
const ROUNDS = Number(process.env['ROUNDS'] ?? 5);

describe('compareFilters on random programs', () => {
  it.each([
    ['as compilers write them', false],
    ['that compute', true],
  ])('claims no more than random calls show: filters %s', (_, wild) => {
    const draw = drawsOf(wild ? 5 : 6);
    const states = new Set<string>();
    for (let round = 0; round < ROUNDS; round += 1) {
      const [a, b] = [0, 1].map(
        () => new Simulator(randomProgram(draw, { length: draw(4, 30), returns: ANSWERS, wild })),
      ) as [Simulator, Simulator];
      const diff = compareFilters([a], [b], 'x86_64');
      states.add(diff.proof.state);
      if (diff.proof.state === 'proved') checkClaims([[a], [b]], diff, draw, 1);
      if (diff.proof.state === 'proved') checkNumbers([a, b], diff, draw);
      for (const { calls } of diff.architectures)
        for (const { changes } of calls)
          for (const { before, after, example } of changes)
            expect([actionText(a.execute(example).value), actionText(b.execute(example).value)]).toEqual([
              before,
              after,
            ]);
    }
    expect(states).toContain('proved');
  });
});

/** Numbers without a name get one of the answers that are claimed for all such numbers. */
function checkNumbers([a, b]: readonly [Simulator, Simulator], diff: FilterDiff, draw: Draw): void {
  for (const { arch, calls, others } of diff.architectures) {
    const known = new Set(calls.map(({ nr }) => nr));
    for (let attempt = 0; attempt < 20; attempt += 1) {
      const nr = draw(0, 1) === 0 ? draw(0, 0xffffffff) : draw(0, 3000);
      const isX32 = nr >= 0x40000000 && nr < 0x80000000;
      if (known.has(nr) || (arch === 'x86_64' && isX32) || (arch === 'x32' && !isX32)) continue;
      const run = { arch: knownArchitecture(arch).audit, nr, args: Array.from({ length: 6 }, () => edge(draw)) };
      const [was, is] = [actionText(a.execute(run).value), actionText(b.execute(run).value)];
      const fitting = others.filter(
        ({ ranges, before, after }) =>
          ranges.some(([low, high]) => nr >= low && nr <= high) && before.includes(was) && after.includes(is),
      );
      expect(fitting.length).toBeGreaterThan(0);
    }
  }
}
