import type { Chart, Plugin } from 'chart.js';
import { shortenedTo } from './frame.js';
import { FONT } from './look.js';
import type { Palette, RowsMeasures } from './look.js';
import { armColour, rowColour } from './palette.js';
import type { Placed, Role, RowsSpec, Tone } from './spec.js';

/** How far below its dot a row ends, as a share of the row: the dot lies in the middle of what the strip leaves. */
export const rowFoot = ({ row, strip }: RowsMeasures): number => (row - strip) / 2 / row;

type Context = Chart['ctx'];

/** One plain colour behind the chart; PNG and SVG would be transparent otherwise. */
export const ground = (palette: Palette): Plugin => ({
  id: 'ground',
  beforeDraw({ ctx, width, height }) {
    ctx.save();
    ctx.fillStyle = palette.ground;
    ctx.fillRect(0, 0, width, height);
    ctx.restore();
  },
});

/** The margin as a band and the line of no effect in it. */
export const noEffectBand = (spec: RowsSpec, palette: Palette): Plugin => ({
  id: 'noEffectBand',
  beforeDatasetsDraw({ ctx, chartArea: area, scales: { x } }) {
    if (spec.noEffect === null || x === undefined) return;
    const [low, high] = spec.noEffect.margin.map((value) => x.getPixelForValue(value));
    ctx.save();
    ctx.fillStyle = palette.band;
    ctx.fillRect(low ?? 0, area.top, (high ?? 0) - (low ?? 0), area.bottom - area.top);
    ctx.strokeStyle = palette.ink;
    ctx.lineWidth = 1.5;
    line(ctx, [x.getPixelForValue(0), area.top], [x.getPixelForValue(0), area.bottom]);
    ctx.restore();
  },
});

/** Published values as diamonds on the row they belong to; hollow, so that the measured dot is seen through them. */
export const publishedMarks = (spec: RowsSpec, palette: Palette): Plugin => ({
  id: 'publishedMarks',
  afterDatasetsDraw({ ctx, scales: { x, y } }) {
    if (x === undefined || y === undefined) return;
    ctx.save();
    ctx.strokeStyle = palette.published;
    ctx.lineWidth = 2.5;
    spec.rows.forEach((row, index) => {
      for (const mark of row.marks)
        diamond(ctx, x.getPixelForValue(mark), y.getPixelForValue(spec.rows.length - 1 - index));
    });
    ctx.restore();
  },
});

/** The bars of a waterfall, under the dots; a thin line leads from each to the one below. */
export const steps = (spec: RowsSpec, palette: Palette): Plugin => ({
  id: 'steps',
  beforeDatasetsDraw({ ctx, scales: { x, y } }) {
    if (x === undefined || y === undefined) return;
    ctx.save();
    spec.rows.forEach((row, index) => {
      const { from, value } = row;
      if (from === undefined || value === null) return;
      const [start, end, middle] = [
        x.getPixelForValue(from),
        x.getPixelForValue(value),
        y.getPixelForValue(spec.rows.length - 1 - index),
      ];
      ctx.globalAlpha = 0.35;
      ctx.fillStyle = rowColour(row, palette);
      ctx.fillRect(Math.min(start, end), middle - STEP_HEIGHT / 2, Math.max(1, Math.abs(end - start)), STEP_HEIGHT);
      ctx.globalAlpha = 1;
      ctx.strokeStyle = palette.soft;
      if (spec.isWaterfall === true && index + 1 < spec.rows.length)
        line(
          ctx,
          [end, middle + STEP_HEIGHT / 2],
          [end, y.getPixelForValue(spec.rows.length - 2 - index) - STEP_HEIGHT / 2],
        );
    });
    ctx.restore();
  },
});

const STEP_HEIGHT = 18;

/**
 * Above every dot a strip with the row's label (left) and its figures (right); grid and band stop at it, so nothing
 * crosses the text.
 */
export const rowTexts = (
  spec: { readonly rows: readonly TextRow[] },
  palette: Palette,
  sizes: RowsMeasures,
): Plugin => ({
  id: 'rowTexts',
  beforeDatasetsDraw({ ctx, chartArea: area, scales: { y } }) {
    if (y === undefined) return;
    ctx.save();
    ctx.textBaseline = 'middle';
    spec.rows.forEach((row, index) => {
      const top = y.getPixelForValue(spec.rows.length - index - rowFoot(sizes));
      ctx.fillStyle = palette.strip;
      ctx.fillRect(area.left, top, area.right - area.left, sizes.strip);
      drawTexts(ctx, row, [area.left + 6, area.right - 6, top + 1], palette, sizes);
    });
    ctx.restore();
  },
});

/** The words of a row, and what their colour follows. */
interface TextRow {
  readonly label: string;
  readonly text: string;
  readonly role: Role;
  readonly tone?: Tone;
  readonly place?: Placed['place'];
}

const textColour = (row: TextRow, palette: Palette): string =>
  row.place === undefined ? rowColour(row, palette) : armColour({ role: row.role, place: row.place }, palette);

function drawTexts(
  ctx: Context,
  row: TextRow,
  [leftEnd, rightEnd, top]: readonly [number, number, number],
  palette: Palette,
  sizes: RowsMeasures,
): void {
  const isControl = row.role === 'control';
  ctx.font = `${isControl ? 'normal' : 'bold'} ${sizes.textSize}px ${FONT}`;
  const figures = ctx.measureText(row.text).width;
  ctx.fillStyle = isControl ? palette.soft : row.role === 'baseline' ? palette.ink : textColour(row, palette);
  const lineHeight = sizes.strip / sizes.stripLines;
  const atLine = (number: number): number => top + lineHeight * (number - 0.5);
  ctx.fillText(row.text, rightEnd - figures, atLine(sizes.stripLines));
  ctx.fillStyle = isControl ? palette.soft : palette.ink;
  const room = rightEnd - leftEnd - (sizes.stripLines === 1 ? figures + 12 : 0);
  ctx.fillText(shortened(ctx, row.label, Math.max(40, room)), leftEnd, atLine(1));
}

/** The text, or its beginning and its end, which has the arm, as far as there is room. */
function shortened(ctx: Context, text: string, room: number): string {
  const share = room / ctx.measureText(text).width;
  if (share >= 1) return text;
  return shortenedTo(text, Math.max(3, Math.floor(0.95 * share * text.length)));
}

export function line(
  ctx: Context,
  [fromX, fromY]: readonly [number, number],
  [toX, toY]: readonly [number, number],
): void {
  ctx.beginPath();
  ctx.moveTo(fromX, fromY);
  ctx.lineTo(toX, toY);
  ctx.stroke();
}

function diamond(ctx: Context, x: number, y: number): void {
  ctx.beginPath();
  ctx.moveTo(x, y - 12);
  ctx.lineTo(x + 9, y);
  ctx.lineTo(x, y + 12);
  ctx.lineTo(x - 9, y);
  ctx.closePath();
  ctx.stroke();
}
