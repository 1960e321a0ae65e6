import type { Trend, TrendPoint } from '../../model/analysis/trend.js';
import { dotAxis } from '../charts/axis.js';
import { pictureOf, type Picture } from '../charts/picture.js';
import type { LinesSpec } from '../charts/spec.js';
import type { Table } from '../run/tables.js';
import { formatCount, signed } from '../text/format.js';
import { VERDICT_WORDS } from '../words/run.js';
import { changeTitle, dayOf, newsOf, pointText, shortCommit, trendIdentity, trendTitle } from './words.js';

/** Gives the address of a run's report as seen from the page; `null`: it has none. */
export type HrefOf = (point: TrendPoint) => string | null;

/** A trend as a chart: every run with its 95 % interval, and the level of each stretch between changes. */
export const trendPicture = (trend: Trend, index: number, hrefOf: HrefOf): Picture =>
  pictureOf('time', specOf(trend, index, hrefOf), {
    sentence: newsOf(trend),
    numbers: numbersOf(trend, hrefOf),
  });

const percent = (ratio: number): number => 100 * (ratio - 1);
const bound = (ratio: number | null): number | null => (ratio === null ? null : percent(ratio));

function specOf(trend: Trend, index: number, hrefOf: HrefOf): LinesSpec {
  const { key, points, levels } = trend;
  return {
    kind: 'lines',
    id: `trend-${index + 1}`,
    title: trendTitle(key),
    subtitle: `${trendIdentity(trend)}.`,
    labels: points.map(nameOf),
    xTitle: 'commits, oldest first',
    yTitle: changeTitle(key),
    axis: dotAxis(points.flatMap(({ ratio, low, high }) => [ratio, low ?? ratio, high ?? ratio].map(percent))),
    lines: [
      {
        label: `${key.arm} against ${key.baseline}`,
        role: 'compared',
        place: 0,
        dash: 0,
        values: points.map(({ ratio }) => percent(ratio)),
        low: points.map(({ low }) => bound(low)),
        high: points.map(({ high }) => bound(high)),
      },
      ...levels.map(({ first, last, ratio }) => ({
        label: `level ${signed(percent(ratio), 2)} %`,
        role: 'ideal' as const,
        place: 0,
        dash: 0,
        values: points.map((_, at) => (at >= first && at <= last ? percent(ratio) : null)),
        low: [],
        high: [],
      })),
    ],
    links: points.map(hrefOf),
  };
}

/** A version in place of its commit. */
const nameOf = (point: TrendPoint): string =>
  (point.commit?.label ?? (point.commit === null ? dayOf(point.date) : shortCommit(point).slice(0, 7))).slice(0, 14);

const HEADS = ['Commit', 'Date', 'Change [95 %]', 'Verdict', 'Blocks', 'Run'] as const;

/** Newest first; the run's name leads to its report. */
function numbersOf({ key, points, changes }: Trend, hrefOf: HrefOf): Table {
  const rows = points.map((point, index) => {
    const mark = changes.some(({ at }) => at === index) ? ' (new level)' : '';
    const label = point.commit?.label ?? '';
    const commit = `${label === '' ? '' : `${label} `}${shortCommit(point)}${mark}`;
    const cells = [
      commit,
      dayOf(point.date),
      pointText(point),
      VERDICT_WORDS[point.verdict],
      formatCount(point.blocks),
    ];
    return [...cells, point.name];
  });
  return {
    title: trendTitle(key),
    columns: HEADS.map((head) => ({ head, align: head === 'Blocks' ? 'right' : 'left' })),
    rows: rows.toReversed(),
    links: points.map(hrefOf).toReversed(),
  };
}
