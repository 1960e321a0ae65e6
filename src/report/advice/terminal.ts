import type { Advice, AdviceCounts, OptionResult } from '../../model/analysis/advice.js';
import { notesBlock } from '../inspection/notes-block.js';
import { arrange, clipped, wrapped } from '../text/columns.js';
import { counted, estimateText, formatCount } from '../text/format.js';
import { reportLines, WIDE, widthOf, type TerminalLook } from '../text/look.js';
import { someOf } from '../words/names.js';
import { editWords, foreknownWords } from './foreknown.js';
import { engineOfAdvice, lengthWords, OPTION_WORDS, optionLabel, startWords } from './view.js';
import { plainLine } from '../../model/plain-text.js';

/** What `bench advise` found, one paragraph for each option, for terminals of 40 columns or more. */
export function renderAdviceTerminal(advice: Advice, look: Omit<TerminalLook, 'colour'>): string {
  const width = widthOf(look.columns);
  const lines = [
    ...wrapped(
      [
        'What could be saved',
        plainLine(advice.profile),
        engineOfAdvice(advice),
        `${counted(advice.blocks.starts, 'block')} of starts, ${formatCount(advice.blocks.calls)} of calls`,
        'change [95 % interval], negative is less',
      ].join(' \u00b7 '),
      width,
    ),
    '',
    ...advice.options.flatMap((one) => [...optionLines(one, advice, width), '']),
    ...(advice.counts === null ? [] : orderLines(advice.counts, width)),
    ...foreknownWords(advice.foreknown).flatMap((line) => wrapped(line, width)),
    ...notesBlock(advice.notes, { width, bold: (text) => text }),
    ...advice.warnings.flatMap((warning) => wrapped(`Warning: ${plainLine(warning)}`, width)),
    ...reportLines(look),
  ];
  return `${lines.join('\n')}\n`;
}

function orderLines({ from, first, cached }: AdviceCounts, width: number): readonly string[] {
  const order = wrapped(
    `Order by ${plainLine(from)}: ${first.length === 0 ? 'no call that has a rule' : someOf(first, MOST_CALLS)}`,
    width,
  );
  return cached.length === 0
    ? order
    : [
        ...order,
        ...wrapped(
          `Cached by the kernel, so they gain nothing: ${cached.length} of ${first.length} \
(${someOf(cached, MOST_CALLS)})`,
          width,
        ),
      ];
}

const MOST_CALLS = 8;

function optionLines(one: OptionResult, { foreknown, results }: Advice, width: number): readonly string[] {
  const [{ edit }, priced] = [foreknown, results.calls !== null];
  const title = clipped(one.state === 'measured' ? optionLabel(one) : OPTION_WORDS[one.option], width);
  const security = indented(`Security: ${one.security}`, width);
  if (one.state === 'notMeasured') return [title, ...indented(`Not measured: ${one.reason}`, width), ...security];
  // Narrow terminals have no room for times; they are in the report.
  const times = (pair: readonly [number | null, number | null]): string => (width >= WIDE ? startWords(pair) : '');
  const starts = [
    ['start, CPU', estimateText(one.cpu), times(one.startNs.cpu)],
    ['start, wall', estimateText(one.wall), times(one.startNs.wall)],
  ];
  const calls = one.calls.map(({ call, kind, change, ns }) => [
    `${call}, ${kind}`,
    estimateText(change),
    width >= WIDE ? `of ${ns.toFixed(0)} ns` : '',
  ]);
  const table = arrange(
    [...starts, ...(calls.length === 0 ? [['calls', priced ? 'same filter' : 'not priced', '']] : calls)],
    {
      width: width - 2,
      first: 26,
      align: 'left',
    },
  );
  const editing =
    one.option === 'trim' && edit !== null ? editWords(edit).flatMap((line) => indented(line, width)) : [];
  return [title, ...indented(lengthWords(one), width), ...table.map((line) => `  ${line}`), ...security, ...editing];
}

const indented = (text: string, width: number): readonly string[] =>
  wrapped(text, width - 2).map((line) => `  ${line}`);
