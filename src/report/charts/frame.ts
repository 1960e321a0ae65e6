import { brokenAt, FONT, paletteOf } from './look.js';
import type { Look } from './look.js';

/**
 * What charts with two axes have in common: letters, the titles of their axes, and what stands above and below them.
 */
export function frameOf(spec: { readonly title: string; readonly subtitle: string }, look: Look) {
  const palette = paletteOf(look);
  const [titleSize, smallSize] = look.width < 560 ? [20, 14] : [28, 16];
  const letters = { family: FONT, size: smallSize };
  return {
    palette,
    letters,
    /** What every axis has. */
    axis: (text: string) => ({
      title: { display: true, text, color: palette.soft, font: letters },
      grid: { color: palette.grid },
      border: { color: palette.ink },
    }),
    layout: { padding: { left: 20, right: 24, top: 4, bottom: 8 } },
    plugins: {
      legend: {
        position: 'bottom' as const,
        labels: {
          color: palette.ink,
          font: letters,
          usePointStyle: true,
          boxHeight: 9,
          filter: named(look, smallSize),
        },
      },
      title: {
        display: true,
        text: spec.title,
        align: 'start' as const,
        color: palette.ink,
        font: { family: FONT, size: titleSize, weight: 'bold' as const },
        padding: { top: 8, bottom: 2 },
      },
      subtitle: {
        display: true,
        text: [...brokenAt(spec.subtitle, Math.floor((look.width - 44) / (smallSize * 0.44)))],
        align: 'start' as const,
        color: palette.soft,
        font: letters,
        padding: { bottom: 16 },
      },
    },
  };
}

/** Room of a legend that is no text: the edges of the picture and the mark of the item. */
const BESIDE_TEXT = 84;

/**
 * Which items a legend has: those with a name. One that is longer than the picture is wide keeps its beginning and its
 * end: a canvas cuts off what does not fit, on both sides.
 */
const named =
  ({ width }: Look, size: number) =>
  (item: { text: string }): boolean => {
    item.text = shortenedTo(item.text, Math.floor((width - BESIDE_TEXT) / (0.5 * size)));
    return item.text !== '';
  };

/** At most so many characters, from both ends of the text. */
export function shortenedTo(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = Math.ceil(0.6 * (most - 1));
  return `${text.slice(0, most - 1 - end).trimEnd()}\u2026${text.slice(text.length - end).trimStart()}`;
}
