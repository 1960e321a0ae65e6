import { unitOf } from '../../model/run/scenario.js';
import type { Scenario } from '../../model/run/scenario.js';

/**
 * One published before/after case: seconds for `containers` containers, before and after keeping only the host's
 * architectures.
 */
export interface PublishedCase {
  readonly id: string;
  /** As the published charts name it. */
  readonly architecture: 'x86_64' | 'arm64';
  readonly mode: 'sequential' | 'parallel';
  readonly containers: number;
  /** In the text. */
  readonly beforeSeconds: number;
  readonly afterSeconds: number;
  /** In the chart, which differs from the text in one case. */
  readonly chartBeforeSeconds: number;
  /** Percent of time saved, as printed in the document. */
  readonly saidPercent: number;
}

/** Where the published figures come from; it gives no spread, repetitions, test, processor or versions. */
export const PUBLISHED_SOURCE = 'iSulad, seccomp_optimization.md, 2021-12-30';

const at = (
  architecture: PublishedCase['architecture'],
  mode: PublishedCase['mode'],
  containers: number,
  [beforeSeconds, afterSeconds]: readonly [number, number],
  saidPercent: number,
  chartBeforeSeconds = beforeSeconds,
): PublishedCase => ({
  id: `${architecture}-${mode}`,
  architecture,
  mode,
  containers,
  beforeSeconds,
  afterSeconds,
  chartBeforeSeconds,
  saidPercent,
});

/** The four published cases (source: {@link PUBLISHED_SOURCE}). */
export const PUBLISHED_CASES: readonly PublishedCase[] = [
  at('x86_64', 'sequential', 500, [57, 56.671], 0.6),
  at('x86_64', 'parallel', 200, [14.407, 14.084], 2.24),
  at('arm64', 'sequential', 500, [75.271, 74.263], 1.34),
  at('arm64', 'parallel', 150, [10.255, 10.131], 1.21, 10.225),
];

/** Percent change of time, after against before, from the text's seconds: negative is faster. */
export const publishedPercent = (published: PublishedCase): number =>
  100 * (published.afterSeconds / published.beforeSeconds - 1);

/** The same from the seconds its chart prints. */
export const publishedChartPercent = (published: PublishedCase): number =>
  100 * (published.afterSeconds / published.chartBeforeSeconds - 1);

/** The architecture's name in the published charts: uname's `aarch64` is their `arm64`. */
export const chartArchitecture = (machine: string): string => (machine === 'aarch64' ? 'arm64' : machine);

/**
 * The case a run repeats (named by its scenario), else the one of the same architecture and kind where the run makes
 * the same change; `undefined` where none was published.
 */
export function publishedFor(scenario: Scenario, machine: string): PublishedCase | undefined {
  // What was published is of starts.
  if (unitOf(scenario) === 'exec') return undefined;
  const named = PUBLISHED_CASES.find((published) => published.id === scenario.published);
  if (named !== undefined || !makesPublishedChange(scenario)) return named;
  return PUBLISHED_CASES.find(
    (published) => published.architecture === chartArchitecture(machine) && published.mode === scenario.kind,
  );
}

/** Whether the run compares all architectures with the host's alone, in one engine. */
function makesPublishedChange({ arms }: Scenario): boolean {
  const policies = new Set(
    arms.filter((arm) => arm.runtime === undefined && arm.command === undefined).map((arm) => arm.policy),
  );
  return policies.has('all') && policies.has('host');
}

/** What a reader must know before comparing a measurement with the case. */
export function publishedCaveats(published: PublishedCase): readonly string[] {
  const noSpread = 'The published figures are single numbers, without spread, repetitions, processor or versions.';
  if (published.chartBeforeSeconds === published.beforeSeconds) return [noSpread];
  const text = `${published.beforeSeconds.toFixed(3)} s (${Math.abs(publishedPercent(published)).toFixed(2)} %)`;
  const chart = `${published.chartBeforeSeconds.toFixed(3)} s \
(${Math.abs(publishedChartPercent(published)).toFixed(2)} %)`;
  return [
    noSpread,
    `For ${published.architecture} ${published.mode}, the published text has ${text} before and its chart ${chart}.`,
  ];
}
