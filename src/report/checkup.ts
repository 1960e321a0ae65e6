import { FINDING_STATES } from '../model/host/checkup.js';
import type { CheckedEngine, Checkup, Finding, FindingState } from '../model/host/checkup.js';
import { wrapped } from './text/columns.js';
import { BOLD, painter, widthOf, type Look } from './text/look.js';
import { engineWords } from './words/run.js';
import { plainLine } from '../model/plain-text.js';

/** ANSI colour numbers. */
const STATE_COLOURS: Readonly<Record<FindingState, string>> = {
  problem: '31',
  warning: '33',
  'not running': '36',
  missing: '36',
  ok: '32',
};
const GAP = 2;
const FIX_LEAD = 'fix: ';

/**
 * A verdict in one sentence, then every finding, the worst first, for terminals of 60 columns or more. A fix stays on
 * one line where it fits, and no path in it is broken. Ends with a newline.
 */
export function renderCheckup(checkup: Checkup, { columns, colour }: Look): string {
  const width = widthOf(columns);
  const paint = painter(colour);
  const stateWidth =
    Math.max(...['problem', ...checkup.findings.map(({ state }) => state)].map(({ length }) => length)) + GAP;
  const titleWidth = Math.max(0, ...checkup.findings.map(({ title }) => title.length)) + GAP;
  const lines = ({ state, title, found, fix }: Finding): readonly string[] => {
    const indent = ' '.repeat(stateWidth + titleWidth);
    const [first = '', ...rest] = unbroken(plainLine(found), width - indent.length);
    return [
      [paint(STATE_COLOURS[state], state), ' '.repeat(stateWidth - state.length), title.padEnd(titleWidth), first].join(
        '',
      ),
      ...rest.map((line) => `${indent}${line}`),
      ...(fix === null ? [] : fixLines(plainLine(fix), [indent.length, stateWidth, GAP], width)),
    ];
  };
  const findings = FINDING_STATES.flatMap((state) => checkup.findings.filter((finding) => finding.state === state));
  return (
    [
      ...wrapped(plainLine(verdict(checkup)), width).map((line) => paint(BOLD, line)),
      '',
      ...findings.flatMap(lines),
    ].join('\n') + '\n'
  );
}

/** Lines broken between words, never inside one, such as a path. */
const unbroken = (text: string, room: number): readonly string[] =>
  wrapped(text, Math.max(room, ...text.split(' ').map((word) => word.length)));

/** Under the finding where it fits there, else further to the left; broken between words where it fits nowhere. */
function fixLines(fix: string, indents: readonly number[], width: number): readonly string[] {
  const indent = indents.find((columns) => columns + FIX_LEAD.length + fix.length <= width) ?? GAP;
  return unbroken(fix, width - indent - FIX_LEAD.length).map(
    (line, index) => `${' '.repeat(indent)}${(index === 0 ? FIX_LEAD : '').padEnd(FIX_LEAD.length)}${line}`,
  );
}

function verdict({ mainJob: { engine } }: Checkup): string {
  if (engine === null) return 'Containers cannot be measured here: no engine can start one.';
  return engine.automatic
    ? `Ready: ${engineWords(engine)} will be used.`
    : `Ready with ${optionsFor(engine)}: ${engineWords(engine)} works.`;
}

const optionsFor = ({ name, runtime }: CheckedEngine): string =>
  [`--engine ${name}`, ...(runtime === undefined ? [] : [`--runtime ${runtime}`])].join(' ');
