import { describe, expect, it } from 'vitest';
import type {
  Comparison,
  Diagnostic,
  RunWarning,
  StoppingOutcome,
  VerdictReason,
} from '../../../src/model/analysis/analysis.js';
import type { BetweenRow } from '../../../src/model/analysis/between.js';
import type { CallComparison, CallDifference } from '../../../src/model/analysis/call-analysis.js';
import type { StageComparison } from '../../../src/model/analysis/stage-analysis.js';
import { betweenSentence } from '../../../src/report/words/between.js';
import { callSentences, clientWords } from '../../../src/report/words/calls.js';
import {
  detectableText,
  diagnosticSentence,
  resolutionSentence,
  stoppingSentence,
} from '../../../src/report/words/diagnostics.js';
import { findingSentence, noFitWords, percallWarningSentence } from '../../../src/report/words/cost/percall.js';
import { engineWords } from '../../../src/report/words/run.js';
import type { Stage } from '../../../src/model/container/stages.js';
import { stagesSentence } from '../../../src/report/words/stages.js';
import { verdictSentence } from '../../../src/report/words/verdict.js';
import { warningSentence } from '../../../src/report/words/warnings.js';
import { comparisonOf, estimateOf } from './make-run.js';

const TELLING = { kind: 'sequential', thing: 'container', margin: 0.01 } as const;
const PARALLEL = { kind: 'parallel', thing: 'container', margin: 0.01 } as const;
const told = (comparison: Partial<Comparison>, telling: Parameters<typeof verdictSentence>[1] = TELLING): string =>
  verdictSentence({ ...comparisonOf('cpu', 'inconclusive', estimateOf(0, -2, 2)), ...comparison }, telling);
const because = (reason: VerdictReason, telling = TELLING as Parameters<typeof verdictSentence>[1]): string =>
  told({ reason }, telling);

