import type { BetweenEstimate } from '../model/analysis/between.js';
import type { Verdict } from '../model/analysis/judgement.js';
import { FEWEST_POINTS } from '../model/analysis/trend.js';
import type { ChangedFact, Trend, TrendChange, TrendKey, TrendLevel, TrendPoint } from '../model/analysis/trend.js';
import type { HistoryEffect, HistoryEntry } from '../model/results/history.js';
import { changePoints } from './change-points.js';
import type { ChangePoint } from './change-points.js';

/**
 * The difference of two levels from their values, log ratios; `levels` are all levels of the trend, whose scatter
 * decides how sure it is.
 */
export type StepEstimate = (levels: readonly (readonly number[])[], from: number, to: number) => BetweenEstimate | null;

/** Of a longer trend only the newest points are searched: the test takes time by their square. */
const MOST_SEARCHED = 300;

/** Verdicts that prove nothing of a ratio: they are told, and are no points. */
const LEFT_OUT: readonly Verdict[] = ['invalid', 'described', 'functional'];

/** An effect with the entry that it is of. */
interface Found {
  readonly entry: HistoryEntry;
  readonly effect: HistoryEffect;
}

/**
 * The trends of a history, each with its levels and changes, in the order in which they first appear. `estimate` says
 * how much one level differs from another.
 */
export function trendsOf(entries: readonly HistoryEntry[], estimate: StepEstimate): readonly Trend[] {
  const groups = new Map<string, Found[]>();
  for (const entry of entries)
    for (const effect of entry.effects) {
      const id = JSON.stringify(keyOf({ entry, effect }));
      groups.set(id, [...(groups.get(id) ?? []), { entry, effect }]);
    }
  return [...groups.values()].flatMap((group) => trendOf(group, estimate));
}

function keyOf({ entry, effect }: Found): TrendKey {
  const { scenario, shape, engine, fingerprint, host } = entry;
  const { arm, baseline, metric } = effect;
  const { machine, cpuModel } = host;
  return { scenario, shape, engine, fingerprint, machine, cpuModel, arm, baseline, metric };
}

const dateOf = ({ commit, startedAt }: HistoryEntry): string => commit?.committedAt ?? startedAt;

/** By the date of the commit, so that older commits can be measured later; runs of one commit by their start. */
const inOrder = (found: readonly Found[]): readonly Found[] =>
  [...found].sort(
    ({ entry: a }, { entry: b }) =>
      Date.parse(dateOf(a)) - Date.parse(dateOf(b)) || Date.parse(a.startedAt) - Date.parse(b.startedAt),
  );

function trendOf(group: readonly Found[], estimate: StepEstimate): readonly Trend[] {
  const [one] = group;
  if (one === undefined) return [];
  const all = inOrder(group);
  const used = all.filter(({ effect }) => !LEFT_OUT.includes(effect.verdict));
  const logs = used.map(({ effect }) => Math.log(effect.ratio));
  const skipped = Math.max(0, logs.length - MOST_SEARCHED);
  const searched = logs.length < FEWEST_POINTS ? [] : logs.slice(skipped);
  const found = changePoints(searched).map(({ at, p }) => ({ at: at + skipped, p }));
  return [
    {
      key: keyOf(one),
      points: used.map(pointOf),
      ...levelsOf(found, { logs, used, estimate }),
      leftOut: all
        .filter(({ effect }) => LEFT_OUT.includes(effect.verdict))
        .map(({ entry, effect }) => ({
          name: entry.name,
          run: entry.run,
          commit: entry.commit,
          verdict: effect.verdict,
        })),
      searched: searched.length,
    },
  ];
}

const pointOf = ({ entry, effect }: Found): TrendPoint => ({
  name: entry.name,
  run: entry.run,
  date: dateOf(entry),
  commit: entry.commit,
  verdict: effect.verdict,
  blocks: effect.blocks,
  ratio: effect.ratio,
  low: effect.low,
  high: effect.high,
  report: entry.report,
});

function levelsOf(
  found: readonly ChangePoint[],
  {
    logs,
    used,
    estimate,
  }: { readonly logs: readonly number[]; readonly used: readonly Found[] } & {
    readonly estimate: StepEstimate;
  },
): { readonly levels: readonly TrendLevel[]; readonly changes: readonly TrendChange[] } {
  const starts = logs.length === 0 ? [] : [0, ...found.map(({ at }) => at)];
  const ends = [...starts.slice(1), logs.length];
  const values = starts.map((start, index) => logs.slice(start, ends[index]));
  return {
    levels: values.map((level, index) => ({
      first: starts[index] ?? 0,
      last: (ends[index] ?? 0) - 1,
      ratio: Math.exp(level.reduce((sum, value) => sum + value, 0) / level.length),
    })),
    changes: found.map(({ at, p }, index) => ({
      at,
      p,
      step: estimate(values, index, index + 1),
      now: estimate(values, index, values.length - 1),
      facts: factsBetween(used[at - 1]?.entry, used[at]?.entry),
    })),
  };
}

function factsBetween(before: HistoryEntry | undefined, after: HistoryEntry | undefined): readonly ChangedFact[] {
  if (before === undefined || after === undefined) return [];
  const [was, is] = [recordedIn(before), recordedIn(after)];
  return is.flatMap(([fact, value], index) => {
    const [, earlier = value] = was[index] ?? [];
    return value === earlier ? [] : [{ fact, before: earlier, after: value }];
  });
}

const recordedIn = ({ host, tools, scenarioSha256 }: HistoryEntry) =>
  [
    ['kernel', host.kernel],
    ['engine', tools.engine],
    ['libseccomp', tools.libseccomp ?? 'none'],
    ['scenario', scenarioSha256.slice(0, 12)],
    ['bench', tools.bench],
    ['node', tools.node],
  ] as const;
