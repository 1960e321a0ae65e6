import { plainLine } from '../../model/plain-text.js';

/** An axis with every tick decided, so that PNG, SVG and page show the same one. */
export interface Axis {
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

/** The published look: bars on an axis as a spreadsheet chooses it. */
export interface BarsSpec {
  readonly kind: 'bars';
  readonly id: string;
  readonly title: string;
  /** Where the axis starts, and what the seconds are of. */
  readonly note: string;
  readonly axis: Axis;
  readonly bars: readonly { readonly label: string; readonly value: number }[];
}

/** What a row's arm is to the comparison; decides its colour. */
export type Role = 'baseline' | 'compared' | 'control';

/** One line of a rows chart: a dot with a 95 % interval. */
export interface Row {
  readonly label: string;
  /** The figures in words, at the row's right end. */
  readonly text: string;
  readonly role: Role;
  /** `null` where there is nothing to draw; the row and its text stay. */
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Published values of the same quantity, drawn as diamonds. */
  readonly marks: readonly number[];
  /** Where a bar that ends at the value begins: the rows of a waterfall, each from the end of the one above. */
  readonly from?: number;
}

/** The honest look: dots with intervals, one row each; position, not length, carries the value. */
export interface RowsSpec {
  readonly kind: 'rows';
  readonly id: string;
  readonly title: string;
  readonly subtitle: string;
  readonly axisTitle: string;
  readonly axis: Axis;
  /** Whether the axis is cut off from zero, and must show it. */
  readonly broken: boolean;
  /** The line of no effect, with the equivalence margin around it; `null` where the axis is not a ratio. */
  readonly noEffect: { readonly margin: readonly [number, number] } | null;
  readonly rows: readonly Row[];
}

/** Values over named steps, one line each; `ideal` and `limit` are drawn as thin broken lines. */
export interface LinesSpec {
  readonly kind: 'lines';
  readonly id: string;
  readonly title: string;
  readonly subtitle: string;
  readonly labels: readonly string[];
  readonly xTitle: string;
  readonly yTitle: string;
  readonly axis: Axis;
  readonly lines: readonly {
    readonly label: string;
    readonly role: Role | 'ideal' | 'limit';
    readonly values: readonly (number | null)[];
  }[];
}

/** A point with the 95 % interval of its height. */
export interface ScatterPoint {
  readonly x: number;
  readonly y: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** Points over a number, in groups, with a straight line fitted through those that it is about. */
export interface ScatterSpec {
  readonly kind: 'scatter';
  readonly id: string;
  readonly title: string;
  readonly subtitle: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly xAxis: Axis;
  readonly yAxis: Axis;
  /** `apart`: drawn hollow, as the line is not about them. */
  readonly groups: readonly {
    readonly label: string;
    readonly apart: boolean;
    readonly points: readonly ScatterPoint[];
  }[];
  readonly line: { readonly label: string; readonly intercept: number; readonly slope: number } | null;
}

/** A measured or predicted place among curves. */
export interface CurvePoint {
  readonly label: string;
  readonly role: 'predicted' | 'measured';
  readonly x: number;
  readonly y: number;
  /** 95 % interval of y. */
  readonly low: number | null;
  readonly high: number | null;
  /** Its figures. */
  readonly words: string;
}

/** Overhead against a rate on a logarithmic axis: each line is a fixed percentage per call and second. */
export interface CurveSpec {
  readonly kind: 'curve';
  readonly id: string;
  readonly title: string;
  readonly subtitle: string;
  readonly xTitle: string;
  readonly yTitle: string;
  /** Powers of ten. */
  readonly x: { readonly min: number; readonly max: number };
  readonly axis: Axis;
  readonly lines: readonly {
    readonly label: string;
    readonly kind: 'cached' | 'filtered';
    readonly percentPerCall: number;
  }[];
  readonly points: readonly CurvePoint[];
}

/** Characters of one text in a chart; more have no room. */
const LONGEST_LABEL = 300;

/** The chart with plain texts only, whatever its labels were made of. */
export const plainSpec = <Spec extends ChartSpec>(spec: Spec): Spec => plainIn(spec) as Spec;

function plainIn(value: unknown): unknown {
  if (typeof value === 'string') return plainLine(value, LONGEST_LABEL);
  if (Array.isArray(value)) return value.map(plainIn);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plainIn(one)]));
}

/** A chart as data (it can be stored in a page); {@link configure} makes a Chart.js configuration of it. */
export type ChartSpec = BarsSpec | RowsSpec | LinesSpec | ScatterSpec | CurveSpec;