describe('the sentence of a verdict', () => {
  it('has by how much an arm is faster or slower', () => {
    expect(
      told({
        reason: { code: 'difference', small: false },
        estimate: estimateOf(-18.1, -22.1, -13.9, { blocks: 1400 }),
      }),
    ).toBe(
      'after takes 18.1 % less CPU time than before (95 % interval −22.1 % to −13.9 %, 1,400 blocks). Chance does not explain this; repeat with another `--seed` before you publish it.',
    );
    expect(told({ reason: { code: 'difference', small: true }, estimate: estimateOf(0.4, 0.1, 0.7) })).toBe(
      'after takes 0.40 % more CPU time than before (95 % interval +0.10 % to +0.70 %, 500 blocks). The difference is real but smaller than the margin of 1 %.',
    );
  });

  it('names arms by their names', () => {
    const arms = { arm: 'crun', baseline: 'runc', reason: { code: 'difference', small: false } } as const;
    expect(told({ ...arms, estimate: estimateOf(-20, -21, -19) })).toMatch(
      /^crun takes 20\.0 % less CPU time than runc/,
    );
  });

  it('names the margin of equality', () => {
    expect(
      told({ reason: { code: 'withinMargin' }, estimate: estimateOf(0, -0.4, 0.4) }, { ...TELLING, margin: 0.025 }),
    ).toBe(
      'after and before differ by less than the margin of 2.5 % in CPU time (0.00 %, 95 % interval −0.40 % to +0.40 %, 500 blocks). Treat them as equal, or use a smaller `--margin`.',
    );
  });

  it('has how many more blocks would decide', () => {
    const settlement = {
      blocks: 1600,
      moreBlocks: 1100,
      leastMoreBlocks: 500,
      moreSeconds: [50, 110] as const,
      moreContainers: 3300,
    };
    expect(told({ settlement })).toBe(
      'after against before: 0.00 % in CPU time (95 % interval −2.00 % to +2.00 %, 500 blocks). This shows neither a difference nor equality within 1 %. About 500 to 1,100 more blocks (50 s to 2 min) would settle it: use `--blocks 1600`.',
    );
    expect(told({ settlement }, PARALLEL)).toContain('in CPU time of a batch (95 % interval');
    expect(told({ settlement }, PARALLEL)).toContain('use `--blocks 1600`.');
    expect(told({})).toContain('Run more blocks (`--blocks`).');
  });

  it('has what is missing where nothing was decided', () => {
    expect(because({ code: 'fewBlocks', blocks: 12, needed: 20 })).toBe(
      '12 blocks are too few. Use `--blocks 20` or more.',
    );
    expect(because({ code: 'fewBlocks', blocks: 1, needed: 20 }, PARALLEL)).toBe(
      '1 block is too few. Use `--blocks 20` or more.',
    );
    expect(because({ code: 'noBlock' })).toBe(
      'No block is complete, so nothing can be compared. Fix the failures and run again.',
    );
    expect(because({ code: 'notRecorded' })).toBe(
      'No CPU time above 0 was recorded. Use another engine for this metric.',
    );
    expect(told({ metric: 'maxRss', reason: { code: 'hidden' } })).toContain(
      'The peak memory of the containers is smaller than that of bench',
    );
    expect(because({ code: 'emulated', emulation: 'tcg' })).toBe(
      'after and before ran under an emulator (QEMU TCG), so their CPU time is not compared. The run shows that both work; measure on real hardware for a verdict.',
    );
  });

  it('has the cause and the next step where a comparison is invalid', () => {
    expect(because({ code: 'control', logRatio: 0.02, p: 0.0002 })).toBe(
      'before and its copy control differ by +2.02 % (p = 0.00020) in CPU time, so something other than the spec affects the result. Stop other work on this machine, then run again with `--pause 5ms`.',
    );
    expect(because({ code: 'treatment', fault: { code: 'sameFilter', arm: 'after', baseline: 'before' } })).toBe(
      'after and before had the same spec and loaded the same filter. The arms are not what their names suggest: see the proof of treatment, fix the arm and run again.',
    );
    expect(because({ code: 'treatment', fault: { code: 'noSeccomp', arm: 'after' } })).toMatch(
      /^The containers of after ran without seccomp\./,
    );
    expect(because({ code: 'treatment', fault: { code: 'noFilter', arm: 'after' } })).toMatch(
      /^No filter was loaded in the containers of after\./,
    );
    expect(
      because({ code: 'treatment', fault: { code: 'notACopy', control: 'control', baseline: 'before', what: 'spec' } }),
    ).toMatch(/^control is not a copy of before: their specs differ\./);
    const failures = { code: 'failures', failed: 12, run: 100, othersFailed: 1, othersRun: 200 } as const;
    expect(because(failures)).toBe(
      'after failed in 12 of 100 containers, the others in 1 of 200. Chance does not explain this, and the rest cannot be compared: fix the cause and run again.',
    );
    expect(because(failures, PARALLEL)).toContain('12 of 100 batches');
    expect(because({ code: 'tooFewBlocks', blocks: 7, planned: 100, needed: 20 })).toBe(
      'Only 7 of 100 planned blocks are complete, and a verdict needs 20. Let the run finish, or fix what made its containers fail.',
    );
  });
});

