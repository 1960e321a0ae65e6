import type { AnalysedRun, Estimate } from '../../model/analysis/analysis.js';
import { emulationOfHost } from '../../model/run/emulation.js';
import { ARROW, counted, estimateText, formatCount, signed } from '../text/format.js';
import { engineWords } from '../words/run.js';
import { instructionsShort } from './evidence.js';
import {
  PUBLISHED_CASES,
  PUBLISHED_SOURCE,
  publishedCaveats,
  publishedPercent,
  type PublishedCase,
} from './published.js';
import { reportLines, type ReportPlaces } from '../text/look.js';

/**
 * How a published change compares with a run's interval. `inside`: the interval contains it and excludes no change.
 * `outside`: the interval excludes it. `notResolvable`: the interval contains both. `tooFewBlocks`: there is no
 * interval. `emulated`: the run's times mean nothing. `notMeasured`: there is no complete block, or no run.
 */
export type Reproduced = 'inside' | 'outside' | 'notResolvable' | 'tooFewBlocks' | 'emulated' | 'notMeasured';

/** A published case next to what was measured here. */
export interface ReproducedCase {
  readonly published: PublishedCase;
  readonly outcome: Reproduced;
  /** The arms that repeat it: cold ones where a run has them, because nothing was cached there. */
  readonly arms: { readonly before: string; readonly after: string };
  /** Change of wall time, after against before. */
  readonly estimate: Estimate | null;
  readonly run: AnalysedRun | null;
}

/** The published cases and their runs, in the same order; cases without a run were not run here. */
export function reproducedCases(
  own: readonly PublishedCase[],
  runs: readonly AnalysedRun[],
): readonly ReproducedCase[] {
  return PUBLISHED_CASES.map((published) => {
    const index = own.indexOf(published);
    const run = index < 0 ? null : (runs[index] ?? null);
    const arms = repeatingArms(run);
    const estimate = run === null ? null : wallOf(run, arms.after);
    return { published, run, arms, estimate, outcome: outcomeOf(published, run, estimate) };
  });
}

const wallOf = ({ analysis }: AnalysedRun, arm: string): Estimate | null =>
  analysis.comparisons.find((one) => one.arm === arm && one.metric === 'wall')?.estimate ?? null;

/** The cold twins of `before` and `after`, where there are any. */
function repeatingArms(run: AnalysedRun | null): ReproducedCase['arms'] {
  const twins = (run?.run.plan.scenario.arms ?? []).filter(
    ({ cache, against }) => cache === 'cold' && against !== undefined,
  );
  const [before, after] = [
    twins.find(({ name, against }) => name === against),
    twins.find(({ policy }) => policy === 'host'),
  ];
  return before === undefined || after === undefined
    ? { before: 'before', after: 'after' }
    : { before: before.name, after: after.name };
}

function outcomeOf(published: PublishedCase, run: AnalysedRun | null, estimate: Estimate | null): Reproduced {
  if (run === null || estimate === null) return 'notMeasured';
  return emulationOfHost(run.run.host) === null ? judged(published, estimate) : 'emulated';
}

/** Only by the interval. */
export function judged(published: PublishedCase, { low, high }: Pick<Estimate, 'low' | 'high'>): Reproduced {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return 'tooFewBlocks';
  const change = Math.log1p(publishedPercent(published) / 100);
  if (change < low || change > high) return 'outside';
  return low < 0 && high > 0 ? 'notResolvable' : 'inside';
}

const OUTCOME_WORDS: Readonly<Record<Reproduced, string>> = {
  inside: "Inside: this run's interval contains the published change",
  outside: "Outside: this run's interval does not contain the published change",
  notResolvable: 'Not resolvable with this run: the interval contains both the published change and no change',
  tooFewBlocks: 'Not judged: too few blocks for a 95 % interval',
  emulated: 'Not judged: this run was emulated, so its times are meaningless',
  notMeasured: 'Not measured: no complete block',
};

