import type { AdviceForeknown, ListEdit } from '../../model/analysis/advice.js';
import { unpricedTogether } from '../../model/results/percall/percall.js';
import { whyUnpriced } from '../words/cost/percall.js';
import { plainLine } from '../../model/plain-text.js';

/** What was known of a profile before anything was measured, one sentence each. */
export function foreknownWords({ unpriced, needed, logs }: Omit<AdviceForeknown, 'edit'>): readonly string[] {
  return [
    ...(needed === null
      ? []
      : [
          `No call is priced: the filter denies ${needed}, which the program that times calls needs. Starts are \
measured.`,
        ]),
    ...unpricedTogether(unpriced.map((one) => ({ ...one, arm: '' }))).map(
      ({ action, calls }) =>
        `Not priced: ${plainLine(calls.join(', '))}. The filter answers ${action}, \
${whyUnpriced(action, calls.length)}.`,
    ),
    ...(logs
      ? [
          'The default action is LOG: calls without a rule are allowed, but the kernel runs the filter for each of \
them, caches none and may write each to the audit log.',
        ]
      : []),
  ];
}

/** Which lines of the file to edit for the option `trim`, and the list that remains. */
export function editWords(edit: ListEdit): readonly string[] {
  return [
    `${whereWords(edit)} The list is then:`,
    `"architectures": [${edit.keep.map((name) => `"${name}"`).join(', ')}]`,
  ];
}

function whereWords({ file, remove, lastKeptLine, sharedLines }: ListEdit): string {
  const shown = plainLine(file);
  if (remove.length === 0) return `To do it, edit the list "architectures" in ${shown}.`;
  const names = remove.map(({ name }) => name).join(', ');
  if (sharedLines) {
    const lines = [...new Set(remove.map(({ line }) => line))];
    const paths = remove.map(({ path }) => path).join(', ');
    return `To do it, delete ${names} (${paths}) in ${lineWords(lines)} of ${shown}.`;
  }
  const comma = lastKeptLine === null ? '' : `, and the comma at the end of line ${lastKeptLine}`;
  return `To do it, delete ${lineWords(remove.map(({ line }) => line))} of ${shown} (${names})${comma}.`;
}

/** `line 7`, `lines 7-9 and 12` */
function lineWords(lines: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const line of [...lines].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && line === last[1] + 1) last[1] = line;
    else ranges.push([line, line]);
  }
  const texts = ranges.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`));
  const several = lines.length > 1;
  const list = texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1) ?? ''}`;
  return `${several ? 'lines' : 'line'} ${list}`;
}
