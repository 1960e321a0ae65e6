import { FEWEST_FOR_VERDICT } from '../../model/run/scenario.js';
import type { PlannedWay, PlanRow } from '../../model/run/planned.js';
import { arrange, formatCount, formatDuration, formatPercent, metricShort, wrapped } from '../../report/index.js';

const percent = (share: number): string => formatPercent(share, 2);

const INDENT = '  ';

/** Lines that fit `columns`, broken between words, the later ones indented; `null`: not broken. */
function lines(text: string, columns: number | null, indent = ''): readonly string[] {
  if (columns === null) return [`${indent}${text}`];
  const deeper = `${indent}${INDENT}`;
  return wrapped(text, Math.max(20, columns - deeper.length)).map(
    (line, index) => `${index === 0 ? indent : deeper}${line}`,
  );
}

/** How many blocks (batches, where `parallel`) a change takes to be seen, and what the planned number can see. */
export function planRowText(row: PlanRow, parallel: boolean, columns: number | null): string {
  const unit = parallel ? 'batches' : 'blocks';
  // Fewer blocks are never judged, however large the effect.
  const atLeast = (value: number): string => formatCount(Math.max(FEWEST_FOR_VERDICT, value));
  const metric = row.metric === 'cpu' ? 'CPU' : parallel ? 'makespan' : 'wall';
  const [at80, at90] = [percent(row.detectable80), percent(row.detectable90)];
  return [
    ...lines(`${row.arm}, ${metric}: to detect ${percent(row.effect)} (pilot of ${row.pilotBlocks} ${unit})`, columns),
    ...row.counts.flatMap(({ power, blocks, cautious, seconds, cautiousSeconds }) => {
      const drifting = `${atLeast(cautious)} (${formatDuration(cautiousSeconds)})`;
      const planned = `${atLeast(blocks)} ${unit} (${formatDuration(seconds)})`;
      const text = `${100 * power} % power: ${planned}; if the noise drifts as in the pilot, ${drifting}`;
      return lines(text, columns, INDENT);
    }),
    ...lines(
      `${formatCount(row.blocks)} ${unit}, the scenario's default, detect ${at80} with 80 % power, ${at90} with 90 %`,
      columns,
      INDENT,
    ),
    '',
  ].join('\n');
}

/** The ways to see the effect with 80 % power, the quickest first; empty where only one is known. */
export function waysText(ways: readonly PlannedWay[], columns: number | null): string {
  if (ways.length < 2) return '';
  const rows = ways.map(({ mode, metric, leastBlocks, blocks, leastSeconds, seconds }) => [
    MODE_NAMES[mode],
    metricShort(metric, 'sequential'),
    `${formatCount(leastBlocks)} to ${formatCount(blocks)}`,
    `${formatDuration(leastSeconds)} to ${formatDuration(seconds)}`,
  ]);
  const table = arrange([['mode', 'metric', 'blocks', 'time'], ...rows], {
    width: columns ?? Infinity,
    first: 20,
    align: 'right',
  });
  const notes = [
    'Blocks and time for 80 % power: with the noise of the pilot, and with noise that moves.',
    ...(ways.some(({ metric }) => metric === 'duetWall')
      ? ['Wall time under load tells whether arms differ, and by how much only roughly.']
      : []),
    'bench exact compares filters without containers.',
  ];
  return ['', ...table, ...lines(notes.join(' '), columns), ''].join('\n');
}

const MODE_NAMES: Readonly<Record<PlannedWay['mode'], string>> = {
  solo: 'solo',
  pinned: 'one core (--pin)',
  duet: 'duet (--duet)',
};

/** The suggested command, on one line so that it can be copied, after the reason for its number of blocks. */
export function adviceText(command: string | null, named: boolean, columns: number | null): string {
  if (command === null) return '';
  const limit = named
    ? ''
    : ' --blocks is only the upper limit, with room for a noisier run, and so can exceed the numbers above.';
  const text =
    "The noise of the run may differ from the pilot's. This command ends as soon as its own 95 % interval is narrow " +
    `enough, which keeps the 80 % power for CPU time.${limit}`;
  const broken = columns === null ? [text] : wrapped(text, Math.max(20, columns));
  return `\n${broken.join('\n')}\n${INDENT}${command}\n`;
}
