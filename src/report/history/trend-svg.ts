import type { Trend, TrendPoint } from '../../model/analysis/trend.js';
import { dotAxis, tickText } from '../charts/axis.js';
import type { Axis } from '../charts/spec.js';
import { escaped } from '../page/markup.js';
import { dayOf, pointText, pointWords, trendTitle } from './words.js';

/** In units of the drawing; a page narrower than that scrolls it. */
const SIZE = { width: 900, height: 320, left: 62, right: 16, top: 16, bottom: 46 } as const;
/** Points further apart than that look lost. */
const WIDEST_STEP = 60;
const MOST_LABELS = 8;

/** Every rule is one of the drawing alone, because a page has several; the colours are those of the page, if any. */
const STYLE = [
  'text{fill:currentColor;font:13px sans-serif}',
  '.axis{stroke:currentColor;stroke-opacity:.18}',
  '.zero{stroke:currentColor;stroke-opacity:.6}',
  '.bar{stroke:currentColor;stroke-opacity:.55;stroke-width:2}',
  '.dot{fill:currentColor}',
  '.level{stroke:var(--equal,#1f5fbf);stroke-width:3}',
  '.cut{stroke:var(--open,#8a5a00);stroke-width:2;stroke-dasharray:5 4}',
  'a:focus .dot,.trend a:hover .dot{stroke:var(--equal,#1f5fbf);stroke-width:5}',
]
  .map((rule) => `.trend ${rule}`)
  // Paper does not scroll.
  .concat('@media print{svg.trend{width:100%;height:auto}}')
  .join('');

interface Scale {
  readonly x: (index: number) => number;
  readonly y: (percent: number) => number;
}

/**
 * A trend as SVG: every run with its 95 % interval, the levels as lines, a broken line where one begins. `hrefOf` gives
 * the address of a run's report, or `null`. Hovering shows the run's numbers; no script is needed.
 */
export function trendSvg(trend: Trend, hrefOf: (point: TrendPoint) => string | null): string {
  const { points, levels, changes } = trend;
  const axis = dotAxis(points.flatMap(({ ratio, low, high }) => [ratio, low ?? ratio, high ?? ratio].map(percent)));
  const inner = SIZE.width - SIZE.left - SIZE.right;
  const step = Math.min(WIDEST_STEP, inner / Math.max(1, points.length));
  const scale: Scale = {
    x: (index) => SIZE.left + step * (index + 0.5),
    y: (value) => SIZE.top + ((axis.max - value) / (axis.max - axis.min)) * (SIZE.height - SIZE.top - SIZE.bottom),
  };
  const title = trendTitle(trend.key);
  return `<svg xmlns="http://www.w3.org/2000/svg" role="group" aria-label="${escaped(`Trend of ${title}`)}" \
class="trend" viewBox="0 0 ${SIZE.width} ${SIZE.height}" width="${SIZE.width}" height="${SIZE.height}">\
<style>${STYLE}</style>\
${ticksOf(axis)
  .map((tick) => tickSvg(tick, scale, axis))
  .join('')}\
${changes.map(({ at }) => cutSvg(at, scale)).join('')}\
${levels.map((level) => levelSvg(level, scale)).join('')}\
${points.map((point, index) => pointSvg(point, index, { scale, href: hrefOf(point) })).join('')}\
${labels(points, scale)}</svg>`;
}

const percent = (ratio: number): number => 100 * (ratio - 1);
const rounded = (value: number): string => String(Number(value.toFixed(1)));

const line = (name: string, [x1, y1]: readonly [number, number], [x2, y2]: readonly [number, number]): string =>
  `<line class="${name}" x1="${rounded(x1)}" y1="${rounded(y1)}" x2="${rounded(x2)}" y2="${rounded(y2)}"/>`;

const ticksOf = ({ min, max, step }: Axis): readonly number[] =>
  Array.from({ length: Math.round((max - min) / step) + 1 }, (_, index) =>
    Number((min + index * step).toPrecision(12)),
  );

function tickSvg(tick: number, { y }: Scale, axis: Axis): string {
  const text = `${tick > 0 ? '+' : ''}${tickText(tick, axis)} %`;
  return `${line(tick === 0 ? 'zero' : 'axis', [SIZE.left, y(tick)], [SIZE.width - SIZE.right, y(tick)])}\
<text x="${SIZE.left - 8}" y="${rounded(y(tick) + 4)}" text-anchor="end">${escaped(text)}</text>`;
}

const cutSvg = (at: number, { x }: Scale): string =>
  line('cut', [x(at - 0.5), SIZE.top], [x(at - 0.5), SIZE.height - SIZE.bottom]);

const levelSvg = ({ first, last, ratio }: Trend['levels'][number], { x, y }: Scale): string =>
  line('level', [x(first - 0.35), y(percent(ratio))], [x(last + 0.35), y(percent(ratio))]);

function pointSvg(
  point: TrendPoint,
  index: number,
  { scale, href }: { readonly scale: Scale; readonly href: string | null },
): string {
  const { x, y } = scale;
  const { low, high } = point;
  const bar =
    low === null || high === null ? '' : line('bar', [x(index), y(percent(low))], [x(index), y(percent(high))]);
  const words = `${pointWords(point)}, ${dayOf(point.date)}: ${pointText(point)}`;
  const dot = `<circle class="dot" cx="${rounded(x(index))}" cy="${rounded(y(percent(point.ratio)))}" r="4.5"/>`;
  const drawn = `<title>${escaped(words)}</title>${bar}${dot}`;
  return href === null
    ? `<g>${drawn}</g>`
    : `<a href="${escaped(href)}" aria-label="${escaped(`Report of ${words}`)}">${drawn}</a>`;
}

/** As many names as have room; a version in place of its commit. */
function labels(points: readonly TrendPoint[], { x }: Scale): string {
  const every = Math.max(1, Math.ceil(points.length / MOST_LABELS));
  return points
    .map((point, index) => {
      if (index % every !== 0) return '';
      const name = point.commit?.label ?? point.commit?.id.slice(0, 7) ?? '';
      return `<text x="${rounded(x(index))}" y="${SIZE.height - SIZE.bottom + 18}" text-anchor="middle">\
${escaped(name.slice(0, 14))}</text><text x="${rounded(x(index))}" y="${SIZE.height - SIZE.bottom + 36}" \
text-anchor="middle">${escaped(dayOf(point.date).slice(5))}</text>`;
    })
    .join('');
}