/** Every published case, measured or not; ends with a newline. */
export function renderReproduction(cases: readonly ReproducedCase[], places: ReportPlaces): string {
  const foot = reportLines(places).map((line) => `${line}\n`);
  return [`${PUBLISHED_SOURCE}\n`, ...cases.map(caseText), ...(foot.length === 0 ? [] : ['\n', ...foot])].join('');
}

function caseText({ published, run, arms, estimate, outcome }: ReproducedCase): string {
  const head = `\n${published.id}: ${publishedText(published)}`;
  if (run === null) return `${head}\n  not run: requires an ${published.architecture} host\n`;
  const measured =
    estimate === null
      ? []
      : [
          `measured  ${seconds(run, arms.before)} ${ARROW} ${seconds(run, arms.after)}; ${arms.after}/${arms.before} \
${estimateText(estimate)}, \
${counted(estimate.blocks, 'block')}`,
          ...warmLine(run, arms.after),
        ];
  const lines = [
    ...measured,
    OUTCOME_WORDS[outcome],
    ...(estimate === null ? [] : [...mechanism(run), ...publishedCaveats(published)]),
  ];
  return `${[head, ...lines.map((line) => `  ${line}`)].join('\n')}\n`;
}

/** What the same arms showed with the runtime's cache filled, where both were measured. */
function warmLine(run: AnalysedRun, after: string): readonly string[] {
  const warm = after === 'after' ? null : wallOf(run, 'after');
  return warm === null
    ? []
    : [`warm      ${seconds(run, 'before')} ${ARROW} ${seconds(run, 'after')}; after/before ${estimateText(warm)}`];
}

const publishedText = (published: PublishedCase): string =>
  `published ${published.beforeSeconds.toFixed(3)} s ${ARROW} ${published.afterSeconds.toFixed(3)} s \
(${signed(publishedPercent(published), 2)} %) for ${counted(published.containers, 'container')}`;

/** What gets smaller with this engine, and what got smaller with the published one. */
function mechanism({ run: { evidence, plan } }: AnalysedRun): readonly string[] {
  const [before, after] = ['before', 'after'].map((name) => evidence.find(({ arm }) => arm === name));
  if (before === undefined || after === undefined) return [];
  const file =
    before.written === undefined || after.written === undefined
      ? `the seccomp object in config.json ${changed(before.specBytes, after.specBytes)} bytes`
      : `the seccomp file written at every start ${changed(before.written.bytes, after.written.bytes)} bytes, \
${changed(before.written.sections, after.written.sections)} sections`;
  return [
    `Mechanism here (${engineWords(plan.engine)}): ${file}, the loaded filter ${instructionsShort(before)} ${ARROW} \
${instructionsShort(after)} instructions; ${buildWords(plan)}.`,
    'Published mechanism (iSulad with lcr): the rules are written once per architecture into an LXC seccomp file, ' +
      'and ' +
      'LXC reads and skips sections of other architectures: the file gets smaller, but the loaded filter does not.',
  ];
}

/** When libseccomp builds the filter. */
function buildWords({ scenario: { arms } }: AnalysedRun['run']['plan']): string {
  if (arms.every(({ cache }) => cache === undefined || cache === 'cold'))
    return 'libseccomp builds it again at every start';
  return arms.some(({ cache }) => cache === 'cold')
    ? 'libseccomp builds it again at every cold start, at a warm one it comes from the cache of the runtime'
    : 'it comes from the cache of the runtime, so libseccomp does not build it again';
}

const changed = (before: number, after: number): string => `${formatCount(before)} ${ARROW} ${formatCount(after)}`;

function seconds({ analysis }: AnalysedRun, arm: string): string {
  const total = analysis.arms.find((summary) => summary.arm === arm)?.totalSeconds ?? null;
  return total === null ? '?' : `${total.toFixed(3)} s`;
}
