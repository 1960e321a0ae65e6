import { describe, expect, it } from 'vitest';
import type { AnalysedRun, Diagnostic } from '../../../src/model/analysis/analysis.js';
import type { ExecAnalysis } from '../../../src/model/analysis/workload-analysis.js';
import type { ExecFilterOrigin } from '../../../src/model/run/evidence.js';
import type { TimePlan } from '../../../src/model/run/time-plan.js';
import { execsTable } from '../../../src/report/execs/table.js';
import { execSentences, intervalWords } from '../../../src/report/execs/words.js';
import { shareText } from '../../../src/report/words/cost/share.js';
import { diagnosticSentence } from '../../../src/report/words/diagnostics.js';
import { timePlanSentence } from '../../../src/report/words/plan/time-plan.js';
import { runTitle, scenarioWords } from '../../../src/report/words/run.js';
import { publishedFor } from '../../../src/report/run/published.js';
import { SEQUENTIAL } from './fixtures.js';

const EXECS: ExecAnalysis = {
  unfiltered: 'unconfined',
  costs: [
    { arm: 'before', cpu: { ns: 6e6, low: 5.9e6, high: 6.1e6 }, wall: { ns: 7e6, low: 6e6, high: 8e6 }, filter: null },
    {
      arm: 'after',
      cpu: { ns: 3.1e6, low: 2.9e6, high: 3.3e6 },
      wall: { ns: 7e6, low: 6e6, high: 8e6 },
      filter: { share: 0.61, low: 0.59, high: 0.63 },
    },
  ],
  probes: {
    containers: 100,
    everyMs: 10_000,
    costs: [
      { arm: 'before', share: 0.06, low: 0.059, high: 0.061 },
      { arm: 'after', share: 0.031, low: 0.029, high: 0.033 },
      { arm: 'control', share: 0.06, low: 0.059, high: 0.061 },
    ],
  },
};

/** A run of execs whose traces showed this of each arm. */
function runOf(execs: ExecAnalysis, origin: ExecFilterOrigin = { kind: 'built' }): AnalysedRun {
  const { run, analysis } = SEQUENTIAL;
  const { scenario } = run.plan;
  if (scenario.kind !== 'sequential') throw new Error('expected a sequential scenario');
  return {
    analysis: { ...analysis, execs },
    run: {
      ...run,
      plan: { ...run.plan, scenario: { ...scenario, unit: 'exec' } },
      evidence: run.evidence.map((one) => ({
        ...one,
        exec: { seccompMode: 2, container: one.loaded, origin },
      })),
    },
  };
}

describe('the sentences of execs', () => {
  it('tell what probes cost, the share of the filter where it is known, and what the trace showed', () => {
    expect(execSentences(runOf(EXECS))).toEqual([
      'A probe every 10 s in 100 containers costs 6.00 % of one CPU [5.90, 6.10] under before.',
      'A probe every 10 s in 100 containers costs 3.10 % of one CPU [2.90, 3.30] under after; the filter is 61.0 % of that [59.0, 63.0].',
      'The runtime was seen to build the filter anew at an exec (before, after).',
    ]);
  });

  it('name the file that a filter was read from, and the reason where nothing was seen', () => {
    const { probes: _, ...without } = EXECS;
    const quiet = { ...without, probes: null };
    expect(execSentences(runOf(quiet, { kind: 'stored', file: 'seccomp.bpf' }))).toEqual([
      'The runtime was seen to read a stored filter, seccomp.bpf, at an exec (before, after).',
    ]);
    expect(execSentences(runOf(quiet, { kind: 'notSeen', reason: 'strace not found in PATH' }))).toEqual([
      'Whether the runtime builds the filter at every exec was not seen: strace not found in PATH (before, after).',
    ]);
    expect(execSentences(runOf(quiet, { kind: 'none' }))).toEqual([]);
  });

  it('say that a share that may be 0 is not told from chance, and that CPU time is not known with a daemon', () => {
    const unsure = EXECS.costs.map((one) =>
      one.filter === null ? one : { ...one, filter: { share: 0.02, low: -0.01, high: 0.05 } },
    );
    expect(execSentences(runOf({ ...EXECS, costs: unsure }))[1]).toContain(
      'under after; no share of the filter is told from chance (2 % [−1, 5]).',
    );
    const unknown = { ...EXECS, probes: { containers: 1, everyMs: 500, costs: [] } };
    expect(execSentences(runOf(unknown))[0]).toBe(
      'A probe every 500 ms in 1 container: its share of a CPU is not known, because the daemon of runc does the work and its CPU time is not seen.',
    );
  });

  it('are none where starts were timed', () => {
    expect([execSentences(SEQUENTIAL), execsTable(SEQUENTIAL)]).toEqual([[], null]);
  });
});

describe('a report of execs', () => {
  it('has a table of their costs, counts execs and is compared with nothing published', () => {
    const analysed = runOf(EXECS);
    const table = execsTable(analysed);
    expect(table?.rows[1]).toEqual([
      'after',
      '3.10 ms [2.90, 3.30]',
      '7.0 ms [6.0, 8.0]',
      '61.0 % [59.0, 63.0]',
      'built at the exec',
      '3.10 % [2.90, 3.30]',
    ]);
    expect(table?.note).toContain('one every 10 s in 100 containers');
    expect([runTitle(analysed), scenarioWords(analysed.run.plan)]).toEqual([
      'x86_64 exec',
      '500 execs per arm, one after the other',
    ]);
    expect(publishedFor(SEQUENTIAL.run.plan.scenario)).toBeDefined();
    expect(publishedFor(analysed.run.plan.scenario)).toBeUndefined();
  });

  it('speaks of execs where it explains a diagnostic or the plan of a given time', () => {
    const tails: Diagnostic = {
      kind: 'tails',
      metric: 'cpu',
      arm: 'after',
      z: 4,
      meanLogRatio: 0.1,
      logRatio: 0,
      clear: true,
    };
    expect(diagnosticSentence(tails, 'sequential', 'exec')).toContain('Rare slow execs are part of the effect');
    expect(diagnosticSentence(tails, 'sequential')).toContain('Rare slow starts are part of the effect');
    const plan: TimePlan = {
      tried: [],
      mode: 'solo',
      reason: 'only',
      milliseconds: 60_000,
      spentMs: 2_000,
      blocks: 90,
      halfWidth: { cpu: null, wall: null },
    };
    expect(timePlanSentence(plan, 'exec')).toBe('one exec after the other, on any core: about 90 blocks fit.');
    const { scenario } = runOf(EXECS).run.plan;
    const stopping = [{ kind: 'time', milliseconds: 60_000, spentMs: 0 }] as const;
    expect(scenarioWords({ scenario, stopping })).toBe('as many execs per arm as fit into 60 s');
  });

  it('has words for intervals and for shares without one', () => {
    expect([500, 10_000, 120_000].map(intervalWords)).toEqual(['500 ms', '10 s', '2 min']);
    expect(shareText({ share: 0.25, low: null, high: null })).toBe('25.0 %');
  });
});
