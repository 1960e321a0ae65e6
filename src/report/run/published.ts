import { unitOf } from '../../model/run/scenario.js';
import { plain, signed } from '../text/format.js';
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
 * The case that a scenario repeats: the one it names, where its batches and arms are the published ones. `undefined`
 * for every other scenario, also for one that makes the same change: seconds for other numbers of containers cannot be
 * compared.
 */
export const publishedFor = (scenario: Scenario): PublishedCase | undefined =>
  PUBLISHED_CASES.find(
    (published) =>
      published.id === scenario.published &&
      published.mode === scenario.kind &&
      // What was published is of starts.
      unitOf(scenario) === 'start' &&
      isOfSize(scenario, published) &&
      makesPublishedChange(scenario),
  );

/** Containers of a sequence start one by one, so that a shorter one differs in length alone. */
const isOfSize = (scenario: Scenario, { containers }: PublishedCase): boolean =>
  scenario.kind === 'sequential' || (scenario.count === containers && scenario.concurrency >= scenario.count);

/** Whether all architectures are compared with the host's alone, in one engine. */
function makesPublishedChange({ arms }: Scenario): boolean {
  const policies = new Set(
    arms.filter((arm) => arm.runtime === undefined && arm.command === undefined).map((arm) => arm.policy),
  );
  return policies.has('all') && policies.has('host');
}

/** The published change in one line. */
export const publishedWords = (published: PublishedCase): string =>
  `Published (iSulad 2021, without spread): ${signed(publishedPercent(published), 2)} % of \
${plain(published.beforeSeconds, 3)} s`;

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
