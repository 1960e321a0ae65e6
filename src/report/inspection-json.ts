import type { DeniedCount, Inspection } from '../model/inspection.js';

/** JSON on one line per level; integers beyond 2^53 are decimal strings. Ends with a newline. */
export const jsonText = (value: unknown): string => `${JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? one.toString() : one), 2)}\n`;

/** An inspection for programs. */
export const inspectionJson = (inspection: Inspection, denied: DeniedCount | null): string => jsonText({ ...inspection, ...(denied === null ? {} : { denied }) });
