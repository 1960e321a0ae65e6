import type { CallComparison, CallDifference } from '../../model/analysis/call-analysis.js';
import type { AnalysedRun } from '../../model/analysis/analysis.js';
import { dotAxis } from '../charts/axis.js';
import { numbersOf } from '../charts/numbers.js';
import { pictureOf, type Picture } from '../charts/picture.js';
import type { Row, RowsSpec } from '../charts/spec.js';
import { changeText, spreadText } from '../calls/calls.js';
import { counted, sentence } from '../text/format.js';
import { callSentences } from '../words/calls.js';
import { runTitle } from '../words/run.js';

/** More rows than this make no picture. */
const MOST_ROWS = 12;

/** Which system calls each compared arm makes more or less often; none where nothing was counted or differs. */
export function callPictures(analysed: AnalysedRun, prefix: string): readonly Picture[] {
  return (analysed.analysis.calls?.comparisons ?? []).flatMap((comparison, index) => {
    const spec = callRows(analysed, comparison, `${prefix}calls${index === 0 ? '' : `-${index + 1}`}`);
    if (spec.rows.length === 0) return [];
    return [
      pictureOf('calls', spec, {
        sentence: callSentences(comparison).map(sentence).join(' '),
        numbers: numbersOf(spec),
      }),
    ];
  });
}

const middle = ({ before, after }: CallDifference): number =>
  (after.min + after.max) / 2 - (before.min + before.max) / 2;

function callRows(analysed: AnalysedRun, comparison: CallComparison, id: string): RowsSpec {
  const differing = [...comparison.calls, ...comparison.operations]
    .filter(({ state }) => state === 'differs' || state === 'apart')
    .sort((a, b) => Math.abs(middle(b)) - Math.abs(middle(a)));
  const shown = differing.slice(0, MOST_ROWS);
  const rows = shown.map((one): Row => {
    const varies = one.state === 'apart';
    return {
      label: `${one.part}: ${one.name}`,
      text: `${spreadText(one.before)} to ${spreadText(one.after)} (${changeText(one)})`,
      role: 'compared',
      value: middle(one),
      low: varies ? one.after.min - one.before.max : null,
      high: varies ? one.after.max - one.before.min : null,
      marks: [],
      from: 0,
    };
  });
  const rest = differing.length - shown.length;
  const left = rest === 0 ? '' : ` The ${rest} smallest are in the table.`;
  return {
    kind: 'rows',
    id,
    title: `${runTitle(analysed)}: system calls of ${comparison.arm} against ${comparison.baseline}`,
    subtitle: `${counted(comparison.repeats, 'counting run')} of each, apart from the timed ones. Only calls \
that differ more than they vary; lines: the range where a count varies.${left}`,
    axisTitle: 'calls more or fewer per container',
    axis: dotAxis([0, ...rows.flatMap(({ value, low, high }) => [value ?? 0, low ?? 0, high ?? 0])]),
    noEffect: { margin: [0, 0] },
    rows,
  };
}
