import type { Analysed } from '../../reporting/index.js';
import {
  percallFigures,
  capacitySentences,
  renderAdviceTerminal,
  renderCapacity,
  renderCalls,
  renderPercallTerminal,
  renderTerminalOverview,
  renderTerminalSummary,
  runsSummary,
} from '../../report/index.js';
import type { ReportPlaces } from '../../report/index.js';
import { sweepsOf } from '../../statistics/index.js';
import type { Printed, Written } from './documents.js';

/** How a summary is printed. */
export interface SummaryLook extends ReportPlaces {
  readonly columns: number | null;
  readonly colour: boolean;
  /** Whether counted system calls are shown. */
  readonly showCalls: boolean;
}

/** What results show, for a terminal; ends with a newline. */
export function summaryText(analysed: Analysed, look: SummaryLook): string {
  switch (analysed.kind) {
    case 'starts': {
      const [only] = analysed.runs;
      if (analysed.runs.length !== 1 || only === undefined)
        return renderTerminalOverview(analysed.runs, look, sweepsOf(analysed.runs));
      const { calls } = only.analysis;
      const counted = calls === undefined || !look.showCalls ? '' : `\n${renderCalls(calls, { ...look, all: false })}`;
      return `${renderTerminalSummary(only, look)}${counted}`;
    }
    case 'calls':
      return renderPercallTerminal(analysed.analysis, look);
    case 'capacity':
      return renderCapacity(analysed.capacity, look);
    case 'advice':
      return renderAdviceTerminal(analysed.advice, look);
  }
}

/** The same for a program: what summary.json of a report holds, without what only a file needs. */
export function summaryDocument(analysed: Analysed, written: Written): Printed {
  switch (analysed.kind) {
    case 'starts':
      return { kind: 'runs', document: { ...written, ...runsSummary(analysed.runs, sweepsOf(analysed.runs)) } };
    case 'calls':
      return { kind: 'percall', document: { ...written, ...percallFigures(analysed.analysis) } };
    case 'capacity': {
      const sentences = capacitySentences(analysed.capacity);
      return { kind: 'capacity', document: { ...written, ...analysed.capacity, sentences } };
    }
    case 'advice':
      return { kind: 'advice', document: { report: written.report, index: written.index, ...analysed.advice } };
  }
}