describe('a warning in words', () => {
  const WORDS: readonly (readonly [RunWarning, string])[] = [
    [
      { code: 'noPause', arms: ['after'] },
      "after: The previous container's teardown overlaps the next start, so this change looks about 5 % too small in wall time. Use `--pause 5ms`.",
    ],
    [
      { code: 'controlDiffers', state: 'invalid', metric: 'wall', logRatio: Math.log(1.217), p: 1e-9 },
      'A/A check, wall time: equal arms differ by +21.7 % (p < 0.0001). Comparisons in wall time are invalid.',
    ],
    [
      { code: 'controlDiffers', state: 'warning', metric: 'cpu', logRatio: Math.log(1.004), p: 0.006 },
      'A/A check, CPU time: equal arms differ by +0.40 % (p = 0.0060). This happens in 1 of 100 good runs: keep the data, but run again before you rely on it.',
    ],
    [
      { code: 'controlUnchecked', metric: 'cpu' },
      'A/A check, CPU time: too few blocks to check that equal arms give equal results.',
    ],
    [
      { code: 'blocksFailed', blocks: 2, planned: 30, failures: [{ arm: 'after', count: 2 }] },
      '2 of 30 blocks were not used because a container failed (after 2). Fix the cause before you trust a comparison of the rest.',
    ],
    [
      { code: 'blocksNotRun', blocks: 5, planned: 30, interrupted: 1 },
      '5 of 30 blocks were not run to the end: the run stopped early (1 container interrupted).',
    ],
    [
      { code: 'warmupFailed', failures: [{ arm: 'after', count: 1 }], cause: 'exit code 1' },
      'Containers failed during warm-up (after 1): exit code 1. They are not counted as measured containers.',
    ],
    [
      { code: 'armMissing', arm: 'after' },
      'after has no sample although the plan names it and other arms have samples, so it cannot be compared. Was samples.jsonl cut or filtered?',
    ],
    [
      { code: 'fewBlocks', state: 'described', blocks: 12, needed: 20 },
      '12 complete blocks: described without a verdict, which needs 20.',
    ],
    [
      { code: 'fewBlocks', state: 'simple', blocks: 23, needed: 30 },
      'Fewer than 30 blocks (23 complete): the estimate uses a rank method (Hodges-Lehmann) instead of trimmed means. More blocks make it more precise.',
    ],
    [
      { code: 'filterNotSeen', isPredicted: true, arm: 'control', reason: 'no permission' },
      'control: the loaded filter is predicted, not seen (no permission).',
    ],
    [
      { code: 'sameFilter', arm: 'after', baseline: 'before', written: null },
      'after loads the same filter as before. Only their files differ, so only the cost of writing and reading them can differ.',
    ],
    [
      {
        code: 'sameFilter',
        arm: 'after',
        baseline: 'before',
        written: { baseline: { bytes: 3000, sections: 3 }, arm: { bytes: 100, sections: 1 } },
      },
      'after loads the same filter as before. Filtering makes the file written at every start smaller (3,000 → 100 bytes, 3 → 1 sections), not the loaded filter. Only their files differ, so only the cost of writing and reading them can differ.',
    ],
    [
      { code: 'noSpread', arm: 'after', metric: 'cpu' },
      'after, CPU time: most blocks gave exactly the same ratio, so the interval has no width. The clock is too coarse for the effect, or the times were not measured.',
    ],
    [
      { code: 'notByHolm', arm: 'a', metric: 'cpu', tests: 3, p: 0.06 },
      'a, CPU time: not significant when adjusted (Holm) for the 3 tests in this report (p = 0.060). Confirm it in a new run with this arm alone, and choose this metric before you start.',
    ],
    [
      { code: 'zeroValues', metric: 'cpu', blocks: 20 },
      '20 complete blocks not used for CPU time because a value was 0: this engine or clock is too coarse.',
    ],
    [
      { code: 'maxFailures', limit: 5 },
      'The run ended early: more containers failed than `--max-failures 5` allows. The results so far are kept; `bench resume` continues the run.',
    ],
    [
      { code: 'endedByError' },
      'An error ended the run early. The results so far are kept; `bench resume` continues the run.',
    ],
    [
      { code: 'leaked', leaked: ['a', 'b', 'c', 'd'], left: [] },
      'The runtime left 4 containers behind (a, b, c, ...), which can slow down later ones. They were removed afterwards.',
    ],
    [
      { code: 'leaked', leaked: ['a', 'b'], left: ['b'] },
      'The runtime left 2 containers behind (a, b), which can slow down later ones. Not all could be removed (still there: b).',
    ],
  ];

  it.each(WORDS)('has its own sentence: %j', (warning, text) => {
    expect(warningSentence(warning, 'sequential')).toBe(text);
  });
});

