import { reproducedCases, renderReproduction } from '../../report/index.js';
import type { PublishedCase, ReproducedCase } from '../../report/index.js';
import type { Analysed } from '../../reporting/index.js';
import type { Printed, Written } from './documents.js';
import type { SummaryLook } from './summary.js';

const casesOf = (own: readonly PublishedCase[], analysed: Analysed): readonly ReproducedCase[] =>
  reproducedCases(own, analysed.kind === 'starts' ? analysed.runs : []);

/** The published cases as text; `own`: those that were run, in the order of the runs. */
export const casesText =
  (own: readonly PublishedCase[]) =>
  (analysed: Analysed, look: SummaryLook): string =>
    renderReproduction(casesOf(own, analysed), look);

/** The same for a program. */
export const casesDocument =
  (own: readonly PublishedCase[]) =>
  (analysed: Analysed, written: Written): Printed => ({
    kind: 'reproduction',
    document: {
      ...written,
      cases: casesOf(own, analysed).map(({ published, outcome, arms, estimate, run }) => ({
        ...published,
        outcome,
        run: run?.run.name ?? null,
        arms,
        estimate,
      })),
    },
  });
