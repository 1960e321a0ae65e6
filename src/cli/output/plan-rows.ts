import { FEWEST_FOR_VERDICT } from '../../model/run/scenario.js';
import type { PlanRow } from '../../model/run/planned.js';
import { formatCount, formatDuration, formatPercent } from '../../report/index.js';

const percent = (share: number): string => formatPercent(share, 2);

/** How many blocks (batches, where `parallel`) a change takes to be seen, and what the planned number can see. */
export function planRowText(row: PlanRow, parallel: boolean): string {
  const unit = parallel ? 'batches' : 'blocks';
  // Fewer blocks are never judged, however large the effect.
  const atLeast = (value: number): string => formatCount(Math.max(FEWEST_FOR_VERDICT, value));
  const metric = row.metric === 'cpu' ? 'CPU' : parallel ? 'makespan' : 'wall';
  const [at80, at90] = [percent(row.detectable80), percent(row.detectable90)];
  return [
    `${row.arm}, ${metric}: to detect ${percent(row.effect)} (pilot of ${row.pilotBlocks} ${unit})`,
    ...row.counts.map(({ power, blocks, cautious, seconds, cautiousSeconds }) => {
      const drifting = `${atLeast(cautious)} (${formatDuration(cautiousSeconds)})`;
      const planned = `${atLeast(blocks)} ${unit} (${formatDuration(seconds)})`;
      return `  ${100 * power} % power: ${planned}; if the noise drifts as in the pilot, ${drifting}`;
    }),
    `  ${formatCount(row.blocks)} ${unit}, the scenario's default, detect ${at80} with 80 % power, ${at90} with 90 %`,
    '',
  ].join('\n');
}
