import type { AnalysedRun, Verdict } from '../../../model/analysis/analysis.js';
import type { Sweep } from '../../../model/analysis/throughput.js';
import { wrapped } from '../../text/columns.js';
import { ruleWords } from '../findings.js';
import { counted } from '../../text/format.js';
import { BOLD, painter, reportLines, widthOf } from '../../text/look.js';
import type { Paint, TerminalLook } from '../../text/look.js';
import { detectableText } from '../../words/diagnostics.js';
import { execSentences } from '../../execs/words.js';
import { stageSentences } from '../../words/stages.js';
import { ledgerLines, placeWords } from '../ledger.js';
import { publishedFor, publishedWords } from '../published.js';
import { sweepLinesOfText, throughputLines } from '../throughput.js';
import { headlinesOf } from '../headlines.js';
import { armLines } from './terminal-arms.js';
import { workloadSentences } from '../../workload/workload.js';
import { effectLines } from './effects.js';
import { controlLines, saidByVerdict, sharedWarnings, warningParagraphs } from './warning-lines.js';
import type { Headline } from '../headlines.js';
import { counterSentence } from '../../words/cost/counters.js';
import { engineWords, progressWords, runTitle, VERDICT_LABELS } from '../../words/run.js';
import { plainLine } from '../../../model/plain-text.js';

/** A screen of 24 lines, the shell's next prompt on the last. */
const SCREEN = 23;
/** Lines of effects: the first that leaves room for two more lines is used. */
const EFFECT_LIMITS = [8, 6, 4];

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
 * The run on one screen: at most 23 lines of at most `columns` characters, for terminals of 60 columns or more; a long
 * path takes several lines, and warnings about the A/A check always have room. In a pipe (`columns` null) nothing is
 * left out. Ends with a newline.
 */
export function renderTerminalSummary(analysed: AnalysedRun, look: TerminalLook): string {
  const { columns, reportPath } = look;
  const width = widthOf(columns);
  const paint = painter(look.colour);
  const foot = reportPath === null ? [] : ['', ...reportLines(look)];
  const footLines = foot.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / width)), 0);
  const checks = controlLines(analysed, width);
  const headWith = (limit: number): readonly string[] => [
    ...wrapped(titleOf(analysed), width).map((line) => paint(BOLD, line)),
    '',
    ...leadLines(analysed, width),
    ...armLines(analysed, columns),
    '',
    ...effectLines(analysed, look, limit),
    '',
    ...checks,
  ];
  const words = paragraphsOf(analysed, width, paint);
  if (columns === null) return `${[...headWith(Infinity), ...words.flat(), ...foot].join('\n')}\n`;
  const roomUnder = (lines: readonly string[]): number => SCREEN - lines.length - footLines;
  const head = EFFECT_LIMITS.map(headWith).find((lines) => roomUnder(lines) >= 2) ?? headWith(2);
  return `${[...head, ...cut(words, roomUnder(head), reportPath), ...foot].join('\n')}\n`;
}

/** What one filter costs a program is its answer, so it comes first; several are told below the tables. */
const hasLead = ({ analysis: { workload } }: AnalysedRun): boolean => workload?.costs.length === 1;

const leadLines = (analysed: AnalysedRun, width: number): readonly string[] =>
  hasLead(analysed) ? [...workloadSentences(analysed).flatMap((words) => wrapped(plainLine(words), width)), ''] : [];

/** What is said under the tables, one paragraph each, the most important first; the A/A check is above. */
const paragraphsOf = (analysed: AnalysedRun, width: number, paint: Paint): readonly (readonly string[])[] => [
  ...(hasLead(analysed) ? [] : workloadSentences(analysed).map((words) => wrapped(plainLine(words), width))),
  counterLines(analysed, width),
  failureLines(analysed, width),
  ...execSentences(analysed).map((words) => wrapped(plainLine(words), width)),
  verdictLines(headlinesOf(analysed), width, paint),
  ...loadedParagraphs(analysed, width),
  throughputLines(analysed, width),
  ...stageSentences(analysed).map((words) => wrapped(plainLine(words), width)),
  stoppingLines(analysed, width),
  ...warningParagraphs(analysed, width, saidByVerdict(analysed)),
  resolutionLines(analysed, width),
  publishedLines(analysed, width),
];

