import type { ChartSpec, DistributionSpec, PartsSpec, RowsSpec } from '../../charts/spec.js';

/** What a part of a chart says about whose it is. */
interface Part {
  readonly label: string;
}

/** Whether a part is of this arm: `after`, `after, CPU` and `after / before` are of `after`. */
const isOf =
  (arm: string) =>
  ({ label }: Part): boolean =>
    label === arm || [', ', ' / ', ': '].some((end) => label.startsWith(`${arm}${end}`));

/** The chart with what belongs to one arm; the chart itself where it shows nothing of that arm. */
export function onlyArm(spec: ChartSpec, arm: string): ChartSpec {
  const mine = isOf(arm);
  const withRows = (own: RowsSpec | DistributionSpec | PartsSpec): ChartSpec => {
    const rows = own.rows.filter(mine);
    return rows.length === 0 ? own : ({ ...own, rows } as ChartSpec);
  };
  switch (spec.kind) {
    case 'rows':
      return spec.isWaterfall === true ? spec : withRows(spec);
    case 'distribution':
    case 'parts':
      return withRows(spec);
    case 'time':
      return spec.arms.some(mine)
        ? { ...spec, arms: spec.arms.filter(mine), changes: spec.changes.filter(mine) }
        : spec;
    case 'power':
      return spec.lines.some(mine) ? { ...spec, lines: spec.lines.filter(mine), here: spec.here.filter(mine) } : spec;
    case 'lines':
      return spec.lines.some(mine)
        ? { ...spec, lines: spec.lines.filter((line) => isGuide(line) || mine(line)) }
        : spec;
    case 'bars':
    case 'curve':
    case 'scatter':
      return spec;
  }
}

/** Lines that no arm was measured for. */
const isGuide = ({ role }: { readonly role: string }): boolean => role === 'ideal' || role === 'limit';

/** A place in a drawn chart. */
export interface ElementPlace {
  readonly datasetIndex: number;
  readonly index: number;
}

/** The arm, among `arms`, of the element at a place of a drawn chart; `undefined` for what is no arm's. */
export function armAt(spec: ChartSpec, place: ElementPlace, arms: readonly string[]): string | undefined {
  const part = partAt(spec, place);
  if (part === undefined) return undefined;
  // The longest name first: `after` is not `after, cold`.
  return [...arms].sort((one, other) => other.length - one.length).find((arm) => isOf(arm)(part));
}

function partAt(spec: ChartSpec, { datasetIndex, index }: ElementPlace): Part | undefined {
  switch (spec.kind) {
    case 'rows':
      return spec.rows[index];
    case 'parts':
      return spec.rows[index];
    case 'distribution':
      return spec.rows[datasetIndex];
    case 'lines':
      return spec.lines[datasetIndex];
    case 'power':
      return [...spec.lines, ...spec.here][datasetIndex];
    case 'time':
      return [...spec.arms, ...spec.changes][Math.floor(datasetIndex / SETS_PER_SERIES)];
    case 'bars':
    case 'curve':
    case 'scatter':
      return undefined;
  }
}

/** Of the run over time: points, outliers, values beyond the axis, trend. */
export const SETS_PER_SERIES = 4;
