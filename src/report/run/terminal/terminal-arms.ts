import type { AnalysedRun, ArmSummary } from '../../../model/analysis/analysis.js';
import { plainLine } from '../../../model/plain-text.js';
import type { ArmEvidence } from '../../../model/run/evidence.js';
import { arrange, clipped } from '../../text/columns.js';
import { DASH, formatCount, threeDigits, timeOrDash } from '../../text/format.js';
import { tableWidthOf, WIDE } from '../../text/look.js';
import { totalWords } from '../../words/run.js';
import { instructionsShort } from '../evidence.js';

const MOST_ARMS = 5;
/** After a count that was not read from the kernel. */
const PREDICTED = '*';

/** The arms of a run with their medians and filters, as a table of text. */
export function armLines(analysed: AnalysedRun, columns: number | null): readonly string[] {
  const { run, analysis } = analysed;
  const width = tableWidthOf(columns);
  const wide = width >= WIDE;
  const shown = columns === null ? analysis.arms : analysis.arms.slice(0, MOST_ARMS);
  const rows = shown.map((arm) => {
    const total = totalCell(analysed, arm);
    const filter = filterCell(run.evidence.find((one) => one.arm === arm.arm));
    return [
      plainLine(arm.arm),
      timeOrDash(arm.wall?.median),
      timeOrDash(arm.cpu?.median),
      ...(wide ? [total] : []),
      filter,
      `${formatCount(arm.ok)}/${formatCount(arm.planned)}`,
    ];
  });
  const predicted = rows.some((row) => row.some((cell) => cell.endsWith(PREDICTED)));
  const wall = run.plan.scenario.kind === 'parallel' ? 'makespan' : 'wall';
  const isServed = analysis.workload?.service !== undefined;
  const heads = isServed ? servedHeads(wide) : headsOf(wall, wide);
  const more = analysis.arms.length - shown.length;
  return [
    ...arrange([heads, ...rows], { width, first: firstWidth(columns, 16, 12), align: 'right' }),
    ...(more > 0 ? [`... ${more} more arms`] : []),
    ...(predicted ? [clipped(predictedNote(run.evidence), width)] : []),
    ...(wide && !isServed && (columns === null || analysis.arms.length <= 3)
      ? [clipped(`total: ${totalWords(analysed)}`, width)]
      : []),
  ];
}

const headsOf = (wall: string, wide: boolean): readonly string[] =>
  wide
    ? ['arm', `median ${wall}`, 'median CPU', 'total s', 'BPF instr.', 'ok/planned']
    : ['arm', wall, 'CPU', 'instr.', 'ok/planned'];

const servedHeads = (wide: boolean): readonly string[] =>
  wide
    ? ['arm', 'time/request', 'CPU/request', 'requests/s', 'BPF instr.', 'ok/planned']
    : ['arm', 'time/req.', 'CPU/req.', 'instr.', 'ok/planned'];

/** The total of all runs; of a server, whose runs have no total, requests per second. */
function totalCell({ analysis: { workload } }: AnalysedRun, { arm, totalSeconds }: ArmSummary): string {
  if (workload?.service === undefined) return totalSeconds === null ? DASH : threeDigits(totalSeconds);
  const rate = workload.service.arms.find((one) => one.arm === arm)?.requestsPerSecond ?? null;
  return rate === null ? DASH : formatCount(Math.round(rate.value));
}

/** A runtime's stub is not in what was predicted. */
function predictedNote(evidence: readonly ArmEvidence[]): string {
  const hasStub = evidence.some(
    ({ loaded, predicted }) => loaded.state === 'notSeen' && predicted.state === 'built' && predicted.stub === true,
  );
  return `${PREDICTED} predicted, not seen in the kernel${hasStub ? "; without the runtime's stub" : ''}`;
}

const filterCell = (evidence: ArmEvidence | undefined): string =>
  instructionsShort(evidence, { predicted: PREDICTED, unknown: '?' });

/** Most characters of an arm's name: all in a pipe, few on a narrow terminal. */
export const firstWidth = (columns: number | null, wide: number, narrow: number): number =>
  columns === null ? Infinity : columns >= WIDE ? wide : narrow;
