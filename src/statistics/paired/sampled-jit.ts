import type { JitSamples, LoadPart, PartLine, PartTime, TimeInterval } from '../../model/filter/attaching.js';

/** Two-sided 95 % of a normal distribution: samples are many. */
const Z = 1.96;

const halfOf = ({ low, high }: TimeInterval): number => (high - low) / 2;
const around = (part: LoadPart, ns: number, half: number): PartTime => ({ part, ns, low: ns - half, high: ns + half });

/**
 * The parts of a load with the JIT's own: its share of the samples, of the time of a load without a walk (`empty`). The
 * rest of translating is the conversion. The parts as they are where no sample fell into the JIT.
 */
export function withSampledJit(
  parts: readonly PartTime[],
  empty: TimeInterval,
  { inLoad, inJit }: JitSamples,
): readonly PartTime[] {
  const at = parts.findIndex(({ part }) => part === 'translate');
  const translate = parts[at];
  if (translate === undefined || inJit === 0) return parts;
  const share = inJit / inLoad;
  const ns = share * empty.ns;
  const half = Math.hypot(Z * Math.sqrt((share * (1 - share)) / inLoad) * empty.ns, share * halfOf(empty));
  const rest = around('convert', translate.ns - ns, Math.hypot(half, halfOf(translate)));
  return [...parts.slice(0, at + 1), rest, around('jit', ns, half), ...parts.slice(at + 1)];
}

/** Lines through parts that have an interval each, but no rounds. */
export function linesThrough(
  swept: readonly { readonly instructions: number; readonly parts: readonly PartTime[] }[],
  instructions: number,
): readonly PartLine[] {
  return (['convert', 'jit'] as const).flatMap((part) => {
    const points = swept.flatMap((one) => {
      const own = one.parts.find((other) => other.part === part);
      return own === undefined ? [] : [{ x: one.instructions, y: own.ns, half: halfOf(own) }];
    });
    if (points.length < Math.max(2, swept.length)) return [];
    const at = (weights: readonly number[]): TimeInterval => {
      const ns = points.reduce((sum, { y }, place) => sum + y * (weights[place] ?? 0), 0);
      const half = Math.hypot(...points.map((one, place) => one.half * (weights[place] ?? 0)));
      return { ns, low: ns - half, high: ns + half };
    };
    const { slope, intercept } = lineWeights(points.map(({ x }) => x));
    const expected = slope.map((one, place) => (intercept[place] ?? 0) + one * instructions);
    return [{ part, perInstruction: at(slope), fixed: at(intercept), expectedNs: at(expected).ns }];
  });
}

/** What each value counts in slope and intercept of a line, weighted by 1 / x squared: errors grow with values. */
function lineWeights(xs: readonly number[]): {
  readonly slope: readonly number[];
  readonly intercept: readonly number[];
} {
  const weights = xs.map((x) => 1 / (x * x));
  const sum = (of: (x: number, weight: number) => number): number =>
    xs.reduce((all, x, place) => all + of(x, weights[place] ?? 0), 0);
  const [w, wx, wxx] = [sum((_, weight) => weight), sum((x, weight) => weight * x), sum((x, weight) => weight * x * x)];
  const slope = xs.map((x, place) => ((weights[place] ?? 0) * (w * x - wx)) / (w * wxx - wx * wx));
  return { slope, intercept: xs.map((_, place) => ((weights[place] ?? 0) - (slope[place] ?? 0) * wx) / w) };
}
