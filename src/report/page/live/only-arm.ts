import type { ChartSpec } from '../../charts/spec.js';

/** What a part of a chart says about whose it is. */
interface Part {
  readonly label: string;
  /** Name of its arm; absent: its label begins with it. */
  readonly arm?: string;
}

/** Whether a part is of this arm: `after` and `after, CPU` are of `after`. */
const isOf =
  (arm: string) =>
  ({ label, arm: own }: Part): boolean =>
    own === undefined ? label === arm || label.startsWith(`${arm}, `) : own === arm;

/** The chart with what belongs to one arm; the chart itself where it shows nothing of that arm. */
export function onlyArm(spec: ChartSpec, arm: string): ChartSpec {
  const mine = isOf(arm);
  switch (spec.kind) {
    case 'rows': {
      const rows = spec.rows.filter(mine);
      return rows.length === 0 ? spec : { ...spec, rows };
    }
    case 'lines': {
      const lines = spec.lines.filter((line) => isGuide(line) || mine(line));
      return lines.every(isGuide) ? spec : { ...spec, lines };
    }
    case 'bars': {
      const bars = spec.bars.filter(({ label }) => label.toLowerCase() === arm.toLowerCase());
      return bars.length === 0 ? spec : { ...spec, bars };
    }
    case 'curve':
    case 'scatter':
      return spec;
  }
}

/** Lines that no arm was measured for. */
const isGuide = ({ role }: { readonly role: string }): boolean => role === 'ideal' || role === 'limit';

/** The arm, among `arms`, of the element at a place of a drawn chart; `undefined` for what is no arm's. */
export function armAt(
  spec: ChartSpec,
  { datasetIndex, index }: { readonly datasetIndex: number; readonly index: number },
  arms: readonly string[],
): string | undefined {
  const part = partAt(spec, datasetIndex, index);
  if (part === undefined) return undefined;
  // The longest name first: `after` is not `after, cold`.
  return [...arms].sort((one, other) => other.length - one.length).find((arm) => isOf(arm)(part));
}

function partAt(spec: ChartSpec, datasetIndex: number, index: number): Part | undefined {
  switch (spec.kind) {
    case 'rows':
      return spec.rows[index];
    case 'lines':
      return spec.lines[datasetIndex];
    case 'bars': {
      const bar = spec.bars[index];
      return bar === undefined ? undefined : { label: bar.label.toLowerCase() };
    }
    case 'curve':
    case 'scatter':
      return undefined;
  }
}
