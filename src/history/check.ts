import { FEWEST_POINTS } from '../model/analysis/trend.js';
import type { HistoryCheck, NotEvaluated, Trend, TrendCheck } from '../model/analysis/trend.js';
import type { History, HistoryEntry } from '../model/results/history.js';

/** What makes a history fail. */
export interface CheckSettings {
  /** A share: a change fails where its whole interval is slower than that. */
  readonly limit: number;
  /** Only changes among so many newest points fail: older ones are known. */
  readonly recent: number;
  readonly metrics: readonly ('cpu' | 'wall')[];
  /** The newest entry of this commit is asked about; `null`: the newest of the file. */
  readonly commit: string | null;
}

/**
 * Asks the trends that an entry is part of whether they became slower, and stayed so. Nothing passes unevaluated: too
 * few points, a run that decided nothing and lines that could not be read are told. `null`: the history has no such
 * entry.
 */
export function checkTrends(
  { entries, damaged }: History,
  trends: readonly Trend[],
  settings: CheckSettings,
): HistoryCheck | null {
  const entry = entries.findLast(({ commit }) => settings.commit === null || commit?.id === settings.commit);
  if (entry === undefined) return null;
  const checks = trends
    .filter((trend) => settings.metrics.includes(trend.key.metric) && hasEntry(trend, entry))
    .map((trend) => checkOf(trend, entry, settings));
  const isOpen = checks.length === 0 || damaged.length > 0 || checks.some(({ notEvaluated }) => notEvaluated !== null);
  return {
    state: checks.some(({ regressions }) => regressions.length > 0) ? 'slower' : isOpen ? 'notEvaluated' : 'passed',
    trends: checks,
    damaged: damaged.map(({ line }) => line),
  };
}

const hasEntry = ({ points, leftOut }: Trend, { run }: HistoryEntry): boolean =>
  points.some((point) => point.run === run) || leftOut.some((left) => left.run === run);

function checkOf(trend: Trend, entry: HistoryEntry, { limit, recent }: CheckSettings): TrendCheck {
  const notEvaluated = notEvaluatedOf(trend, entry);
  const from = trend.points.length - recent;
  const regressions = trend.changes.filter(
    ({ at, step, now }) => at >= from && isSlower(step?.low, limit) && isSlower(now?.low, limit),
  );
  return { trend, regressions, notEvaluated };
}

/** Whether the lower end of an interval of log ratios is above the limit. */
const isSlower = (low: number | undefined, limit: number): boolean => low !== undefined && low > Math.log1p(limit);

function notEvaluatedOf({ points, leftOut }: Trend, { run }: HistoryEntry): NotEvaluated | null {
  const left = leftOut.find((one) => one.run === run);
  if (left !== undefined) return { code: 'leftOut', verdict: left.verdict };
  return points.length < FEWEST_POINTS ? { code: 'fewPoints', points: points.length } : null;
}
