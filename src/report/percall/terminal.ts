import type { Estimate } from '../../model/analysis/analysis.js';
import type { CallPrice, PercallAnalysis } from '../../model/analysis/percall-analysis.js';
import type { Located } from '../../model/results/percall/percall.js';
import { arrange, wrapped } from '../text/columns.js';
import type { Arrangement } from '../text/columns.js';
import { amountText, counted, DASH, estimateText, formatCount, percentOf, plain, signed } from '../text/format.js';
import { reportLines, tableWidthOf, WIDE, widthOf, type TerminalLook } from '../text/look.js';
import { FINDING_WORDS } from '../plain-report.js';
import { PUBLISHED_CALL_PRICES } from '../calls/published-calls.js';
import { findingSentence, noFitWords, percallWarningsOf } from '../words/cost/percall.js';
import { engineWords } from '../words/run.js';
import { actionAnswers, actionDoubts, actionRows } from './actions.js';
import { loggingSentences } from './logging.js';
import { hasInterval, locatedText, workText } from './view.js';
import { plainLine } from '../../model/plain-text.js';

/** What a run of `bench percall` found, for terminals of 40 columns or more; ends with a newline. */
export function renderPercallTerminal(analysis: PercallAnalysis, look: Omit<TerminalLook, 'colour'>): string {
  const { columns } = look;
  const { plan } = analysis.run;
  const [width, tableWidth] = [widthOf(columns), tableWidthOf(columns)];
  const form = formFor(analysis, tableWidth);
  const title = [
    'Price per system call',
    engineWords(plan.engine),
    `${formatCount(analysis.blocks)} of ${counted(plan.blocks, 'block')}`,
    `seed ${plan.seed}`,
  ].join(' \u00b7 ');
  const lines = [
    ...wrapped(title, width),
    '',
    ...plan.calls.flatMap(({ name }) => [...callLines(name, analysis, form, tableWidth), '']),
    ...(form.note !== undefined && analysis.prices.some(({ ns }) => !hasInterval(ns)) ? wrapped(form.note, width) : []),
    ...actionLines(analysis, { width, tableWidth }),
    ...wrapped(fitWords(analysis), width),
    ...analysis.findings.flatMap((finding) =>
      hanging(`${FINDING_WORDS[finding.state]}: `, findingSentence(finding), width),
    ),
    ...checkLines(analysis, width),
    ...publishedLines(width),
    ...[...analysis.failures, ...(analysis.actions?.failures ?? [])].flatMap(({ arm, cause, count }) =>
      wrapped(`Failed: ${plainLine(arm)}: ${count} x ${plainLine(cause)}`, width),
    ),
    ...percallWarningsOf(analysis).flatMap((warning) => wrapped(`Warning: ${plainLine(warning)}`, width)),
    ...reportLines(look),
  ];
  return `${lines.join('\n')}\n`;
}

const formFor = (analysis: PercallAnalysis, width: number): Form =>
  FORMS.find((one) =>
    analysis.run.plan.calls.every(({ name }) =>
      tableOf(rowsOf(name, analysis), one, Infinity).every((line) => line.length <= width),
    ),
  ) ?? SHORTEST;

function fitWords({ fit, noFit }: PercallAnalysis): string {
  return fit === null
    ? `Cost of an instruction: unknown, because ${noFitWords(noFit) ?? 'no line was fitted'}.`
    : `Each executed instruction costs ${costText(fit.nsPerInstruction, 3)}; entering a filter costs \
${costText(fit.entryNs)} (line through ${counted(fit.points, 'point')}).`;
}

/** `0.43 ns [0.41, 0.45]`; without the interval where there is none. */
function costText(located: Located, most = 2): string {
  const { value, low, high } = located;
  if (Number.isNaN(value)) return DASH;
  return hasInterval(located) ? amountText({ ns: value, low, high }, most) : `${plain(value, 1)} ns`;
}

/** How the arms of a call are laid out: with as much about each as there is room for. */
interface Form {
  readonly heads: readonly [string, string, string, string];
  /** Most characters of an arm's name. */
  readonly first: number;
  readonly ns: (price: Pick<CallPrice, 'ns'>) => string;
  readonly ratio: (estimate: Estimate) => string;
  /** Explains the mark of prices without an interval. */
  readonly note?: string;
}