describe('a diagnostic in words', () => {
  const of = (diagnostic: Diagnostic): string => diagnosticSentence(diagnostic, 'sequential');

  it('has the number, and what to do where it is clear', () => {
    expect(of({ kind: 'slot', metric: 'cpu', position: 0, logRatio: Math.log(1.0133), p: 1e-6, clear: true })).toBe(
      'Turn 1 of a block measures +1.33 % in CPU time (p < 0.0001). The shuffled order spreads that evenly over the arms; `--pause 5ms` may remove it.',
    );
    expect(of({ kind: 'drift', metric: 'cpu', logRatio: Math.log(1.548), clear: true })).toBe(
      'The level of the machine moved by +54.8 % in CPU time from the first to the last quarter of the run. This affects medians and totals, but not ratios within blocks.',
    );
    const carryOver = { kind: 'carryOver', metric: 'cpu', arm: 'after', blocks: 160, shrinksBy: 0.00986 } as const;
    expect(of({ ...carryOver, logRatio: Math.log(1.03), low: 0.02, high: 0.04, clear: true })).toBe(
      'after: the start right after it measures +3.00 % in CPU time (95 % interval +2.02 % to +4.08 %, 160 blocks). The shuffled order spreads part of this over every arm, so the change looks about 0.99 % too small. Use `--pause 5ms`.',
    );
    expect(of({ kind: 'dependence', metric: 'cpu', arm: 'after', lag1: 0.3, clear: true })).toMatch(
      /^after, CPU time: neighbouring blocks are similar \(lag-1 autocorrelation 0\.30\)\. The interval is computed from means of 5 blocks/,
    );
    expect(
      of({ kind: 'tails', metric: 'wall', arm: 'after', z: 3.1, meanLogRatio: 0.02, logRatio: 0.01, clear: true }),
    ).toContain('the tails differ (z = 3.1; mean +2.02 %, trimmed mean +1.01 %)');
  });

  it('has the number where it means nothing', () => {
    expect(of({ kind: 'dependence', metric: 'cpu', arm: 'after', lag1: 0.02, clear: false })).toContain(
      'blocks look independent',
    );
    expect(
      of({ kind: 'tails', metric: 'cpu', arm: 'after', z: 0.5, meanLogRatio: 0, logRatio: 0, clear: false }),
    ).toContain('mean and trimmed mean agree');
  });
});

describe('the end of a run in words', () => {
  const of = (outcome: StoppingOutcome): string => stoppingSentence(outcome);

  it('names the rule, the blocks and what to do', () => {
    const within = { rule: { kind: 'halfWidth', width: 0.012 }, blocks: 150, most: 600 } as const;
    expect(of({ ...within, state: 'reached' })).toMatch(
      /^Stopped after 150 of at most 600 blocks: the interval is within ±1\.2 %\./,
    );
    expect(of({ ...within, blocks: 600, state: 'notReached' })).toBe(
      'Not within ±1.2 % after 600 of at most 600 blocks. Use more `--blocks`.',
    );
    expect(of({ rule: { kind: 'decided' }, state: 'reached', blocks: 120, most: 600 })).toMatch(
      /^Decided after 120 of at most 600 blocks\./,
    );
    expect(of({ rule: { kind: 'budget', milliseconds: 600_000 }, state: 'notReached', blocks: 9, most: 9 })).toBe(
      'All blocks were run within the budget of 10 min.',
    );
  });

  it('has the smallest change that could be detected, to two digits', () => {
    const cpu = { arm: 'after', metric: 'cpu', blocks: 100, detectable80: 0.00703, detectable90: 0.00814 } as const;
    expect(resolutionSentence(cpu, 'sequential')).toBe(
      'after: the smallest change this run could detect in CPU time is 0.7 % with 80 % power and 0.81 % with 90 %.',
    );
    expect(detectableText([cpu, { ...cpu, arm: 'b', detectable80: 0.0032 }], 'sequential')).toBe(
      'Smallest change this run could detect (80 % power): 0.7 % CPU',
    );
    expect(detectableText([], 'sequential')).toBeNull();
  });
});

describe('two runs in words', () => {
  const row: BetweenRow = {
    kind: 'level',
    arm: 'before',
    metric: 'cpu',
    estimate: { logRatio: 0.26, low: 0.2, high: 0.3, p: 1e-6, equivalent: false },
    verdict: 'described',
  };

  it('has that a level can be drift', () => {
    expect(betweenSentence(row, 0.01)).toMatch(/may be drift between them; `bench ab` interleaves them\.$/);
    expect(betweenSentence({ ...row, estimate: null }, 0.01)).toContain('at least 30 complete blocks');
  });
});

