import type { CallExplanation, CallRun, DisassembledLine } from '../../model/filter/inspection.js';
import { executedText } from '../calls/call-table.js';
import { clipped, wrapped } from '../text/columns.js';
import { counted } from '../text/format.js';
import { tableWidthOf, widthOf, type Look } from '../text/look.js';

/** More failed comparisons in a row than this are shown as one line. */
const SHOWN_MISSES = 3;
const PLACE_WIDTH = 6;

/** One call: for all arguments, then step by step. Ends with a newline. */
export function renderExplanation(explanation: CallExplanation, { columns }: Look): string {
  const { verdict, runs } = explanation;
  const answer = verdict.outcomes.map(({ action }) => action).join(' or ');
  const named = /^\d/.test(verdict.name) ? 'unknown name' : verdict.name;
  const head = `${named}, call ${verdict.nr} of ${verdict.arch}: ${answer}, ${executedText(verdict)} \
instructions. \
${cachedWords(explanation)}`;
  const lines = [
    ...wrapped(head, widthOf(columns)),
    ...runs.flatMap((run) => ['', ...runLines(run, verdict.name, columns)]),
  ];
  return `${lines.join('\n')}\n`;
}

function cachedWords({ verdict }: CallExplanation): string {
  if (verdict.cacheable)
    return (
      'Only the number and architecture decide: Linux 5.11 and newer answers it from its bitmap and runs none of ' +
      'this.'
    );
  if (verdict.dependsOnArguments)
    return "The arguments decide, so it is never in the kernel's bitmap and the filter runs at every call.";
  if (verdict.constantAllow)
    return (
      'Only the number and architecture decide, but kernels of this architecture keep no bitmap for it: ' +
      'the filter runs at every call.'
    );
  return 'The bitmap holds only calls that are always allowed, so the filter runs at every call.';
}

function runLines(
  { action, args, instructions, steps }: CallRun,
  name: string,
  columns: Look['columns'],
): readonly string[] {
  const last = args.findLastIndex((value) => value !== 0n);
  const shown = args
    .slice(0, Math.max(1, last + 1))
    .map((value) => (value < 10n ? String(value) : `0x${value.toString(16)}`));
  const head = `${name}(${shown.join(', ')}): ${action} after ${counted(instructions, 'instruction')}`;
  const lines = steps.flatMap((program, index) => [
    ...(steps.length === 1 ? [] : [`filter ${index + 1}`]),
    ...shortened(program),
  ]);
  return [...wrapped(head, widthOf(columns)), ...lines.map((line) => clipped(line, tableWidthOf(columns)))];
}

/** The steps, with long chains of failed comparisons replaced by their number. */
function shortened(steps: readonly DisassembledLine[]): readonly string[] {
  const lines: string[] = [];
  let misses: string[] = [];
  const flush = (): void => {
    lines.push(
      ...(misses.length <= SHOWN_MISSES
        ? misses
        : [`${' '.repeat(PLACE_WIDTH)}  ... ${misses.length} comparisons that fail`]),
    );
    misses = [];
  };
  steps.forEach((step, index) => {
    const isMiss =
      step.otherwise !== undefined &&
      step.otherwise === steps[index + 1]?.at &&
      step.otherwise !== step.target &&
      step.text.startsWith('jeq');
    if (isMiss) {
      misses.push(lineText(step));
      return;
    }
    flush();
    lines.push(lineText(step));
  });
  flush();
  return lines;
}

/** `    12  jeq read (0) -> 345, else 13`. */
function lineText({ at, text, target, otherwise }: DisassembledLine): string {
  const jump = target === undefined ? '' : ` -> ${target}${otherwise === undefined ? '' : `, else ${otherwise}`}`;
  return `${String(at).padStart(PLACE_WIDTH)}  ${text}${jump}`;
}

/** Whole filters, one instruction per line. Ends with a newline. */
export function renderDisassembly(programs: readonly (readonly DisassembledLine[])[]): string {
  return programs
    .map(
      (lines, index) =>
        `${
          programs.length === 1
            ? ''
            : `filter ${index + 1} of \
${programs.length}\n`
        }${lines.map(lineText).join('\n')}\n`,
    )
    .join('\n');
}
