import type { Bytes, FilterCapacity, Measured } from '../../model/filter/capacity.js';
import { plainLine } from '../../model/plain-text.js';
import { arrange, wrapped } from '../text/columns.js';
import { DASH, formatCount } from '../text/format.js';
import { BOLD, painter, reportLines, tableWidthOf, widthOf } from '../text/look.js';
import type { Look, ReportPlaces } from '../text/look.js';
import { answerOf, bytesText, filterOf, REASONS, sumOf, wordsOf } from './words.js';

const FIRST_COLUMN = 22;

/** What a filter takes and how many fit, for terminals of 60 columns or more; ends with a newline. */
export function renderCapacity(capacity: FilterCapacity, look: Look & ReportPlaces): string {
  const [width, tableWidth] = [widthOf(look.columns), tableWidthOf(look.columns)];
  const bold = painter(look.colour);
  const text = (sentences: readonly string[]): readonly string[] =>
    sentences.flatMap((one) => wrapped(plainLine(one), width));
  const lines = [
    ...text([answerOf(capacity)]).map((line) => bold(BOLD, line)),
    ...text([filterOf(capacity)]),
    '',
    ...arrange(partRows(capacity), { width: tableWidth, first: FIRST_COLUMN, align: 'left' }),
    '',
    ...text(wordsOf(capacity)),
    ...reportLines(look),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

/** A row for every part of one filter: name, bytes, what to know. */
export function partRows({ memory }: FilterCapacity): readonly (readonly string[])[] {
  const { predictedProgram, program, image, slab, charged } = memory;
  const total = sumOf([program, image, slab]);
  return [
    ['part', 'bytes of one filter', ''],
    ['program', measuredText(program), `predicted ${formatCount(predictedProgram)}`],
    ['JIT image', measuredText(image), 'counts towards the limit'],
    ['other', measuredText(slab), 'copy, bookkeeping, bitmap'],
    ['in all', total === null ? DASH : bytesText(total, formatCount), ''],
    ['charged', measuredText(charged.bytes), "to a container's cgroup"],
  ];
}

/** Bytes with their interval, or why there are none. */
export const measuredText = (part: Measured<Bytes>): string =>
  part.state === 'measured' ? bytesText(part.value, formatCount) : `${DASH} ${REASONS[part.reason].short}`;