describe('counts of calls in words', () => {
  const same = (value: number): CallDifference['before'] => ({ min: value, max: value });
  const one = (name: string, more: Partial<CallDifference>): CallDifference => ({
    part: 'runtime',
    name,
    before: same(5),
    after: same(5),
    errorsBefore: same(0),
    errorsAfter: same(0),
    usecsBefore: null,
    usecsAfter: null,
    state: 'same',
    ...more,
  });
  const comparison: CallComparison = {
    arm: 'after',
    baseline: 'before',
    repeats: 2,
    calls: [
      one('a', {}),
      one('b', { before: same(7), after: same(7), errorsBefore: same(1), errorsAfter: same(2), state: 'differs' }),
      one('c', { before: same(3), after: same(0), state: 'differs' }),
      one('d', { before: { min: 10, max: 12 }, after: same(11), state: 'overlaps' }),
      one('e', { before: { min: 10, max: 12 }, after: { min: 13, max: 15 }, state: 'apart' }),
    ],
    operations: [],
  };

  it('are one sentence per part', () => {
    expect(callSentences(comparison)).toEqual([
      'runtime: 1 of 5 calls have the same count in every run of both; 2 differ exactly: b 7 → 7 (errors 1 → 2), c 3 → 0; 1 varies between runs, but less than between the arms: e 10..12 → 13..15; 1 varies between runs by as much as between the arms.',
    ]);
    const asked = one('prctl(PR_SET_SECCOMP)', { before: same(1), after: same(0), state: 'differs' });
    expect(callSentences({ ...comparison, calls: [one('a', {})], operations: [asked] })).toEqual([
      'runtime: 1 of 1 calls have the same count in every run of both; seccomp, prctl and bpf: prctl(PR_SET_SECCOMP) 1 → 0.',
    ]);
    expect(
      callSentences({ ...comparison, repeats: 1, calls: [one('a', { after: same(6), state: 'differs' })] }),
    ).toEqual([
      'runtime: 0 of 1 calls have the same count in both; 1 differs: a 5 → 6.',
      'One of the two was counted once, so differences may be variation between runs.',
    ]);
  });

  it('of a client are distinguished from those of a container', () => {
    const signs = { making: ['unshare', 'setns'], talking: [], go: ['futex', 'clone'] } as const;
    expect(clientWords({ code: 'client', ...signs })).toContain(
      'these are the calls of the docker client, or one like it, not of the container: none of the calls that create a container (unshare, setns) are among them',
    );
    expect(clientWords({ code: 'client', ...signs, talking: ['connect'] })).toContain(
      'and those of a client that talks to a daemon (connect)',
    );
    expect(clientWords({ code: 'madeByOthers', ...signs })).toMatch(
      /^the counted processes did not create the container: none/,
    );
    expect(clientWords({ code: 'nothingMade', ...signs })).toMatch(
      /^these are not the counts of a container: none of the/,
    );
  });
});

describe('stages in words', () => {
  const span = (differenceNs: number, half = 1e6) => ({
    baselineNs: 46e6,
    armNs: 46e6 + differenceNs,
    differenceNs,
    lowNs: differenceNs - half,
    highNs: differenceNs + half,
  });
  const comparison: StageComparison = {
    arm: 'after',
    baseline: 'before',
    blocks: 20,
    stages: [
      { stage: 'create', ...span(-31e6), share: 31 / 30 },
      { stage: 'remove', ...span(1e6), share: -1 / 30 },
    ],
    total: span(-30e6),
    largest: 'create',
    explained: null,
  };

  it('name the largest, and whether blocks are too few or chance explains it', () => {
    expect(stagesSentence(comparison)).toBe(
      'after takes 30.0 ms less than before; 31.0 ms (103 %) of that is in creating the container.',
    );
    expect(stagesSentence({ ...comparison, blocks: 2, largest: null })).toBe(
      'after takes 30.0 ms less than before over all stages. 2 blocks are described, not judged (20 are needed).',
    );
    expect(stagesSentence({ ...comparison, blocks: 1, largest: null })).toContain('1 block is described, not judged');
    expect(stagesSentence({ ...comparison, total: span(-1e6, 2e6), largest: null })).toBe(
      'after takes 1.00 ms less than before over all stages, which is within chance.',
    );
  });

  it('are of an exec where execs are timed, by a daemon or by one command', () => {
    const of = (stage: Stage): StageComparison => ({
      ...comparison,
      stages: [
        { stage, ...span(-31e6), share: 1 },
        { stage: 'exit', ...span(1e6), share: 0 },
      ],
      largest: 'exit',
    });
    expect(stagesSentence(of('create'), 'exec')).toContain('is in waiting for the word that it has ended.');
    expect(stagesSentence(of('start'), 'exec')).toContain('is in running it, until the runtime had ended.');
  });

  it('have how much the same work in one process explains', () => {
    const told = (differenceNs: number, half: number): string =>
      stagesSentence({
        ...comparison,
        total: span(-30e6, half),
        explained: { differenceNs, share: differenceNs / -30e6 },
      });
    expect(told(-24e6, 1e6)).toMatch(
      / in bench's own process takes 24\.0 ms less; whole starts take 30\.0 ms less \(95 % interval −31\.0 ms to −29\.0 ms\): that is 80 % of it, so the filter alone does not explain the difference\.$/,
    );
    expect(told(-29.5e6, 1e6)).toMatch(/: the two agree, so the filter can explain the difference\.$/);
  });
});

