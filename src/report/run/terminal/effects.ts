import type { AnalysedRun, Comparison, Metric, Verdict } from '../../../model/analysis/analysis.js';
import { isTimed } from '../../../model/analysis/judgement.js';
import { plainLine } from '../../../model/plain-text.js';
import { arrange, clipped } from '../../text/columns.js';
import { estimateText, marginText } from '../../text/format.js';
import { tableWidthOf, WIDE } from '../../text/look.js';
import type { Look } from '../../text/look.js';
import { metricShort } from '../../words/names.js';
import { lessOrMore, otherByFamily, rolesOf } from '../../words/run.js';
import { withDots } from './dots.js';
import { firstWidth } from './terminal-arms.js';

const SHORT_VERDICTS: Readonly<Record<Verdict, string>> = {
  faster: 'faster',
  slower: 'slower',
  equivalent: 'equivalent',
  inconclusive: 'inconclusive',
  invalid: 'invalid',
  described: 'no verdict',
  functional: 'functional',
};

/** Where the verdict would have no room behind the longer names. */
const NARROW_NAMES: Partial<Readonly<Record<Metric, string>>> = {
  userInstructions: 'user ins.',
  kernelInstructions: 'kern. ins.',
};

/** Metrics of the effects, in the order in which they get room. */
const PLACES: Partial<Readonly<Record<Metric, number>>> = {
  cpu: 0,
  wall: 1,
  duetWall: 1,
  userInstructions: 2,
  kernelInstructions: 2,
};

/** The effects of a run on time, and on instructions where they were counted, as a table with its dots. */
export function effectLines(analysed: AnalysedRun, { columns, dots }: Look, limit: number): readonly string[] {
  const { run, analysis } = analysed;
  const width = tableWidthOf(columns);
  const { baseline, baselines, control } = rolesOf(analysed);
  const kind = run.plan.scenario.kind;
  const compared = analysis.comparisons
    .filter(({ metric, estimate }) => PLACES[metric] !== undefined && (isTimed(metric) || estimate !== null))
    .map((comparison) => ({
      place: PLACES[comparison.metric] ?? 0,
      estimate: comparison.estimate,
      cells: [
        // Most runs have one baseline, which is named once above.
        plainLine(comparison.baseline === baseline ? comparison.arm : `${comparison.arm} / ${comparison.baseline}`),
        (width >= WIDE ? undefined : NARROW_NAMES[comparison.metric]) ?? metricShort(comparison.metric, kind),
        estimateText(comparison.estimate),
        verdictCell(comparison, analysis.margin, width),
      ],
    }));
  const checks = analysis.controls
    .filter(({ metric }) => metric === 'cpu' || metric === 'wall' || metric === 'duetWall')
    .map(({ metric, estimate, state }) => ({
      estimate,
      cells: [plainLine(control ?? 'control'), metricShort(metric, kind), estimateText(estimate), `A/A ${state}`],
    }));
  const room = Math.max(1, limit - checks.length);
  // Where not all have room, CPU time of every arm goes before wall time of any, and both before instructions.
  const inOrder = compared.length <= room ? compared : [...compared].sort((a, b) => a.place - b.place);
  const shown = inOrder.slice(0, room);
  const more = compared.length - shown.length;
  const rows = [...shown, ...checks];
  const table = arrange(
    rows.map(({ cells }) => cells),
    {
      width,
      first: firstWidth(columns, baselines.length > 1 ? 30 : 20, baselines.length > 1 ? 14 : 10),
      align: 'left',
    },
  );
  const estimates = rows.map(({ estimate }) => estimate);
  return [
    clipped(`change against ${plainLine(baseline)} [95 % interval]`, width),
    ...withDots(table, estimates, { width, ...(dots === undefined ? {} : { dots }) }),
    ...(more > 0 ? [`... ${more} more in the report`] : []),
  ];
}

function verdictCell(comparison: Comparison, margin: number, width: number): string {
  const short = (verdict: Verdict): string =>
    verdict === 'equivalent'
      ? `equivalent ${marginText(margin)}`
      : (lessOrMore(comparison.metric, verdict) ?? SHORT_VERDICTS[verdict]);
  const together = otherByFamily(comparison);
  if (together === null) return short(comparison.verdict);
  return `${short(comparison.verdict)} (Holm: ${width >= WIDE ? short(together) : 'no'})`;
}
