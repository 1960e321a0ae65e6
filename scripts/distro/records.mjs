import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './settings.mjs';
import { pageWithTable } from './table.mjs';

const RECORDS = join(ROOT, 'docs/engines');
const PAGE = join(ROOT, 'docs/engines.md');

/** Packages whose version is told where the engine was not run. */
const PACKAGE_OF = { cri: 'containerd', gvisor: 'runsc' };

/**
 * One row per engine and user, of the calls and what each showed.
 * @returns {import('./table.mjs').Row[]}
 */
export function rowsOf(calls, findings, packages) {
  const rows = new Map();
  calls.forEach((call, index) => {
    if (call.engine === 'bench') return;
    const finding = findings[index];
    const key = `${call.engine} ${call.asUser}`;
    const user = call.asUser ? 'ordinary' : 'root';
    const row = rows.get(key) ?? { engine: call.engine, user, version: null, runs: [], filter: null, skipped: null };
    row.passed = (row.passed ?? 0) + finding.passed;
    row.failed = [...(row.failed ?? []), ...finding.failed.map((sentence) => `${call.title}: ${sentence}`)];
    row.version ??= finding.version;
    row.filter ??= finding.filter;
    row.skipped ??= finding.skipped;
    if (finding.skipped !== null) row.version ??= packages[PACKAGE_OF[call.engine]] ?? null;
    if (finding.skipped === null && !row.runs.includes(call.what)) row.runs.push(call.what);
    rows.set(key, row);
  });
  return [...rows.values()];
}

/** Keeps what a whole run in one suite found, and makes the table anew. */
export function publish(record) {
  mkdirSync(RECORDS, { recursive: true });
  writeFileSync(join(RECORDS, `${record.suite}.json`), `${JSON.stringify(record, null, 2)}\n`);
  const records = readdirSync(RECORDS).map((name) => JSON.parse(readFileSync(join(RECORDS, name), 'utf8')));
  writeFileSync(PAGE, pageWithTable(readFileSync(PAGE, 'utf8'), records));
}
