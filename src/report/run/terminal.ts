import type { AnalysedRun, Comparison, Verdict } from '../../model/analysis/analysis.js';
import type { ArmEvidence } from '../../model/run/evidence.js';
import { machineOf } from '../../model/results/result.js';
import type { Sweep } from '../../model/analysis/throughput.js';
import { arrange, clipped, wrapped } from '../text/columns.js';
import { instructionsShort } from './evidence.js';
import { ruleWords } from './findings.js';
import { durationOrDash, estimateText, marginText, percentText, plain, printable, signed } from '../text/format.js';
import { ledgerLines, placeWords } from './ledger.js';
import { publishedFor, publishedPercent } from './published.js';
import { sweepLinesOfText, throughputLines } from './throughput.js';
import { headlinesOf } from './headlines.js';
import { workloadSentences } from '../workload/workload.js';
import type { Headline } from './headlines.js';
import {
  engineWords,
  metricShort,
  otherByFamily,
  progressWords,
  rolesOf,
  runTitle,
  totalWords,
} from '../text/words.js';

/** How the summary is to be printed. */
export interface TerminalLook {
  readonly columns: number;
  readonly colour: boolean;
  /** Shown as the place of the full report; `null` where none was written. */
  readonly reportPath: string | null;
}

/** A screen of 24 lines, the shell's next prompt on the last. */
const SCREEN = 23;
const MOST_ARMS = 5;
/** Lines of effects: the first that leaves room for two lines of words is taken. */
const EFFECT_LIMITS = [8, 6, 4];
/** Behind a count that no kernel confirmed. */
const PREDICTED = '*';

const SHORT_VERDICTS: Readonly<Record<Verdict, string>> = {
  faster: 'faster',
  slower: 'slower',
  equivalent: 'equivalent',
  inconclusive: 'inconclusive',
  invalid: 'invalid',
  described: 'no verdict',
  functional: 'functional',
};

/** ANSI colour numbers. */
const VERDICT_COLOURS: Readonly<Record<Verdict, string>> = {
  faster: '32',
  slower: '31',
  equivalent: '36',
  inconclusive: '33',
  invalid: '31',
  described: '33',
  functional: '35',
};

/**
 * The run on one screen: at most 23 lines of at most `columns` characters (60 and more are provided for; a long path
 * takes several); ends with a newline.
 */
export function renderTerminalSummary(analysed: AnalysedRun, { columns, colour, reportPath }: TerminalLook): string {
  const width = Math.max(40, Math.min(columns, 100));
  const paint = (code: string, text: string): string => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  // The path is not broken, so that it can be copied: the terminal does it.
  const foot = reportPath === null ? [] : ['', `Report: ${printable(reportPath)}`];
  const footLines = foot.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / width)), 0);
  const headWith = (limit: number): readonly string[] => [
    ...wrapped(titleOf(analysed), width).map((line) => paint('1', line)),
    '',
    ...armLines(analysed, width),
    '',
    ...effectLines(analysed, width, limit),
    '',
  ];
  const roomUnder = (lines: readonly string[]): number => SCREEN - lines.length - footLines;
  const head = EFFECT_LIMITS.map(headWith).find((lines) => roomUnder(lines) >= 2) ?? headWith(2);
  const words = [
    ...failureLines(analysed, width),
    ...workloadSentences(analysed).flatMap((words) => wrapped(printable(words), width)),
    ...verdictLines(headlinesOf(analysed), width, paint),
    ...throughputLines(analysed, width),
    ...stageLines(analysed, width),
    ...resolutionLine(analysed, width),
    ...stoppingLine(analysed, width),
    ...warningLines(analysed, width),
    ...publishedLines(analysed, width),
  ];
  return [...head, ...cut(words, roomUnder(head), reportPath), ...foot].join('\n') + '\n';
}

