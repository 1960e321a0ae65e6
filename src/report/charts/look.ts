import { PALETTES, type Palette, type Theme } from './palette.js';
import type { ChartSpec } from './spec.js';

export type { Palette, Theme } from './palette.js';

/** How large and on which ground a chart is drawn; sizes in CSS pixels. */
export interface Look {
  readonly width: number;
  readonly height: number;
  readonly theme: Theme;
}

/** The palette of a look. */
export const paletteOf = ({ theme }: Look): Palette => PALETTES[theme];

/** The font registered for pictures and inlined in the page. */
export const FONT = 'Carlito';

/** Size of the published charts. */
export const PUBLISHED_WIDTH = 824;
const PUBLISHED_HEIGHT = 495;

/**
 * Height in CSS pixels that a chart needs at `width`: those of rows grow with their number, others keep a shape, and
 * none gets too low to read on a telephone.
 */
export function heightFor(spec: ChartSpec, width: number): number {
  switch (spec.kind) {
    case 'bars':
    case 'parts':
    case 'rows':
    case 'distribution': {
      const { row, head, foot } = rowsMeasures(spec, width);
      return Math.round(head + row * Math.max(1, spec.rows.length) + foot);
    }
    case 'time':
      return Math.max(540, Math.round(0.72 * width)) + legendHeight(labelsOf(spec.arms), width);
    case 'lines':
    case 'power':
      return shaped(width) + legendHeight(labelsOf(spec.lines), width);
    case 'scatter':
      return (
        shaped(width) + legendHeight(labelsOf([...spec.groups, ...(spec.line === null ? [] : [spec.line])]), width)
      );
    case 'curve':
      return shaped(width) + legendHeight(labelsOf([...spec.lines, ...spec.points]), width);
  }
}

const shaped = (width: number): number =>
  Math.max(400, Math.round((0.94 * width * PUBLISHED_HEIGHT) / PUBLISHED_WIDTH));

const labelsOf = (all: readonly { readonly label: string }[]): readonly string[] => all.map(({ label }) => label);

/** Lines of a legend, estimated from letters, times their height. */
function legendHeight(labels: readonly string[], width: number): number {
  let [lines, used] = [1, 0];
  for (const label of labels) {
    const own = 34 + 7 * label.length;
    if (used > 0 && used + own > width - 44) {
      lines++;
      used = 0;
    }
    used += own;
  }
  return 26 * lines;
}

/** Sizes inside a rows chart; narrow charts get smaller letters. */
export interface RowsMeasures {
  readonly titleSize: number;
  readonly textSize: number;
  readonly smallSize: number;
  /** The subtitle broken into lines that fit. */
  readonly subtitle: readonly string[];
  /** Height of a row, and of the strip of words at its top. */
  readonly row: number;
  readonly strip: number;
  /** Lines in the strip: two where label and figures do not fit on one. */
  readonly stripLines: 1 | 2;
  readonly head: number;
  readonly foot: number;
}

/** Charts of rows, each with its words above. */
interface Rowed {
  readonly kind: 'rows' | 'distribution' | 'parts' | 'bars';
  readonly subtitle: string;
  readonly rows: readonly { readonly label: string; readonly text: string }[];
}

/** What a row has below its words, in CSS pixels. */
const BODY: Readonly<Record<Rowed['kind'], number>> = { rows: 42, distribution: 78, parts: 44, bars: 64 };

/**
 * The sizes of a rows chart at a width; estimated from letters, so that Node and browser agree before anything is
 * drawn.
 */
export function rowsMeasures({ kind, subtitle, rows }: Rowed, width: number): RowsMeasures {
  const narrow = width < 560;
  const [titleSize, textSize, smallSize] = narrow ? [20, 15, 14] : [28, 18, 16];
  const lines = brokenAt(subtitle, Math.floor((width - 40) / (smallSize * 0.44)));
  const longest = Math.max(0, ...rows.map(({ label, text }) => label.length + text.length + 2));
  const stripLines = longest * textSize * 0.5 > width - 52 ? 2 : 1;
  const strip = stripLines * (narrow ? 18 : 22) + 4;
  return {
    titleSize,
    textSize,
    smallSize,
    subtitle: lines,
    strip,
    stripLines,
    row: strip + BODY[kind] - (narrow ? 6 : 0),
    head: titleSize * 1.2 + lines.length * smallSize * 1.2 + 26,
    foot: (narrow ? 62 : 72) + (kind === 'parts' ? 34 : 0),
  };
}

/** Breaks a text between words into lines of at most `width` characters; a number keeps its %. */
export function brokenAt(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(/ (?!%)/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
