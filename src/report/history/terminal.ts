import type { Trend } from '../../model/analysis/trend.js';
import type { DamagedLine } from '../../model/results/history.js';
import { arrange, wrapped } from '../text/columns.js';
import { counted, formatCount } from '../text/format.js';
import { BOLD, painter, tableWidthOf, widthOf, type Look } from '../text/look.js';
import {
  changeSentence,
  dayOf,
  leftOutSentence,
  pointText,
  searchedWords,
  shortCommit,
  trendIdentity,
  trendTitle,
} from './words.js';

/** Rows of a trend that fit on a terminal with what is around them. */
const MOST_ROWS = 10;
const FIRST_COLUMN = 24;

/** What of a history is no entry of its own, one line each. */
export const damagedLines = (damaged: readonly DamagedLine[], repeated: readonly number[]): readonly string[] => [
  ...damaged.map(({ line, reason }) => `line ${formatCount(line)} is damaged, and was left as it is: ${reason}`),
  ...(repeated.length === 0
    ? []
    : [`${counted(repeated.length, 'line')} ${repeated.length === 1 ? 'has' : 'have'} a run that an earlier line has`]),
];

/** Trends for a terminal: their changes, then their newest runs. */
export function renderTrends(trends: readonly Trend[], look: Look): string {
  if (trends.length === 0) return 'no ratios in this history\n';
  return trends.map((trend) => `${trendLines(trend, look).join('\n')}\n`).join('\n');
}

function trendLines(trend: Trend, look: Look): readonly string[] {
  const width = widthOf(look.columns);
  const paint = painter(look.colour);
  const indented = (text: string): readonly string[] => wrapped(text, width - 2).map((line) => `  ${line}`);
  const leftOut = leftOutSentence(trend);
  return [
    ...wrapped(trendTitle(trend.key), width).map((line) => paint(BOLD, line)),
    ...indented(trendIdentity(trend)),
    '',
    ...indented(searchedWords(trend)),
    ...trend.changes.toReversed().flatMap((change) => indented(changeSentence(trend, change))),
    ...(leftOut === null ? [] : indented(leftOut)),
    '',
    ...pointRows(trend, look),
  ];
}

function pointRows({ points, changes }: Trend, look: Look): readonly string[] {
  const most = look.columns === null ? points.length : MOST_ROWS;
  const from = Math.max(0, points.length - most);
  const rows = points
    .slice(from)
    .map((point, index) => [
      `  ${point.commit?.label ?? shortCommit(point)}`,
      dayOf(point.date),
      pointText(point),
      changes.some(({ at }) => at === from + index) ? '<- change' : '',
    ]);
  if (rows.length === 0) return ['  no run'];
  const lines = arrange([['  commit', 'date', 'change [95 %]', ''], ...rows.toReversed()], {
    width: tableWidthOf(look.columns),
    first: FIRST_COLUMN,
    align: 'left',
  });
  return from === 0 ? lines : [...lines, `  and ${counted(from, 'older run')}; the page and --json have all`];
}
