import type { Io } from '../../model/io.js';
import type { Analysed } from '../../reporting/index.js';
import {
  CALLS_FORMATS,
  leftOutOf,
  leftOutOfCalls,
  renderCallsExport,
  renderCapacityCsv,
  renderExport,
} from '../../report/export/index.js';
import type { ExportFormat } from '../../report/export/index.js';
import { printData } from './json.js';
import { writeTarget } from './export-target.js';
import { assertKept, type ExportPlan } from './plan.js';

/**
 * Writes every export of the plan and tells, on standard error, what was written and what no export but the CSV has.
 * Gives the errors of those that could not be written, which cost no other. Throws `usage` for a format that cannot
 * hold these results.
 */
export function writeExports({ targets }: ExportPlan, analysed: Analysed, io: Io): readonly Error[] {
  for (const target of targets) assertKept(target, analysed.kind);
  const errors: Error[] = [];
  for (const { path, format, flag, given, title } of targets) {
    try {
      const text = textOf(format, analysed);
      if (path === null) {
        printData(io, text);
      } else {
        writeTarget(path, text, flag);
        io.err(`${title}: ${given}\n`);
      }
    } catch (error) {
      errors.push(error instanceof Error ? error : new Error(String(error)));
    }
  }
  if (targets.some(({ format }) => format !== 'csv')) {
    for (const line of leftOut(analysed)) io.err(`export: ${line}; --export-csv has every sample\n`);
  }
  return errors;
}

function textOf(format: ExportFormat, analysed: Analysed): string {
  switch (analysed.kind) {
    case 'starts':
      return renderExport(format, analysed.runs);
    case 'calls': {
      const known = CALLS_FORMATS.find((one) => one === format);
      return known === undefined ? '' : renderCallsExport(known, analysed.analysis);
    }
    case 'capacity':
      return renderCapacityCsv(analysed.run);
    case 'advice':
      return '';
  }
}

function leftOut(analysed: Analysed): readonly string[] {
  switch (analysed.kind) {
    case 'starts':
      return leftOutOf(analysed.runs);
    case 'calls':
      return leftOutOfCalls(analysed.analysis);
    case 'capacity':
    case 'advice':
      return [];
  }
}
