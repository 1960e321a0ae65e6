import type { PercallAnalysis } from '../../model/percall-analysis.js';
import { arrange, clipped, wrapped } from '../columns.js';
import { counted, estimateText, percentOf, plain, printable, sentence, signed } from '../format.js';
import { FINDING_WORDS } from '../plain-report.js';
import { PUBLISHED_CALL_PRICES } from '../published-calls.js';
import type { TerminalLook } from '../terminal.js';
import { engineWords } from '../words.js';
import { locatedText, workText } from './view.js';

/** What a run of `bench percall` found, at most `columns` wide. */
export function renderPercallTerminal(analysis: PercallAnalysis, { columns, reportPath }: Omit<TerminalLook, 'colour'>): string {
  const { run: { plan }, fit } = analysis;
  const width = Math.max(40, columns);
  const lines = [
    ...wrapped(`Price per system call \u00b7 ${engineWords(plan.engine)} \u00b7 ${counted(analysis.blocks, 'block')} of ${plan.blocks} \u00b7 seed ${plan.seed}`, width),
    '', ...plan.calls.flatMap(({ name }) => [...callLines(name, analysis, width), '']),
    ...(fit === null ? [] : wrapped(`An executed instruction costs ${locatedText(fit.nsPerInstruction, 3)} ns, running a filter at all ${locatedText(fit.entryNs)} ns (line through ${counted(fit.points, 'point')})`, width)),
    ...analysis.findings.flatMap(({ state, sentence: text }) => hanging(`${FINDING_WORDS[state].toUpperCase()}: `, sentence(text), width)),
    ...checkLines(analysis, width), ...publishedLines(width),
    ...analysis.failures.flatMap(({ arm, cause, count }) => wrapped(`Failed: ${arm}: ${count} x ${printable(cause)}`, width)),
    ...analysis.warnings.flatMap((warning) => wrapped(`Warning: ${printable(warning)}`, width)),
    ...(reportPath === null ? [] : [`Report: ${printable(reportPath)}`]),
  ];
  return `${lines.join('\n')}\n`;
}

function callLines(name: string, { prices, run }: PercallAnalysis, width: number): readonly string[] {
  const rows = prices.filter(({ call }) => call === name);
  const answers = [...new Set(rows.filter(({ from }) => from !== 'none').map(({ action }) => action))].join(' or ');
  const args = run.plan.calls.find((call) => call.name === name)?.args ?? [];
  const wide = width >= 76;
  const cells = rows.map((price) => [price.arm, workText(price), locatedText(price.ns), price.ratio === null ? '' : wide ? estimateText(price.ratio) : `${signed(percentOf(price.ratio.logRatio), 1)} %`]);
  const heads = wide ? ['', 'instructions', 'ns per call [95 %]', 'against no filter [95 %]'] : ['', 'instructions', 'ns [95 %]', 'to no filter'];
  return [clipped(`${name}(${args.join(', ')}): ${answers}${rows.some(({ reference }) => reference !== name) ? (wide ? ', held against unknown' : ', to unknown') : ''}`, width), ...arrange([heads, ...cells], { width, first: wide ? 20 : 12, align: 'right' })];
}

function hanging(lead: string, text: string, width: number): readonly string[] {
  const [first = '', ...rest] = wrapped(`${lead}${text}`, width - 2);
  return [first, ...rest.map((line) => `  ${line}`)];
}

function checkLines({ controls }: PercallAnalysis, width: number): readonly string[] {
  const differing = controls.filter(({ state }) => state !== 'agrees').map(({ call }) => call);
  return wrapped(differing.length === 0 ? 'A/A check: a second arm without a filter agrees with the first for every call' : `A/A check: a second arm without a filter differs from the first for ${differing.join(', ')}`, width);
}

function publishedLines(width: number): readonly string[] {
  const ratio = (ns: number, native: number): string => plain(ns / native, 2);
  return [
    ...wrapped('Published, getpid, ratio to no filter under 1 and 2 filters that the bitmap answers, 3 and 4 run in full:', width),
    ...PUBLISHED_CALL_PRICES.map(({ source, native, oneBitmap, twoBitmap, threeFull, fourFull }) =>
      clipped(`  ${[oneBitmap, twoBitmap, threeFull, fourFull].map((ns) => ratio(ns, native)).join('  ')}  ${source} (${native} ns)`, width)),
  ];
}
