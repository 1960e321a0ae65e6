import { describe, expect, it } from 'vitest';
import { recordedWords, suggestion } from '../../../src/cli/commands/plan/suggestion.js';
import { waysText } from '../../../src/cli/output/plan-rows.js';
import type { PlannedWay } from '../../../src/model/run/planned.js';
import type { TriedMode } from '../../../src/model/run/time-plan.js';
import { makeScenario } from '../../../src/scenario/index.js';
import { planWays } from '../../../src/statistics/index.js';

const scenario = makeScenario({ kind: 'sequential' });
const tried = (mode: TriedMode['mode'], cpu: number, wall: number | null): TriedMode => ({
  mode,
  blocks: 40,
  secondsPerBlock: 0.1,
  spread: { cpu, wall },
});
const named = (ways: readonly PlannedWay[]) => ways.map(({ mode, metric }) => `${mode} ${metric}`);

describe('the ways to see an effect', () => {
  const ways = planWays([tried('solo', 0.06, 0.09), tried('pinned', 0.04, 0.12)], 0.01);

  it('begin with the quickest', () => {
    expect(named(ways)).toEqual(['pinned cpu', 'solo cpu', 'solo wall', 'pinned wall']);
  });

  it('take the blocks of 80 % power, and 2 times as many in CPU time where the noise moves', () => {
    // ((1.960 + 0.842) 0.04 / ln 1.01)^2 = 126.8
    expect([ways[0]?.leastBlocks, ways[0]?.blocks]).toEqual([127, 254]);
    expect(ways[0]?.seconds).toBeCloseTo(25.4, 9);
  });

  it('take 20 blocks at least, because fewer have no verdict', () => {
    expect(planWays([tried('solo', 0.001, null)], 0.01)[0]).toMatchObject({ leastBlocks: 20, blocks: 20 });
  });

  it('are a table, unless there is one only', () => {
    expect(waysText(ways, 80)).toContain('one core (--pin)     CPU      127 to 254    13 s to 26 s');
    expect(waysText(ways.slice(0, 1), 80)).toBe('');
  });

  it('lead to a command in the mode that needs least CPU time', () => {
    expect(suggestion({ rows: [], ways, basis: { words: ['sequential', '--engine', 'crun'], named: false } })).toBe(
      "bench sequential --engine crun --pin --blocks 381 --until '±0.71%'",
    );
  });

  it('lead to a command without a limit where a file has the number of blocks', () => {
    const basis = { words: ['run', 'quick', '--pin'], named: true };
    expect(suggestion({ rows: [], ways, basis })).toBe("bench run quick --pin --until '±0.71%'");
  });
});

describe('the command of a recorded run', () => {
  const wordsOf = (...command: readonly string[]) => recordedWords({ command, scenario }).join(' ');

  it('loses what ended it and what it printed', () => {
    expect(wordsOf('sequential', '--count', '50', '--engine', 'runc', '--json', '--until=decided')).toBe(
      'sequential --engine runc',
    );
  });

  it('keeps the number of containers in a batch', () => {
    const parallel = {
      command: ['parallel', '--count', '8', '--blocks', '9'],
      scenario: makeScenario({ kind: 'parallel' }),
    };
    expect(recordedWords(parallel)).toEqual(['parallel', '--count', '8']);
  });

  it('is that of the run which a pilot was for', () => {
    expect(wordsOf('plan', '1%', '--pilot', '20', '--pin')).toBe('sequential --pin');
    expect(wordsOf('plan', 'quick', '--detect', '1%')).toBe('run quick');
  });
});