describe('prices of calls in words', () => {
  it('have their numbers', () => {
    expect(
      findingSentence({
        state: 'fails',
        code: 'cachedIsCheap',
        call: 'getppid',
        arm: 'small',
        limit: 0.1,
        low: Math.log(1.25),
        high: Math.log(1.25),
        addedNs: 25,
        ns: 125,
      }),
    ).toBe(
      'A cached call (getppid) costs at most 10 % more than without a filter: 25.0 % to 25.0 % more under small, 25 ns of 125 ns.',
    );
    expect(findingSentence({ state: 'holds', code: 'cachedAlike', call: 'getppid', spread: 0, limit: 0.1 })).toBe(
      'Cached calls cost the same under every filter, within 10 %: all intervals of getppid lie within 0.0 %.',
    );
  });

  it('have the reason where no line was fitted', () => {
    expect(noFitWords({ code: 'tooClose', least: 6, most: 11, needed: 50 })).toBe(
      'the calls that run a filter execute 6 to 11 instructions; a line needs counts at least 50 apart',
    );
    expect(noFitWords({ code: 'tooClose', least: 7, most: 7, needed: 50 })).toContain('execute 7 instructions');
    expect(noFitWords({ code: 'noBlock' })).toBe('no block is complete');
    expect(noFitWords(null)).toBeNull();
  });

  it('have warnings', () => {
    expect(
      percallWarningSentence({ code: 'contradiction', arm: 'large', call: 'unknown', errno: 1, result: -38 }),
    ).toBe(
      'unknown under large should fail with errno 1 and returned -38: the simulated filter is not the one that ran.',
    );
    expect(percallWarningSentence({ code: 'containersFailed', containers: 1 })).toBe(
      '1 container failed; its block is left out.',
    );
    expect(percallWarningSentence({ code: 'fewBlocks', blocks: 2, needed: 20 })).toBe(
      '2 complete blocks: fewer than 20 are described, not judged.',
    );
    expect(percallWarningSentence({ code: 'controlDiffers', state: 'invalid', calls: ['getppid'] })).toMatch(
      /^This run proves nothing: baseline and control are the same and differ beyond chance \(p < 0\.001\) for getppid\./,
    );
  });
});

describe("an engine's name", () => {
  it.each([
    ['oci', 'runc version 1.1.5+ds1', 'runc 1.1.5'],
    ['oci', 'crun version 1.8.1', 'crun 1.8.1'],
    ['oci', 'youki 0.3.0', 'youki 0.3.0'],
    ['oci', '1.0.2', 'oci 1.0.2'],
    ['runc', 'runc version 1.1.5', 'runc 1.1.5'],
    ['docker', '20.10.24', 'docker 20.10.24'],
    ['docker', 'Docker 26.1.5, runc 1.1.15', 'docker 26.1.5'],
    ['docker with runsc', 'Docker 20.10.24, runsc 0.0~20221219.0', 'docker 20.10.24 with runsc 20221219.0'],
    ['docker with kata', 'Docker 26.1.5, kata', 'docker 26.1.5 with kata'],
    ['runsc', 'runsc version release-20240729.0', 'runsc 20240729.0'],
    ['namespaces', 'built in', 'namespaces'],
    ['oci', 'runc version 1.1.5+ds1 and crun version 1.8.1', 'runc 1.1.5 and crun 1.8.1'],
    ['docker and oci', '20.10.24 and crun version 1.8.1', 'docker 20.10.24 and crun 1.8.1'],
  ])("of %s with version %j is the runtime's own where it is known: %s", (name, version, words) => {
    expect(engineWords({ name, version })).toBe(words);
  });
});
