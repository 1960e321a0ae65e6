import { FINDING_STATES } from '../model/host/checkup.js';
import type { Checkup, Finding, FindingState } from '../model/host/checkup.js';
import { wrapped } from './text/columns.js';
import { printable } from './text/format.js';
import { BOLD, painter, widthOf, type Look } from './text/look.js';
import { engineWords } from './words/run.js';

/** ANSI colour numbers. */
const STATE_COLOURS: Readonly<Record<FindingState, string>> = { problem: '31', warning: '33', missing: '36', ok: '32' };
const GAP = 2;
const FIX_LEAD = 'fix: ';

/**
 * A verdict in one sentence, then every finding, the worst first, for terminals of 60 columns or more. A fix stays on
 * one line, so that it can be copied. Ends with a newline.
 */
export function renderCheckup(checkup: Checkup, { columns, colour }: Look): string {
  const width = widthOf(columns);
  const paint = painter(colour);
  const stateWidth = Math.max(...FINDING_STATES.map((state) => state.length)) + GAP;
  const titleWidth = Math.max(0, ...checkup.findings.map(({ title }) => title.length)) + GAP;
  const lines = ({ state, title, found, fix }: Finding): readonly string[] => {
    const indent = ' '.repeat(stateWidth + titleWidth);
    const [first = '', ...rest] = wrapped(printable(found), width - indent.length);
    return [
      [paint(STATE_COLOURS[state], state), ' '.repeat(stateWidth - state.length), title.padEnd(titleWidth), first].join(
        '',
      ),
      ...rest.map((line) => `${indent}${line}`),
      ...(fix === null ? [] : [fixLine(printable(fix), [indent.length, stateWidth, GAP], width)]),
    ];
  };
  const findings = FINDING_STATES.flatMap((state) => checkup.findings.filter((finding) => finding.state === state));
  return (
    [
      ...wrapped(printable(verdict(checkup)), width).map((line) => paint(BOLD, line)),
      '',
      ...findings.flatMap(lines),
    ].join('\n') + '\n'
  );
}

/** Under the finding where it fits there, else further to the left. */
function fixLine(fix: string, indents: readonly number[], width: number): string {
  const indent = indents.find((columns) => columns + FIX_LEAD.length + fix.length <= width) ?? 0;
  return `${' '.repeat(indent)}${FIX_LEAD}${fix}`;
}

function verdict({ mainJob: { engine } }: Checkup): string {
  if (engine === null) return 'Containers cannot be measured here: no engine can start one.';
  return engine.automatic
    ? `Ready: ${engineWords(engine)} will be used.`
    : `Ready with --engine ${engine.name}: ${engineWords(engine)} works.`;
}
