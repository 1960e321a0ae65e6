// The calibration as a Markdown table: one row per promise and noise, one column per number of blocks.
import { judge } from './judge.mjs';

const percent = (share) => `${(100 * share).toFixed(1)}`;

function wantedWords({ low, high }) {
  if (low === 0) return `≤ ${percent(high)}`;
  return high === 1 ? `≥ ${percent(low)}` : `${percent(low)}–${percent(high)}`;
}

function conditionOf(cell) {
  const parts = [];
  if (cell.kind === 'untilWidth') parts.push(`±${100 * cell.width} %`);
  else if (cell.kind.startsWith('decided')) parts.push(`at most ${cell.blocks}`);
  else if (cell.power !== undefined) parts.push(`pilot ${cell.blocks}`);
  else parts.push(`${cell.blocks}`);
  return parts.join(', ');
}

const noiseOf = ({ noise, recording, metric }) => noise ?? `${recording}, ${metric}`;

/** Rows grouped by promise and noise, in the order of the cells. */
export function tableOf(cells, results) {
  const groups = new Map();
  for (const cell of cells) {
    const result = results.get(cell.id);
    const key = `${cell.about}|${noiseOf(cell)}`;
    const { share, met } = judge(cell, result);
    const taken = result.meanBlocks > 0 ? ` (${result.meanBlocks.toFixed(0)} blocks)` : '';
    const text = `${conditionOf(cell)}: ${met ? percent(share) : `**${percent(share)}**`}${taken}`;
    const group = groups.get(key) ?? {
      about: cell.about,
      noise: noiseOf(cell),
      wanted: wantedWords(cell.wanted),
      texts: [],
      met: true,
    };
    groups.set(key, { ...group, texts: [...group.texts, text], met: group.met && met });
  }
  const rows = [...groups.values()].map(
    ({ about, noise, wanted, texts, met }) =>
      `| ${about} | ${noise} | ${texts.join('; ')} | ${wanted} | ${met ? 'met' : 'missed'} |`,
  );
  return ['| what, in % | noise | blocks: share | wanted | |', '|---|---|---|---|---|', ...rows].join('\n');
}