/** Several runs: what a sweep came to, a verdict and its figures for each, then where the report is. */
export function renderTerminalOverview(
  runs: readonly AnalysedRun[],
  { columns, colour, reportPath }: TerminalLook,
  sweeps: readonly Sweep[] = [],
): string {
  const width = Math.max(40, Math.min(columns, 100));
  const bold = (text: string): string => (colour ? `\u001b[1m${text}\u001b[0m` : text);
  // The levels of a sweep are alike in much; said once, the rest is seen.
  const shared = sweeps.length === 0 ? [] : sharedWarnings(runs);
  const blocks = runs.flatMap((analysed) => [
    ...wrapped(titleOf(analysed), width).map(bold),
    ...headlinesOf(analysed).flatMap(({ verdict, claim, figures }) =>
      wrapped(`${SHORT_VERDICTS[verdict].toUpperCase()}: ${printable(claim)}: ${figures}`, width),
    ),
    ...resolutionLine(analysed, width),
    ...stoppingLine(analysed, width),
    ...failureLines(analysed, width),
    ...warningLines(analysed, width, shared),
    '',
  ]);
  const together = sweeps.flatMap((sweep) => [...sweepLinesOfText(sweep, width), '']);
  const ofAll = shared.flatMap((warning) => wrapped(`Warning, all runs: ${printable(warning)}`, width));
  return (
    [
      ...together,
      ...blocks,
      ...(ofAll.length === 0 ? [] : [...ofAll, '']),
      ...(reportPath === null ? [] : [`Report: ${printable(reportPath)}`]),
    ].join('\n') + '\n'
  );
}

/** Keeps what has room and says how much had none. */
function cut(lines: readonly string[], room: number, reportPath: string | null): readonly string[] {
  if (lines.length <= room) return lines;
  const kept = lines.slice(0, Math.max(0, room - 1));
  return [
    ...kept,
    `... ${lines.length - kept.length} more lines ${reportPath === null ? 'in bench report' : 'in the report'}`,
  ];
}

function titleOf(analysed: AnalysedRun): string {
  const {
    run: { plan },
  } = analysed;
  return `${runTitle(analysed)} \u00b7 ${engineWords(plan.engine)} \u00b7 ${progressWords(analysed)} \u00b7 seed ${plan.seed}`;
}

function armLines(analysed: AnalysedRun, width: number): readonly string[] {
  const { run, analysis } = analysed;
  const wide = width >= 76;
  const shown = analysis.arms.slice(0, MOST_ARMS);
  const rows = shown.map((arm) => {
    const total = arm.totalSeconds === null ? '\u2013' : plain(arm.totalSeconds, 3);
    const filter = filterCell(run.evidence.find((one) => one.arm === arm.arm));
    return [
      printable(arm.arm),
      durationOrDash(arm.wall?.median),
      durationOrDash(arm.cpu?.median),
      ...(wide ? [total] : []),
      filter,
      `${arm.ok}/${arm.planned}`,
    ];
  });
  const predicted = rows.some((row) => row.some((cell) => cell.endsWith(PREDICTED)));
  const wall = run.plan.scenario.kind === 'parallel' ? 'makespan' : 'wall';
  const heads = wide
    ? ['arm', `median ${wall}`, 'median CPU', 'total s', 'BPF instr.', 'ok/planned']
    : ['arm', wall, 'CPU', 'instr.', 'ok/planned'];
  const more = analysis.arms.length - shown.length;
  return [
    ...arrange([heads, ...rows], { width, first: wide ? 20 : 12, align: 'right' }),
    ...(more > 0 ? [`... ${more} more arms`] : []),
    ...(predicted ? [clipped(`${PREDICTED} predicted by libseccomp, not seen in the kernel`, width)] : []),
    ...(wide && analysis.arms.length <= 3 ? [clipped(`total: ${totalWords(analysed)}`, width)] : []),
  ];
}

const filterCell = (evidence: ArmEvidence | undefined): string =>
  instructionsShort(evidence, { predicted: PREDICTED, unknown: '?' });

const stageLines = ({ analysis: { stages } }: AnalysedRun, width: number): readonly string[] =>
  stages.flatMap(({ sentence }) => wrapped(printable(sentence), width));

function effectLines(analysed: AnalysedRun, width: number, limit: number): readonly string[] {
  const { run, analysis } = analysed;
  const { baseline, control } = rolesOf(analysed);
  const kind = run.plan.scenario.kind;
  // Latency describes queueing within a batch, memory and switches are no times; they are in the report.
  const compared = analysis.comparisons
    .filter(({ metric }) => metric === 'cpu' || metric === 'wall')
    .map((comparison) => [
      printable(comparison.arm),
      metricShort(comparison.metric, kind),
      estimateText(comparison.estimate),
      verdictCell(comparison, analysis.margin, width),
    ]);
  const checks = analysis.controls
    .filter(({ metric }) => metric === 'cpu' || metric === 'wall')
    .map(({ metric, estimate, state }) => [
      printable(control ?? 'control'),
      metricShort(metric, kind),
      estimateText(estimate),
      `A/A ${state}`,
    ]);
  const room = Math.max(1, limit - checks.length);
  // CPU time of every arm goes before wall time of any, where not all have room.
  const inOrder =
    compared.length <= room ? compared : [...compared].sort((a, b) => Number(a[1] !== 'CPU') - Number(b[1] !== 'CPU'));
  const shown = inOrder.slice(0, room);
  const more = compared.length - shown.length;
  return [
    clipped(`change against ${printable(baseline)} [95 % interval]`, width),
    ...arrange([...shown, ...checks], { width, first: width >= 76 ? 20 : 10, align: 'left' }),
    ...(more > 0 ? [`... ${more} more in the report`] : []),
  ];
}