const changeOf = ({ logRatio }: Estimate): string => `${signed(percentOf(logRatio), 1)} %`;
const SHORTEST: Form = {
  heads: ['', 'instr.', 'ns', 'more'],
  first: 12,
  ns: ({ ns }) => (Number.isNaN(ns.value) ? DASH : plain(ns.value, 1)),
  ratio: changeOf,
};
/** The first that fits is used, for all calls. */
const FORMS: readonly Form[] = [
  {
    heads: ['', 'instructions', 'ns per call [95 %]', 'against no filter [95 %]'],
    first: 20,
    ns: ({ ns }) => locatedText(ns),
    ratio: estimateText,
  },
  {
    heads: ['', 'instructions', 'ns [95 %]', 'to no filter'],
    first: 16,
    ns: ({ ns }) => locatedText(ns),
    ratio: changeOf,
  },
  {
    heads: ['', 'instructions', 'ns [95 %]', 'to no filter'],
    first: 16,
    ns: ({ ns }) => (hasInterval(ns) ? locatedText(ns) : `${SHORTEST.ns({ ns })} *`),
    ratio: changeOf,
    note: '* no 95 % interval from so few blocks',
  },
  { ...SHORTEST, first: 16 },
];

const rowsOf = (name: string, { prices }: PercallAnalysis): readonly CallPrice[] =>
  prices.filter(({ call }) => call === name);

function tableOf(
  rows: readonly CallPrice[],
  { heads, first, ns, ratio }: Form,
  width: Arrangement['width'],
): readonly string[] {
  return arrange(
    [
      heads,
      ...rows.map((price) => [price.arm, workText(price), ns(price), price.ratio === null ? '' : ratio(price.ratio)]),
    ],
    { width, first, align: 'right' },
  );
}

function callLines(name: string, analysis: PercallAnalysis, form: Form, width: number): readonly string[] {
  const rows = rowsOf(name, analysis);
  const answers = [...new Set(rows.filter(({ from }) => from !== 'none').map(({ action }) => action))].join(' or ');
  const args = analysis.run.plan.calls.find((call) => call.name === name)?.args ?? [];
  const against = rows.some(({ reference }) => reference !== name)
    ? width >= WIDE
      ? ', compared with a call that does not exist'
      : ', compared with "unknown"'
    : '';
  const head = plainLine(`${name}(${args.join(', ')})${answers === '' ? '' : `: ${answers}`}${against}`);
  return [...wrapped(head, width), ...tableOf(rows, form, width)];
}

/** What each action costs, a table and its sentences. */
function actionLines(
  { actions, run: { host } }: PercallAnalysis,
  { width, tableWidth }: { readonly width: number; readonly tableWidth: number },
): readonly string[] {
  if (actions === undefined) return [];
  return [
    ...wrapped('A listener, a log line and a tracer', width),
    ...actionAnswers(actions).flatMap(({ sentence }) => hanging('', sentence, width)),
    ...arrange(actionRows(actions), { width: tableWidth, first: 16, align: 'right' }),
    ...[...actionDoubts(actions, host.kernel), ...loggingSentences(actions.plan.logging)].flatMap((one) =>
      hanging('', one, width),
    ),
    '',
  ];
}

function hanging(lead: string, text: string, width: number): readonly string[] {
  const [first = '', ...rest] = wrapped(`${lead}${text}`, width - 2);
  return [first, ...rest.map((line) => `  ${line}`)];
}

function checkLines({ controls }: PercallAnalysis, width: number): readonly string[] {
  const differing = controls.filter(({ state }) => state !== 'agrees').map(({ call }) => call);
  return wrapped(
    differing.length === 0
      ? 'A/A check: two equal arms without a filter agree for every call'
      : `A/A check: two equal arms without a filter differ for ${differing.join(', ')}`,
    width,
  );
}

function publishedLines(width: number): readonly string[] {
  const ratio = (ns: number, native: number): string => plain(ns / native, 2);
  return [
    ...wrapped(
      'Published for getpid, relative to no filter: 1 and 2 filters answered by the bitmap, 3 and 4 run in full:',
      width,
    ),
    ...PUBLISHED_CALL_PRICES.flatMap(({ source, native, oneBitmap, twoBitmap, threeFull, fourFull }) =>
      hanging(
        '  ',
        `${[oneBitmap, twoBitmap, threeFull, fourFull].map((ns) => ratio(ns, native)).join('  ')}  ${source} \
(${native} ns)`,
        width,
      ),
    ),
  ];
}
