import type { Mode, TimePlan, TriedMode } from '../../../model/run/time-plan.js';
import { counted, formatPercent } from '../../text/format.js';

const modeWords = (mode: Mode, thing: 'container' | 'exec'): string =>
  ({
    solo: `one ${thing} after the other, on any core`,
    pinned: 'everything on one core',
    duet: 'two arms at the same time, on a core each',
  })[mode];

/** How a run that has to fit into a time was planned, for the terminal and the report. */
export function timePlanSentence(
  { tried, mode, reason, blocks, halfWidth }: TimePlan,
  thing: 'container' | 'exec' = 'container',
): string {
  const widths = [
    ...(halfWidth.cpu === null ? [] : [`±${formatPercent(halfWidth.cpu, 2)} CPU`]),
    ...(halfWidth.wall === null ? [] : [`±${formatPercent(halfWidth.wall, 2)} wall`]),
  ];
  const expected = widths.length === 0 ? '' : `, ${widths.join(' and ')} expected`;
  const fits = `about ${counted(blocks, 'block')} fit${expected}`;
  switch (reason) {
    case 'only':
      return `${modeWords(mode, thing)}: ${fits}.`;
    case 'notTried':
      return `${modeWords(mode, thing)}: ${fits}. The time is too short to try another mode.`;
    case 'narrowest': {
      const pilot = tried.reduce((sum, one) => sum + one.blocks, 0);
      return tried.length < 2
        ? `${modeWords(mode, thing)}: ${fits}.`
        : `${modeWords(mode, thing)}, the sharpest of ${tried.length} modes in a pilot of ${counted(pilot, 'block')} \
(${tried.map(triedWords).join('; ')}): ${fits}.`;
    }
  }
}

/** `solo 3.1 % CPU, 7.9 % wall, 0.12 s a block`: the spread of one block. */
function triedWords({ mode, spread, secondsPerBlock }: TriedMode): string {
  const wall = spread.duetWall ?? spread.wall;
  const shares = [
    ...(spread.cpu === null ? [] : [`${formatPercent(Math.expm1(spread.cpu), 1)} CPU`]),
    ...(wall === null ? [] : [`${formatPercent(Math.expm1(wall), 1)} wall${mode === 'duet' ? ' under load' : ''}`]),
  ];
  return [`${mode} ${shares.join(', ')}`.trim(), `${secondsPerBlock.toPrecision(2)} s a block`].join(', ');
}