function verdictCell(comparison: Comparison, margin: number, width: number): string {
  const short = (verdict: Verdict): string =>
    verdict === 'equivalent' ? `equivalent ${marginText(margin)}` : SHORT_VERDICTS[verdict];
  const together = otherByFamily(comparison);
  if (together === null) return short(comparison.verdict);
  return `${short(comparison.verdict)} (Holm: ${width >= 76 ? short(together) : 'no'})`;
}

/** Of each metric the arm that was seen least sharply. */
function resolutionLine({ run, analysis: { resolution } }: AnalysedRun, width: number): readonly string[] {
  const parts = (['cpu', 'wall'] as const).flatMap((metric) => {
    const effects = resolution.filter((one) => one.metric === metric).map(({ detectable80 }) => detectable80);
    return effects.length === 0
      ? []
      : [`${percentText(Math.max(...effects))} ${metricShort(metric, run.plan.scenario.kind)}`];
  });
  if (parts.length === 0) return [];
  const line = `This run could have seen ${parts.join(', ')}`;
  return [clipped(line.length + 13 > width ? line : `${line} (80 % power)`, width)];
}

function stoppingLine(analysed: AnalysedRun, width: number): readonly string[] {
  const reached = analysed.analysis.stopping
    .filter(({ state }) => state === 'reached')
    .map(({ rule }) => ruleWords(rule));
  return reached.length === 0
    ? []
    : [clipped(`Ended by ${reached.join(' and ')} after ${progressWords(analysed)}`, width)];
}

function verdictLines(
  headlines: readonly Headline[],
  width: number,
  paint: (code: string, text: string) => string,
): readonly string[] {
  // The reasons of several arms would leave no room for anything else.
  if (headlines.length > 1 && headlines.every(({ verdict }) => verdict === 'functional'))
    return wrapped("FUNCTIONAL: all of them work; no verdict, because an emulator's times mean nothing.", width);
  if (headlines.length > 1)
    return wrapped(
      `${headlines.every(({ decides }) => decides === 'wall') ? 'Wall' : 'CPU'} time decides on an arm; the reasons are in the report.`,
      width,
    );
  return headlines.flatMap(({ verdict, because }) => {
    const word = SHORT_VERDICTS[verdict].toUpperCase();
    const [first = '', ...rest] = wrapped(`${word}: ${printable(because)}`, width);
    return [`${paint(`1;${VERDICT_COLOURS[verdict]}`, word)}${first.slice(word.length)}`, ...rest];
  });
}

function failureLines({ analysis: { failures, ledger } }: AnalysedRun, width: number): readonly string[] {
  const causes = failures.map(
    (failure) => `${printable(failure.arm)}: ${failure.count} x ${printable(failure.cause)}${placeWords(failure)}`,
  );
  return [
    ...wrapped(`Failures: ${causes.length === 0 ? 'none' : causes.join('; ')}`, width),
    ...ledgerLines(ledger).flatMap((line) => wrapped(`Ledger: ${printable(line)}`, width)),
  ];
}

function publishedLines({ run }: AnalysedRun, width: number): readonly string[] {
  const published = publishedFor(run.plan.scenario, machineOf(run));
  if (published === undefined) return [];
  return wrapped(
    `Published (iSulad 2021): ${signed(publishedPercent(published), 2)} % of ${plain(published.beforeSeconds, 3)} s, without spread`,
    width,
  );
}

const warningsOf = ({ analysis, run }: AnalysedRun): readonly string[] => [...analysis.warnings, ...run.warnings];

const sharedWarnings = ([first, ...others]: readonly AnalysedRun[]): readonly string[] =>
  first === undefined
    ? []
    : warningsOf(first).filter((warning) => others.every((run) => warningsOf(run).includes(warning)));

const warningLines = (analysed: AnalysedRun, width: number, shared: readonly string[] = []): readonly string[] =>
  warningsOf(analysed)
    .filter((warning) => !shared.includes(warning))
    .flatMap((warning) => wrapped(`Warning: ${printable(warning)}`, width));
