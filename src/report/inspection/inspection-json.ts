import type { DeniedCount, Inspection } from '../../model/filter/inspection.js';

/** JSON; integers beyond 2^53 are decimal strings. Ends with a newline. */
export const jsonText = (value: unknown, indent = 2): string =>
  `${JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? one.toString() : one), indent)}\n`;

/** An inspection for programs, on one line: it has over a thousand calls. */
export const inspectionJson = (inspection: Inspection, denied: DeniedCount | null): string =>
  jsonText({ ...inspection, ...(denied === null ? {} : { denied }) }, 0);
