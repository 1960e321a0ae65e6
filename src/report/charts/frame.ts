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
        labels: { color: palette.ink, font: letters, usePointStyle: true, boxHeight: 9 },
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

/** The same, with only those datasets in the legend that have a name. */
export const withNamedLegend = ({ plugins }: Pick<ReturnType<typeof frameOf>, 'plugins'>) => ({
  ...plugins,
  legend: {
    ...plugins.legend,
    labels: { ...plugins.legend.labels, filter: ({ text }: { readonly text: string }) => text !== '' },
  },
});
