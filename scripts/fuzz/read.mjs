// How the files of scripts/fuzz/samples.mjs are read in this process.
import { BenchError } from '#built/errors.js';
import { filterOfSource } from '#built/experiment/arms/source-filter.js';
import { sourceOf } from '#built/profile/source/source-of.js';
import { readCallTable } from '#built/tracing/tables/read-table.js';

const TARGET = { arch: 'amd64', machine: 'x86_64' };
/** @type {import('../../src/experiment/arms/predict.js').ConversionOptions & { form: 'plain' }} */
const CONVERSION = { policy: 'host', dialect: 'moby', capabilities: [], kernel: '6.1', lenient: false, form: 'plain' };

/** Reads a profile of any form, or a table of counted calls. @throws what the readers throw */
export function readFile({ isTable, bytes }) {
  if (isTable) readCallTable(Buffer.from(bytes).toString('utf8'), 'f');
  else filterOfSource(sourceOf(bytes, 'f'), TARGET, CONVERSION);
}

/**
 * What is wrong with how reading ended, if anything: it may only be refused, in one line. `read`: it was not refused.
 * @param {() => void} work
 */
export function endOf(work) {
  try {
    work();
    return { fault: null, read: true };
  } catch (error) {
    return { fault: refusalFault(error), read: false };
  }
}

/** What is wrong with an error, if anything. */
function refusalFault(error) {
  if (!(error instanceof BenchError)) return `threw ${error?.stack ?? error}`;
  if (error.code !== 'input' && error.code !== 'environment') return `code ${error.code}: ${error.message}`;
  return /\n/.test(error.message) ? `a message of several lines: ${error.message}` : null;
}
