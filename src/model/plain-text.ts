/** Characters after which text from outside is cut, unless its place needs it shorter or longer. */
export const LONGEST_TEXT = 10_000;

/** Read beyond the limit, because sequences and controls in front of it are removed. */
const SLACK = 4;
const CUT = '...';

// Every introducer ends the search that the one before it began, so the time stays linear for any text.
const STRING_SEQUENCE =
  /(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u0090\u0098\u009c-\u009f]*(?:\u0007|\u001b\\|\u009c)/g;
const CONTROL_SEQUENCE = /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]/g;
const OTHER_SEQUENCE = /\u001b[ -/]*[0-~]/g;

/** ASCII words with single spaces between them. */
const ORDINARY = /^[!-~]*(?: [!-~]+)*$/;

const LINE_ENDS = /\r\n|[\r\n\v\f\u0085\u2028\u2029]/g;
/** Tabs and controls of any kind but a line feed. */
const CONTROLS = /(?!\n)\p{Cc}/gu;
/** Bidirectional controls, zero-width characters, soft hyphens, tags. */
const INVISIBLE = /(?![\u2066-\u2069])\p{Cf}/gu;
const ISOLATES = /[\u2066-\u2069]/g;
const LONE_SURROGATE = /\p{Cs}/gu;
/** Letters that are written from right to left: Hebrew, Arabic, Syriac, Thaana, NKo and the scripts of plane 1. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
/** First strong isolate, pop directional isolate (Unicode UAX 9): the text inside cannot reorder what is around it. */
const ISOLATE = ['\u2068', '\u2069'] as const;

/**
 * Text from outside (a program's version or error, a daemon's message, a name in a file) as one line that is safe on a
 * terminal and in a report: without terminal sequences, control characters, bidirectional controls and invisible
 * characters; white space is single spaces; at most `limit` characters, cut with `...`. Text in a script written from
 * right to left is isolated, so it cannot reorder its surroundings. Applying it twice changes nothing more.
 */
export const plainLine = (text: string, limit = LONGEST_TEXT): string => {
  // Most texts need no work at all.
  if (text.length <= limit && ORDINARY.test(text)) return text;
  return isolated(bounded(withoutControls(text, limit).replace(/\s+/g, ' ').trim(), limit));
};

/** As {@link plainLine}, for text of several lines: line feeds and indentation stay. */
export const plainText = (text: string, limit = LONGEST_TEXT): string =>
  bounded(withoutControls(text, limit), limit).split('\n').map(isolated).join('\n');

/**
 * A whole text of bench's own with texts from outside in it: as {@link plainText}, but of any length, and what was
 * isolated stays so.
 */
export const plainBlock = (text: string): string =>
  isPlain(text)
    ? text
    : withoutSequences(text)
        .split('\n')
        .map((line) => (isBalanced(line) ? line : line.replace(ISOLATES, '')))
        .join('\n');

const isPlain = (text: string): boolean => /^[\n -~]*$/.test(text);

/** Whether every isolate of a line ends in it. */
function isBalanced(line: string): boolean {
  let depth = 0;
  for (const [mark] of line.matchAll(ISOLATES)) {
    depth += mark === ISOLATE[1] ? -1 : 1;
    if (depth < 0) return false;
  }
  return depth === 0;
}

const withoutControls = (text: string, limit: number): string =>
  withoutSequences(text.slice(0, SLACK * limit)).replace(ISOLATES, '');

const withoutSequences = (text: string): string =>
  text
    .replace(STRING_SEQUENCE, '')
    .replace(CONTROL_SEQUENCE, '')
    .replace(OTHER_SEQUENCE, '')
    .replace(INVISIBLE, '')
    .replace(LINE_ENDS, '\n')
    .replace(CONTROLS, ' ')
    .replace(LONE_SURROGATE, '\ufffd');

function bounded(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const kept = text.slice(0, Math.max(0, limit - CUT.length));
  // Half of a character is none.
  return `${kept.replace(/[\ud800-\udbff]$/, '')}${CUT}`;
}

const isolated = (line: string): string => (RIGHT_TO_LEFT.test(line) ? `${ISOLATE[0]}${line}${ISOLATE[1]}` : line);
