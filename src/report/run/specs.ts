import type { AnalysedRun, Comparison, ControlCheck, Estimate } from '../../model/analysis/analysis.js';
import { emulationOfHost } from '../../model/run/emulation.js';
import { isTimed } from '../../model/analysis/judgement.js';
import { machineOf } from '../../model/results/result.js';
import type { ArmDefinition } from '../../model/run/scenario.js';
import { barAxis, dotAxis } from '../charts/axis.js';
import type { Axis, BarsSpec, Role, Row, RowsSpec } from '../charts/spec.js';
import { chartSeconds, effectOf, estimateText, marginText, plain } from '../text/format.js';
import { publishedChartPercent, publishedFor, publishedPercent } from './published.js';
import type { PublishedCase } from './published.js';
import { metricShort } from '../words/names.js';
import { engineWords, otherByFamily, rolesOf, runSubtitle, runTitle, totalWords, verdictWords } from '../words/run.js';

const axisStart = (axis: Axis): string =>
  axis.min === 0 ? 'axis starts at 0' : `axis starts at ${chartSeconds(axis.min)}, not at 0`;

/** The run in the style of the published charts, without the control; `null` where no arm has a total. */
export function measuredBars(analysed: AnalysedRun, id: string): BarsSpec | null {
  const { baselines, compared } = rolesOf(analysed);
  const bars = analysed.analysis.arms.flatMap(({ arm, totalSeconds: value }) =>
    value === null || ![...baselines, ...compared].includes(arm) ? [] : [{ label: arm.toUpperCase(), value }],
  );
  if (bars.length === 0) return null;
  const axis = barAxis(bars.map(({ value }) => value));
  const note = `Measured: ${engineWords(analysed.run.plan.engine)}, ${totalWords(analysed)}; ${axisStart(axis)}`;
  return { kind: 'bars', id, title: runTitle(analysed), note, axis, bars };
}

/** The published case in its own style, with the values its chart prints. */
export function publishedBars(published: PublishedCase, id: string): BarsSpec {
  const bars = [
    { label: 'BEFORE', value: published.chartBeforeSeconds },
    { label: 'AFTER', value: published.afterSeconds },
  ];
  const axis = barAxis(bars.map(({ value }) => value));
  const note = `Published by iSulad, 2021: seconds for ${published.containers} containers; ${axisStart(axis)}`;
  return { kind: 'bars', id, title: `${published.architecture} ${published.mode}`, note, axis, bars };
}

/** Seconds of every arm, control included, as dots with their own 95 % intervals. */
export function secondsRows(analysed: AnalysedRun, id: string): RowsSpec {
  const roles = rolesOf(analysed);
  const rows = analysed.analysis.arms.map((arm): Row => {
    const { totalSeconds: value, totalSecondsLow: low, totalSecondsHigh: high } = arm;
    const interval = low === null || high === null ? '' : ` [${plain(low, 3)}, ${plain(high, 3)}]`;
    const role: Role = roles.baselines.includes(arm.arm)
      ? 'baseline'
      : arm.arm === roles.control
        ? 'control'
        : 'compared';
    return {
      label: arm.arm,
      text: value === null ? 'no complete block' : `${plain(value, 3)} s${interval}`,
      role,
      value,
      low,
      high,
      marks: [],
    };
  });
  const axis = dotAxis(rows.flatMap(drawnValues));
  return {
    kind: 'rows',
    id,
    title: `${runTitle(analysed)}: seconds`,
    rows,
    axis,
    broken: axis.min > 0,
    noEffect: null,
    subtitle: `${runSubtitle(analysed)}. Lines: 95 % interval of each arm alone; the paired comparison is more \
precise.`,
    axisTitle: `${totalWords(analysed)} (lower is better${axis.min > 0 ? '; axis does not start at 0' : ''})`,
  };
}

/**
 * Percent change of every compared arm, with the published change marked where it belongs; of one run also the A/A
 * check.
 */
