import { plainLine } from '../../model/plain-text.js';

/** An axis with every tick decided, so that PNG, SVG and page show the same one. */
export interface Axis {
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

/** The published look: bars from zero, with the interval of each where it has one. */
export interface BarsSpec {
  readonly kind: 'bars';
  readonly id: string;
  readonly title: string;
  readonly subtitle: string;
  readonly axisTitle: string;
  readonly axis: Axis;
  readonly rows: readonly {
    readonly label: string;
    readonly text: string;
    readonly role: Role;
    readonly place: number;
    readonly value: number;
    readonly low: number | null;
    readonly high: number | null;
  }[];
}

/** What a row's arm is to the comparison; decides its colour. */
export type Role = 'baseline' | 'compared' | 'control';

/** What a row's verdict is; decides its colour where it has one. */
export type Tone = 'faster' | 'slower' | 'equal' | 'open' | 'invalid';

/** One line of a rows chart: a dot with a 95 % interval. */
export interface Row {
  readonly label: string;
  /** The figures in words, at the row's right end. */
  readonly text: string;
  readonly role: Role;
  readonly tone?: Tone;
  /** `null` where there is nothing to draw; the row and its text stay. */
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Published values of the same quantity, drawn as diamonds. */
  readonly marks: readonly number[];
  /** Where a bar that ends at the value begins; the rows of a waterfall begin at the end of the one above. */
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
  /** The line of no effect, with the equivalence margin around it; `null` where the axis is not a ratio. */
  readonly noEffect: { readonly margin: readonly [number, number] } | null;
  /** Each bar begins where the one above ends. */
  readonly isWaterfall?: boolean;
  readonly rows: readonly Row[];
}

/** An arm, or a part of a whole, among others: its colour. */
export interface Placed {
  readonly role: Role;
  /** 0-based among the compared arms. */
  readonly place: number;
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
    readonly place: number;
    /** Lines of one arm are told apart by their dashes: 0 is solid. */
    readonly dash: number;
    readonly values: readonly (number | null)[];
    /** 95 % bounds; empty where there are none. */
    readonly low: readonly (number | null)[];
    readonly high: readonly (number | null)[];
  }[];
  /** By step: on a page, where a click on a point leads to. */
  readonly links?: readonly (string | null)[];
}

/** How the values of one arm are spread. */
export interface DistributionRow extends Placed {
  readonly label: string;
  readonly text: string;
  readonly p25: number;
  readonly median: number;
  readonly p75: number;
  /** Ends of the whiskers: the smallest and largest value that is no outlier. */
  readonly low: number;
  readonly high: number;
  readonly density: { readonly from: number; readonly step: number; readonly heights: readonly number[] } | null;
  /** Within the axis. */
  readonly outliers: readonly number[];
  /** How many outliers are not on the axis: `3 more, up to 240 ms`; empty where all are. */
  readonly beyond: string;
}

/** Violins with quartiles, one row per arm; outliers as rings. */
export interface DistributionSpec {
  readonly kind: 'distribution';
  readonly id: string;
  readonly title: string;
  readonly subtitle: string;
  readonly axisTitle: string;
  readonly axis: Axis;
  readonly rows: readonly DistributionRow[];
}

/** A place on two axes. */
export type Place = readonly [x: number, y: number];

/** An arm in the order of blocks. */
export interface TimeSeries extends Placed {
  readonly label: string;
  readonly points: readonly Place[];
  /** Smallest and largest of each point, where a point is several blocks; else empty. */
  readonly spans: readonly (readonly [low: number, high: number])[];
  /** Beyond the fence, or, marked apart, beyond the axis. */
  readonly outliers: readonly Place[];
  readonly clipped: readonly Place[];
  readonly trend: readonly Place[];
}

/** The run over time: values of every arm above, paired changes below. */
export interface TimeSpec {
  readonly kind: 'time';
  readonly id: string;
  readonly title: string;
  readonly subtitle: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly changeTitle: string;
  /** Blocks; warm-up is below 0 and shaded. */
  readonly x: { readonly min: number; readonly max: number };
  readonly axis: Axis;
  readonly changeAxis: Axis;
  readonly arms: readonly TimeSeries[];
  readonly changes: readonly (TimeSeries & {
    readonly estimate: { readonly value: number; readonly low: number; readonly high: number } | null;
  })[];
}

/** Wholes and their parts as bars from zero. */
export interface PartsSpec {
  readonly kind: 'parts';
  readonly id: string;
  readonly title: string;
  readonly subtitle: string;
  readonly axisTitle: string;
  readonly axis: Axis;
  readonly parts: readonly string[];
  readonly rows: readonly {
    readonly label: string;
    readonly text: string;
    /** By part. */
    readonly values: readonly number[];
  }[];
}

/** What fewer and more blocks would find; both axes are logarithmic. */
export interface PowerSpec {
  readonly kind: 'power';
  readonly id: string;
  readonly title: string;
  readonly subtitle: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly x: { readonly min: number; readonly max: number };
  readonly y: { readonly min: number; readonly max: number };
  readonly lines: readonly (Placed & { readonly label: string; readonly points: readonly Place[] })[];
  /** Where the run itself is, on each line. */
  readonly here: readonly (Placed & { readonly label: string; readonly at: Place })[];
  /** Level lines. */
  readonly guides: readonly { readonly label: string; readonly y: number }[];
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
    /** Among the compared arms, where it is one: its colour is that of the arm in other charts. */
    readonly place?: number;
    readonly points: readonly ScatterPoint[];
  }[];
  readonly line: { readonly label: string; readonly intercept: number; readonly slope: number } | null;
  /** Lines of groups, in their colours and without words of their own; absent: there are none. */
  readonly lines?: readonly { readonly place: number; readonly intercept: number; readonly slope: number }[];
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

/** Characters of one text in a chart, a subtitle of several lines included; more have no room. */
const LONGEST_LABEL = 500;

/** The chart with plain texts only, whatever its labels were made of. */
export const plainSpec = <Spec extends ChartSpec>(spec: Spec): Spec => plainIn(spec) as Spec;

function plainIn(value: unknown): unknown {
  if (typeof value === 'string') return plainLine(value, LONGEST_LABEL);
  if (Array.isArray(value)) return value.map(plainIn);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plainIn(one)]));
}

/** A chart as data (it can be stored in a page); {@link configure} makes a Chart.js configuration of it. */
export type ChartSpec =
  BarsSpec | RowsSpec | LinesSpec | ScatterSpec | CurveSpec | DistributionSpec | TimeSpec | PartsSpec | PowerSpec;
