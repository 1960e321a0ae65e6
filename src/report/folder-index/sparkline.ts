import { html, NOTHING, raw, type Html } from '../page/markup.js';
import { effectText } from '../text/format.js';
import type { Change } from './entry.js';

const SIZE = { width: 132, height: 34, edge: 5 } as const;
/** Points of a sparkline at most; the newest stay. */
const MOST_POINTS = 24;

/**
 * Changes of one comparison from report to report, the newest last and marked: a line through the estimates, their 95 %
 * intervals, and where no change would be. Nothing for a comparison that is seen for the first time.
 */
export function sparkline(changes: readonly Change[]): Html {
  const shown = changes.slice(-MOST_POINTS);
  if (shown.length < 2) return NOTHING;
  const values = shown.flatMap(({ percent, low, high }) => [percent, low ?? percent, high ?? percent]);
  const [bottom, top] = [Math.min(0, ...values), Math.max(0, ...values)];
  const x = (index: number): string =>
    (SIZE.edge + (index * (SIZE.width - 2 * SIZE.edge)) / (shown.length - 1)).toFixed(1);
  const y = (value: number): string =>
    (SIZE.edge + ((top - value) * (SIZE.height - 2 * SIZE.edge)) / (top - bottom || 1)).toFixed(1);
  const bars = shown.flatMap(({ low, high }, index) =>
    low === null || high === null ? [] : [`M${x(index)} ${y(low)}V${y(high)}`],
  );
  const line = shown.map(({ percent }, index) => `${index === 0 ? 'M' : 'L'}${x(index)} ${y(percent)}`).join('');
  const last = shown.at(-1)?.percent ?? 0;
  return html`<svg
    class="spark"
    role="img"
    aria-label="${wordsOf(shown)}"
    width="${SIZE.width}"
    height="${SIZE.height}"
    viewBox="0 0 ${SIZE.width} ${SIZE.height}"
  >
    <path class="zero" d="${raw(`M0 ${y(0)}H${SIZE.width}`)}" />
    <path class="bars" d="${raw(bars.join(''))}" />
    <path class="line" d="${raw(line)}" />
    <circle cx="${x(shown.length - 1)}" cy="${y(last)}" r="3.5" />
  </svg>`;
}

const wordsOf = (changes: readonly Change[]): string =>
  `Change in ${changes.length} reports, the newest last: ${changes.map(effectText).join('; ')}`;
