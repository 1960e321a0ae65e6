import { recordOf } from '../../text/csv.js';
import { tableLines } from '../../text/markdown.js';
import type { ArmSamples, RunSamples } from '../data.js';
import type { Column } from '../../run/tables.js';

/** A table as texts. */
export interface TextTable {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

/** As a table of GitHub Markdown. */
export const markdownOf = (table: TextTable): string => `${tableLines(table)}\n`;

/** As comma-separated values; a cell that is a number alone becomes one that programs read: `−1,400` is -1400. */
export const csvOf = ({ columns, rows }: TextTable): string =>
  [columns.map(({ head }) => head), ...rows.map((cells) => cells.map(machineNumber))].map(recordOf).join('');

const machineNumber = (text: string): string =>
  /^[+\u2212-]?\d+(?:,\d{3})*(?:\.\d+)?$/.test(text)
    ? text.replaceAll(',', '').replace('\u2212', '-').replace('+', '')
    : text;

/** The samples of a run as comma-separated values, a container per line. */
export const samplesCsv = ({ run, arms }: RunSamples): string =>
  [
    recordOf(['run', 'arm', 'block', 'wall_us', 'cpu_us']),
    ...arms.flatMap((samples) => samples.block.map((_, index) => sampleRecord(run, samples, index))),
  ].join('');

const sampleRecord = (run: string, { arm, block, wall, cpu }: ArmSamples, index: number): string =>
  recordOf([run, arm, block[index], wall[index], cpu?.[index]]);