/** Several runs: the result of a sweep, a verdict and its figures for each run, then the path of the report. */
export function renderTerminalOverview(
  runs: readonly AnalysedRun[],
  look: TerminalLook,
  sweeps: readonly Sweep[] = [],
): string {
  const [width, paint] = [widthOf(look.columns), painter(look.colour)];
  // The levels of a sweep share most warnings: these are printed once.
  const shared = sweeps.length === 0 ? [] : sharedWarnings(runs);
  const blocks = runs.flatMap((analysed) => [
    ...wrapped(titleOf(analysed), width).map((line) => paint(BOLD, line)),
    ...headlinesOf(analysed).flatMap(({ verdict, claim, figures }) =>
      wrapped(`${VERDICT_LABELS[verdict]}: ${plainLine(claim)}: ${figures}`, width),
    ),
    ...controlLines(analysed, width, shared),
    ...resolutionLines(analysed, width),
    ...stoppingLines(analysed, width),
    ...failureLines(analysed, width),
    ...warningParagraphs(analysed, width, shared).flat(),
    '',
  ]);
  const ofAll = shared.flatMap((warning) => wrapped(`Warning, all runs: ${plainLine(warning)}`, width));
  return (
    [
      ...sweeps.flatMap((sweep) => [...sweepLinesOfText(sweep, look.columns), '']),
      ...blocks,
      ...(ofAll.length === 0 ? [] : [...ofAll, '']),
      ...reportLines(look),
    ].join('\n') + '\n'
  );
}

/** Where instructions were asked for and cannot be counted; counted, they have rows. */
function counterLines({ run: { plan } }: AnalysedRun, width: number): readonly string[] {
  const { counters } = plan;
  return counters?.state === 'none' ? wrapped(`Instructions ${counterSentence(counters)}.`, width) : [];
}

/** Keeps the first paragraphs that have room, and adds how many lines have none. */
function cut(paragraphs: readonly (readonly string[])[], room: number, reportPath: string | null): readonly string[] {
  const all = paragraphs.flat();
  if (all.length <= room) return all;
  let fitting = 0;
  for (const paragraph of paragraphs) {
    if (fitting + paragraph.length > room - 1) break;
    fitting += paragraph.length;
  }
  // Part of a sentence is better than an empty screen.
  const kept = all.slice(0, fitting > 0 ? fitting : Math.max(0, room - 1));
  const more = all.length - kept.length;
  return [...kept, `... ${counted(more, 'more line')} ${reportPath === null ? 'in bench report' : 'in the report'}`];
}

function titleOf(analysed: AnalysedRun): string {
  const {
    run: { plan },
  } = analysed;
  return `${runTitle(analysed)} \u00b7 ${engineWords(plan.engine)} \u00b7 ${progressWords(analysed)} \u00b7 seed \
${plan.seed}`;
}

function resolutionLines({ run, analysis: { resolution } }: AnalysedRun, width: number): readonly string[] {
  const text = detectableText(resolution, run.plan.scenario.kind);
  return text === null ? [] : wrapped(text, width);
}

function stoppingLines(analysed: AnalysedRun, width: number): readonly string[] {
  const reached = analysed.analysis.stopping
    .filter(({ state }) => state === 'reached')
    .map(({ rule }) => ruleWords(rule));
  return reached.length === 0
    ? []
    : wrapped(`Ended by ${reached.join(' and ')} after ${progressWords(analysed)}`, width);
}

function verdictLines(headlines: readonly Headline[], width: number, paint: Paint): readonly string[] {
  // The reasons of several arms would leave no room for anything else.
  if (headlines.length > 1 && headlines.every(({ verdict }) => verdict === 'functional'))
    return wrapped(
      `${VERDICT_LABELS.functional}: all arms work; no verdict, because the times come from an emulator.`,
      width,
    );
  const main = headlines.filter(({ cache }) => cache !== 'cold');
  if (headlines.length > 1 && main.length !== 1) {
    const metric = headlines.every(({ decides }) => decides === 'wall') ? 'Wall' : 'CPU';
    return wrapped(`${metric} time decides each verdict; the report gives the reasons.`, width);
  }
  return headlines.flatMap(({ verdict, because, cache }) => {
    const label = `${VERDICT_LABELS[verdict]}${headlines.length > 1 && cache !== null ? ` (${cache})` : ''}`;
    const [first = '', ...rest] = wrapped(`${label}: ${plainLine(because)}`, width);
    return [`${paint(`${BOLD};${VERDICT_COLOURS[verdict]}`, label)}${first.slice(label.length)}`, ...rest];
  });
}

const loadedParagraphs = (analysed: AnalysedRun, width: number): readonly (readonly string[])[] =>
  headlinesOf(analysed).flatMap(({ loaded }) => (loaded === null ? [] : [wrapped(plainLine(loaded), width)]));

function failureLines({ analysis: { failures, ledger } }: AnalysedRun, width: number): readonly string[] {
  const causes = failures.map(
    (failure) => `${plainLine(failure.arm)}: ${failure.count} x ${plainLine(failure.cause)}${placeWords(failure)}`,
  );
  return [
    ...wrapped(`Failures: ${causes.length === 0 ? 'none' : causes.join('; ')}`, width),
    ...ledgerLines(ledger).flatMap((line) => wrapped(`Ledger: ${plainLine(line)}`, width)),
  ];
}

function publishedLines({ run }: AnalysedRun, width: number): readonly string[] {
  const published = publishedFor(run.plan.scenario);
  if (published === undefined) return [];
  return wrapped(publishedWords(published), width);
}
