import type { CallExplanation, CallRun, DisassembledLine } from '../../model/filter/inspection.js';
import { executedText } from '../calls/call-table.js';
import { wrapped } from '../text/columns.js';
import type { InspectionLook } from './inspection.js';
import { jsonText } from './inspection-json.js';

/** Comparisons in a row that do not hold and are shown as one line. */
const SHOWN_MISSES = 3;
const PLACE_WIDTH = 6;

/** One call: over all arguments, then step by step. Ends with a newline. */
export function renderExplanation(explanation: CallExplanation, json: boolean, { columns }: InspectionLook): string {
  if (json) return jsonText(explanation);
  const width = Math.max(40, Math.min(columns, 100));
  const { verdict, runs } = explanation;
  const head = `${verdict.name}, call ${verdict.nr} of ${verdict.arch}: ${verdict.outcomes.map(({ action }) => action).join(' or ')}, ${executedText(verdict)} instructions. ${cachedWords(explanation)}`;
  return `${[...wrapped(head, width), ...runs.flatMap((run) => ['', ...runLines(run, verdict.name, width)])].join('\n')}\n`;
}

function cachedWords({ verdict }: CallExplanation): string {
  if (verdict.cacheable)
    return 'Number and architecture decide alone: Linux 5.11 and newer answers it from its bitmap, and runs none of this.';
  if (verdict.dependsOnArguments)
    return "The arguments decide: the kernel's bitmap never holds it, and the filter runs at every call.";
  if (verdict.constantAllow)
    return 'Number and architecture decide alone, but kernels of this architecture keep no bitmap for it: the filter runs at every call.';
  return 'The bitmap holds only what is always allowed: the filter runs at every call.';
}

function runLines({ action, args, instructions, steps }: CallRun, name: string, width: number): readonly string[] {
  const last = args.findLastIndex((value) => value !== 0n);
  const shown = args
    .slice(0, Math.max(1, last + 1))
    .map((value) => (value < 10n ? String(value) : `0x${value.toString(16)}`));
  const head = `${name}(${shown.join(', ')}): ${action} after ${instructions} instructions`;
  const lines = steps.flatMap((program, index) => [
    ...(steps.length === 1 ? [] : [`program ${index + 1}`]),
    ...shortened(program),
  ]);
  return [
    ...wrapped(head, width),
    ...lines.map((line) => (line.length <= width ? line : `${line.slice(0, width - 1)}\u2026`)),
  ];
}

/** The steps, with long chains of comparisons that do not hold cut down to their number. */
function shortened(steps: readonly DisassembledLine[]): readonly string[] {
  const lines: string[] = [];
  let misses: string[] = [];
  const flush = (): void => {
    lines.push(
      ...(misses.length <= SHOWN_MISSES
        ? misses
        : [`${' '.repeat(PLACE_WIDTH)}  ... ${misses.length} comparisons that do not hold`]),
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

/** Whole programs, one instruction a line. Ends with a newline. */
export function renderDisassembly(programs: readonly (readonly DisassembledLine[])[], json: boolean): string {
  if (json) return jsonText(programs);
  return programs
    .map(
      (lines, index) =>
        `${programs.length === 1 ? '' : `program ${index + 1} of ${programs.length}\n`}${lines.map(lineText).join('\n')}\n`,
    )
    .join('\n');
}
