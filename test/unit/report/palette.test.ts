import { describe, expect, it } from 'vitest';
import { PALETTES, type Palette } from '../../../src/report/charts/palette.js';

/** Relative luminance of a colour as #rrggbb (WCAG 2.2). */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((place) => {
    const value = Number.parseInt(colour.slice(place, place + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

const shapesOf = ({ published, roles, tones, series }: Palette): readonly string[] => [
  published,
  ...Object.values(roles),
  ...Object.values(tones),
  ...series,
];

/** Words are in ink, in a soft colour, or in that of a verdict or of an arm; those of the control are soft. */
const wordsOf = ({ ink, soft, roles, tones, series }: Palette): readonly string[] => [
  ink,
  soft,
  roles.baseline,
  roles.compared,
  ...Object.values(tones),
  ...series,
];

describe.each(Object.entries(PALETTES))('the %s palette', (_, palette) => {
  it('has shapes with a contrast of 3:1 at least', () => {
    expect(shapesOf(palette).filter((colour) => contrast(colour, palette.ground) < 3)).toEqual([]);
  });

  it('has words with a contrast of 4.5:1 at least, on the ground and on a strip', () => {
    expect(
      wordsOf(palette).filter(
        (colour) => contrast(colour, palette.ground) < 4.5 || contrast(colour, palette.strip) < 4.5,
      ),
    ).toEqual([]);
  });
});
