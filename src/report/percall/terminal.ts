import type { Estimate } from '../../model/analysis/analysis.js';
import type { CallPrice, PercallAnalysis } from '../../model/analysis/percall-analysis.js';
import { arrange, clipped, wrapped } from '../text/columns.js';
import type { Arrangement } from '../text/columns.js';
import { counted, estimateText, percentOf, plain, printable, sentence, signed } from '../text/format.js';
import { FINDING_WORDS } from '../plain-report.js';
import { PUBLISHED_CALL_PRICES } from '../calls/published-calls.js';
import type { TerminalLook } from '../run/terminal.js';
import { engineWords } from '../text/words.js';
import { hasInterval, locatedText, workText } from './view.js';

/** What a run of `bench percall` found, at most `columns` wide. */
export function renderPercallTerminal(
  analysis: PercallAnalysis,
  { columns, reportPath }: Omit<TerminalLook, 'colour'>,
): string {
  const {
    run: { plan },
    fit,
    noFit,
  } = analysis;
  const width = Math.max(40, columns);
  const form =
    FORMS.find((one) =>
      plan.calls.every(({ name }) =>
        tableOf(rowsOf(name, analysis), one, Infinity).every((line) => line.length <= width),
      ),
    ) ?? SHORTEST;
  const lines = [
    ...wrapped(
      `Price per system call \u00b7 ${engineWords(plan.engine)} \u00b7 ${counted(analysis.blocks, 'block')} of ${plan.blocks} \u00b7 seed ${plan.seed}`,
      width,
    ),
    '',
    ...plan.calls.flatMap(({ name }) => [...callLines(name, analysis, form, width), '']),
    ...(form.note !== undefined && analysis.prices.some(({ ns }) => !hasInterval(ns)) ? wrapped(form.note, width) : []),
    ...(fit === null
      ? wrapped(`What an instruction costs is not told: ${noFit ?? 'no line was fitted'}`, width)
      : wrapped(
          `An executed instruction costs ${locatedText(fit.nsPerInstruction, 3)} ns, running a filter at all ${locatedText(fit.entryNs)} ns (line through ${counted(fit.points, 'point')})`,
          width,
        )),
    ...analysis.findings.flatMap(({ state, sentence: text }) =>
      hanging(`${FINDING_WORDS[state].toUpperCase()}: `, sentence(text), width),
    ),
    ...checkLines(analysis, width),
    ...publishedLines(width),
    ...analysis.failures.flatMap(({ arm, cause, count }) =>
      wrapped(`Failed: ${arm}: ${count} x ${printable(cause)}`, width),
    ),
    ...analysis.warnings.flatMap((warning) => wrapped(`Warning: ${printable(warning)}`, width)),
    ...(reportPath === null ? [] : [`Report: ${printable(reportPath)}`]),
  ];
  return `${lines.join('\n')}\n`;
}

/** How a call's arms are laid out: what is told of each, in as many words as there is room for. */
interface Form {
  readonly heads: readonly [string, string, string, string];
  /** Most characters of an arm's name. */
  readonly first: number;
  readonly ns: (price: Pick<CallPrice, 'ns'>) => string;
  readonly ratio: (estimate: Estimate) => string;
  /** Explains the mark of prices without an interval. */
  readonly note?: string;
}

const percentText = ({ logRatio }: Estimate): string => `${signed(percentOf(logRatio), 1)} %`;
const SHORTEST: Form = {
  heads: ['', 'instr.', 'ns', 'more'],
  first: 12,
  ns: ({ ns }) => (Number.isNaN(ns.value) ? '\u2013' : plain(ns.value, 1)),
  ratio: percentText,
};
/** The first that fits is taken, for all calls. */
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
    ratio: percentText,
  },
  {
    heads: ['', 'instructions', 'ns [95 %]', 'to no filter'],
    first: 16,
    ns: ({ ns }) => (hasInterval(ns) ? locatedText(ns) : `${SHORTEST.ns({ ns })} *`),
    ratio: percentText,
    note: '* so few blocks have no 95 % interval',
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
    ? width >= 76
      ? ', held against unknown'
      : ', to unknown'
    : '';
  return [clipped(`${name}(${args.join(', ')}): ${answers}${against}`, width), ...tableOf(rows, form, width)];
}

function hanging(lead: string, text: string, width: number): readonly string[] {
  const [first = '', ...rest] = wrapped(`${lead}${text}`, width - 2);
  return [first, ...rest.map((line) => `  ${line}`)];
}

function checkLines({ controls }: PercallAnalysis, width: number): readonly string[] {
  const differing = controls.filter(({ state }) => state !== 'agrees').map(({ call }) => call);
  return wrapped(
    differing.length === 0
      ? 'A/A check: a second arm without a filter agrees with the first for every call'
      : `A/A check: a second arm without a filter differs from the first for ${differing.join(', ')}`,
    width,
  );
}

function publishedLines(width: number): readonly string[] {
  const ratio = (ns: number, native: number): string => plain(ns / native, 2);
  return [
    ...wrapped(
      'Published, getpid, ratio to no filter under 1 and 2 filters that the bitmap answers, 3 and 4 run in full:',
      width,
    ),
    ...PUBLISHED_CALL_PRICES.flatMap(({ source, native, oneBitmap, twoBitmap, threeFull, fourFull }) =>
      hanging(
        '  ',
        `${[oneBitmap, twoBitmap, threeFull, fourFull].map((ns) => ratio(ns, native)).join('  ')}  ${source} (${native} ns)`,
        width,
      ),
    ),
  ];
}
