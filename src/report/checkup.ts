import { FINDING_STATES } from '../model/host/checkup.js';
import type { Checkup, Finding, FindingState } from '../model/host/checkup.js';
import { wrapped } from './text/columns.js';
import { printable } from './text/format.js';
import type { TerminalLook } from './run/terminal.js';

/** ANSI colour numbers. */
const STATE_COLOURS: Readonly<Record<FindingState, string>> = { problem: '31', warning: '33', missing: '36', ok: '32' };
const GAP = 2;
const FIX_LEAD = 'fix: ';

/**
 * A verdict in one sentence, then every finding, the worst first; made for 60 columns and more. A fix is never broken,
 * so that it can be copied. Ends with a newline.
 */
export function renderCheckup(checkup: Checkup, { columns, colour }: Omit<TerminalLook, 'reportPath'>): string {
  const width = Math.max(40, Math.min(columns, 100));
  const paint = (code: string, text: string): string => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const stateWidth = Math.max(...FINDING_STATES.map((state) => state.length)) + GAP;
  const titleWidth = Math.max(0, ...checkup.findings.map(({ title }) => title.length)) + GAP;
  const lines = ({ state, title, found, fix }: Finding): readonly string[] => {
    const indent = ' '.repeat(stateWidth + titleWidth);
    const [first = '', ...rest] = wrapped(printable(found), width - indent.length);
    return [
      `${paint(STATE_COLOURS[state], state)}${' '.repeat(stateWidth - state.length)}${title.padEnd(titleWidth)}${first}`,
      ...rest.map((line) => `${indent}${line}`),
      ...(fix === null ? [] : [fixLine(printable(fix), [indent.length, stateWidth, GAP], width)]),
    ];
  };
  const findings = FINDING_STATES.flatMap((state) => checkup.findings.filter((finding) => finding.state === state));
  return (
    [
      ...wrapped(printable(verdict(checkup)), width).map((line) => paint('1', line)),
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
  if (engine === null) return 'The main job cannot run here: no engine starts a container.';
  const named = `${engine.name}${engine.version === '' ? '' : ` ${engine.version}`}`;
  return engine.automatic
    ? `The main job can run here: ${named} will be used.`
    : `The main job can run here with --engine ${engine.name}: ${named} works.`;
}
