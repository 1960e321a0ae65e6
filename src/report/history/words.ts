import type { BetweenEstimate } from '../../model/analysis/between.js';
import type { Verdict } from '../../model/analysis/judgement.js';
import { FEWEST_POINTS } from '../../model/analysis/trend.js';
import type { ChangedFact, Trend, TrendChange, TrendCheck, TrendKey, TrendPoint } from '../../model/analysis/trend.js';
import { ARROW, counted, DASH, effectText, formatPercent, percentOf, pText, sentence } from '../text/format.js';
import { metricWords } from '../words/names.js';

const SHORT_COMMIT = 10;

/** What of a point names it. */
type Named = Pick<TrendPoint, 'commit' | 'name'>;

/** `abc1234567`, `abc1234567+` where files differed from it; a dash where no commit is known. */
export const shortCommit = ({ commit }: Pick<TrendPoint, 'commit'>): string =>
  commit === null ? DASH : `${commit.id.slice(0, SHORT_COMMIT)}${commit.dirty ? '+' : ''}`;

/** `1.3.0 (commit abc1234567)`, `commit abc1234567`, or the run where no commit is known. */
export function pointWords(point: Named): string {
  const { commit, name } = point;
  if (commit === null) return `run ${name}`;
  const id = `commit ${shortCommit(point)}`;
  return commit.label === null ? id : `${commit.label} (${id})`;
}

/** `quick, runc: after against before, CPU time`. */
export const trendTitle = ({ scenario, engine, arm, baseline, metric, shape }: TrendKey): string =>
  `${scenario}, ${engine}: ${arm} against ${baseline}, ${metricWords(metric, kindOf(shape))}`;

const kindOf = (shape: string): 'sequential' | 'parallel' => (shape.startsWith('batches') ? 'parallel' : 'sequential');

/** What a trend is of: machine, kind of starts, number of runs. */
export function trendIdentity({ key, points }: Pick<Trend, 'key' | 'points'>): string {
  const [first, last] = [points[0], points.at(-1)];
  const time = first === undefined || last === undefined ? '' : `, ${dayOf(first.date)} to ${dayOf(last.date)}`;
  return (
    `${key.machine}, ${key.cpuModel} (fingerprint ${key.fingerprint}); containers ${key.shape}; ` +
    `${counted(points.length, 'run')}${time}`
  );
}

export const dayOf = (date: string): string => date.slice(0, 10);

/** A difference of log ratios in percent: `+2.10 % [+1.60, +2.60]`. */
const stepText = (step: BetweenEstimate | null): string =>
  step === null
    ? DASH
    : effectText({
        percent: percentOf(step.logRatio),
        low: Number.isFinite(step.low) ? percentOf(step.low) : null,
        high: Number.isFinite(step.high) ? percentOf(step.high) : null,
      });

/** What a run changed, with its own interval. */
export const pointText = ({ ratio, low, high }: Pick<TrendPoint, 'ratio' | 'low' | 'high'>): string =>
  effectText({
    percent: 100 * (ratio - 1),
    low: low === null ? null : 100 * (low - 1),
    high: high === null ? null : 100 * (high - 1),
  });

/** `since 1.3.0 (commit abc1234567): +2.10 % [+1.60, +2.60]`, and what else changed there. */
export function changeSentence({ points, key }: Pick<Trend, 'points' | 'key'>, change: TrendChange): string {
  const point = points[change.at];
  const words = point === undefined ? '' : pointWords(point);
  const facts =
    change.facts.length === 0 ? '' : `; changed at the same point: ${change.facts.map(factWords).join(', ')}`;
  const what = metricWords(key.metric, kindOf(key.shape));
  return `since ${words}: ${stepText(change.step)} ${what}, ${pText(change.p)}${facts}`;
}

const FACT_WORDS: Readonly<Record<ChangedFact['fact'], string>> = {
  kernel: 'kernel',
  engine: 'engine',
  libseccomp: 'libseccomp',
  scenario: 'scenario',
  bench: 'bench',
  node: 'Node.js',
};

const factWords = ({ fact, before, after }: ChangedFact): string => `${FACT_WORDS[fact]} ${before} ${ARROW} ${after}`;

/** How many changes there are, or why none was looked for. */
export function searchedWords({ points, changes, searched }: Trend): string {
  if (searched === 0) return `too few runs to look for changes: ${points.length} of at least ${FEWEST_POINTS}`;
  const of = searched < points.length ? `the newest ${counted(searched, 'run')}` : counted(searched, 'run');
  return changes.length === 0 ? `no change in ${of}` : `${counted(changes.length, 'change')} in ${of}`;
}

/** The newest change, or that there is none. */
export function newsOf(trend: Trend): string {
  const change = trend.changes.at(-1);
  return sentence(change === undefined ? searchedWords(trend) : changeSentence(trend, change));
}

/** What the numbers of a trend are, for an axis. */
export const changeTitle = ({ metric, shape }: TrendKey): string =>
  `change in ${metricWords(metric, kindOf(shape))} (%), with 95 % interval`;

const LEFT_OUT_WORDS: Partial<Record<Verdict, string>> = {
  invalid: 'invalid',
  described: 'too few blocks',
  functional: 'emulated',
};

const leftOutWords = (verdict: Verdict): string => LEFT_OUT_WORDS[verdict] ?? verdict;

/** `not in the trend: run NAME (invalid)`; `null`: all runs are in it. */
export const leftOutSentence = ({ leftOut }: Pick<Trend, 'leftOut'>): string | null =>
  leftOut.length === 0
    ? null
    : `not in the trend: ${leftOut.map((left) => `${pointWords(left)} (${leftOutWords(left.verdict)})`).join(', ')}`;

/** What the gate says of one trend, a line per regression or reason; nothing where it passes. */
export function checkLines({ trend, regressions, notEvaluated }: TrendCheck, limit: number): readonly string[] {
  const title = trendTitle(trend.key);
  const slower = regressions.map(
    (change) => `fails, slower by more than ${formatPercent(limit)}: ${title}: ${changeSentence(trend, change)}`,
  );
  if (notEvaluated === null) return slower;
  const why =
    notEvaluated.code === 'fewPoints'
      ? `${notEvaluated.points} of at least ${FEWEST_POINTS} runs`
      : `the newest run is not in the trend (${leftOutWords(notEvaluated.verdict)})`;
  return [...slower, `not evaluated: ${title}: ${why}`];
}