export function changeRows(runs: readonly AnalysedRun[], id: string, title: string): RowsSpec {
  const many = runs.length > 1;
  const rows = runs.flatMap((analysed) =>
    runChangeRows(analysed, many ? `${runTitle(analysed)}, ${engineWords(analysed.run.plan.engine)}: ` : ''),
  );
  const margin = runs[0]?.analysis.margin ?? 0;
  const band = [-100 * (1 - 1 / (1 + margin)), 100 * margin] as const;
  const marked = rows.some(({ marks }) => marks.length > 0);
  const [only] = runs;
  return {
    kind: 'rows',
    id,
    title,
    rows,
    axis: changeAxis([0, ...band, ...rows.flatMap(drawnValues)]),
    broken: false,
    noEffect: { margin: band },
    subtitle:
      `${only === undefined || many ? '' : `${runSubtitle(only)}. `}Lines: 95 % interval. ` +
      `Green band: ${marginText(margin)}, the margin of equivalence.` +
      (rows.some(({ role }) => role === 'control') ? ' The control is a copy and should agree.' : '') +
      (marked ? ' Orange diamond: the published change.' : ''),
    axisTitle: 'change in % (left of 0 is faster)',
  };
}

/** A time cannot be below 0: the axis ends at -100 %. */
function changeAxis(values: readonly number[]): Axis {
  const axis = dotAxis(values);
  return { ...axis, min: Math.max(axis.min, -100) };
}

const drawnValues = ({ value, low, high, marks }: Row): readonly number[] =>
  [value, low, high, ...marks].filter((one) => one !== null);

function runChangeRows(analysed: AnalysedRun, prefix: string): readonly Row[] {
  const { control } = rolesOf(analysed);
  const kind = analysed.run.plan.scenario.kind;
  const compared = analysed.analysis.comparisons
    .filter(({ metric }) => isTimed(metric))
    .map((comparison) =>
      row(comparison.estimate, {
        label: `${prefix}${comparison.arm}, ${metricShort(comparison.metric, kind)}`,
        role: 'compared',
        ending: [
          verdictWords(comparison, analysed.analysis.margin),
          ...(otherByFamily(comparison) === null ? [] : ['not after Holm']),
        ].join(', '),
        marks: publishedMarks(analysed, comparison),
      }),
    );
  const checks = analysed.analysis.controls
    .filter(({ metric }) => isTimed(metric))
    .map((check) =>
      row(check.estimate, {
        label: `${prefix}${control ?? 'control'}, ${metricShort(check.metric, kind)}`,
        role: 'control',
        ending: CHECK_WORDS[check.state],
        marks: [],
      }),
    );
  return prefix === '' ? [...compared, ...checks] : compared;
}

const CHECK_WORDS: Readonly<Record<ControlCheck['state'], string>> = {
  ok: 'agrees',
  warning: 'differs (warning)',
  invalid: 'differs (invalid)',
  unknown: 'not checked',
};

interface RowWords {
  readonly label: string;
  readonly role: Role;
  readonly ending: string;
  readonly marks: readonly number[];
}

function row(estimate: Estimate | null, { label, role, ending, marks }: RowWords): Row {
  if (estimate === null) return { label, role, text: 'no complete block', value: null, low: null, high: null, marks };
  const { percent, low, high } = effectOf(estimate);
  return { label, role, text: `${estimateText(estimate)}  ${ending}`, value: percent, low, high, marks };
}

/**
 * The published figure is a wall time of "all architectures" against "the host's": it is shown for that comparison
 * only, and not for times of an emulator.
 */
function publishedMarks({ run }: AnalysedRun, { arm, baseline, metric }: Comparison): readonly number[] {
  const { scenario } = run.plan;
  const published = publishedFor(scenario, machineOf(run));
  const policyOf = (name: string): string | undefined =>
    scenario.arms.find((one: ArmDefinition) => one.name === name)?.policy;
  if (
    published === undefined ||
    metric !== 'wall' ||
    emulationOfHost(run.host) !== null ||
    // Nothing was cached there.
    scenario.arms.find((one) => one.name === arm)?.cache === 'warm' ||
    policyOf(baseline) !== 'all' ||
    policyOf(arm) !== 'host'
  )
    return [];
  return [...new Set([publishedPercent(published), publishedChartPercent(published)])];
}
