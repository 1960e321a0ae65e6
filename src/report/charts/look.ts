import type { ChartSpec, Role, RowsSpec } from './spec.js';

export type Theme = 'light' | 'dark';

/** How large and on which ground a chart is drawn; sizes in CSS pixels. */
export interface Look {
  readonly width: number;
  readonly height: number;
  readonly theme: Theme;
}

/** Colours of the honest charts. */
export interface Palette {
  readonly ground: string;
  readonly ink: string;
  readonly soft: string;
  readonly grid: string;
  /** Behind the words of a row. */
  readonly strip: string;
  readonly band: string;
  readonly published: string;
  readonly roles: Readonly<Record<Role, string>>;
}

const PALETTES: Readonly<Record<Theme, Palette>> = {
  light: {
    ground: '#ffffff',
    ink: '#20242c',
    soft: '#5c6370',
    grid: '#e6e8ec',
    strip: '#f4f5f7',
    band: 'rgba(60, 140, 90, 0.16)',
    published: '#c2560c',
    roles: { baseline: '#6b7280', compared: '#2563c9', control: '#a3a9b4' },
  },
  dark: {
    ground: '#1b1f27',
    ink: '#e8eaee',
    soft: '#a4abb8',
    grid: '#323844',
    strip: '#242a34',
    band: 'rgba(110, 200, 145, 0.20)',
    published: '#f0944d',
    roles: { baseline: '#aab1be', compared: '#6ea3f7', control: '#7a8290' },
  },
};

/** The palette of a look. */
export const paletteOf = ({ theme }: Look): Palette => PALETTES[theme];

/** The font registered for pictures and inlined in the page. */
export const FONT = 'Carlito';

/** Size of the published charts. */
export const PUBLISHED_WIDTH = 824;
const PUBLISHED_HEIGHT = 495;

/**
 * Height in CSS pixels that a chart needs at `width`: bars, lines and scattered points keep the published shape, rows
 * grow with their number.
 */
export function heightFor(spec: ChartSpec, width: number): number {
  if (spec.kind === 'bars') return Math.round((width * PUBLISHED_HEIGHT) / PUBLISHED_WIDTH);
  if (spec.kind === 'lines' || spec.kind === 'scatter' || spec.kind === 'curve')
    return Math.max(spec.kind === 'scatter' ? 460 : 380, Math.round((width * PUBLISHED_HEIGHT) / PUBLISHED_WIDTH));
  const { row, head, foot } = rowsMeasures(spec, width);
  return Math.round(head + row * Math.max(1, spec.rows.length) + foot);
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

/**
 * The sizes of a rows chart at a width; estimated from letters, so that Node and browser agree before anything is
 * drawn.
 */
export function rowsMeasures({ subtitle, rows }: RowsSpec, width: number): RowsMeasures {
  const narrow = width < 560;
  const [titleSize, textSize, smallSize] = narrow ? [20, 15, 14] : [28, 18, 16];
  const lines = brokenAt(subtitle, Math.floor((width - 40) / (smallSize * 0.48)));
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
    row: strip + (narrow ? 36 : 42),
    head: titleSize * 1.2 + lines.length * smallSize * 1.2 + 26,
    foot: narrow ? 62 : 72,
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
