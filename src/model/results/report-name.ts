import { invalidValue } from '../../errors.js';

/** Throws `usage` for a name that cannot be that of a report's folder: it must not lead out of the reports' folder. */
export function assertReportName(name: string): void {
  if (/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(name)) return;
  throw invalidValue('--name', 'at most 128 letters, digits, dots, dashes and underscores', `"${name}"`, {
    hint: 'The report is a folder of this name, created in the folder of --report.',
  });
}
