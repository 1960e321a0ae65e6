// The table of engines, versions and runs in docs/engines.md, as the records in docs/engines/ give it.

/** Debian's suites that this was written for, with the words for each in a table. */
export const SUITES = { trixie: 'Debian 13', sid: 'Debian sid' };

const BEGIN = '<!-- made by npm run test:distro from docs/engines/*.json -->';
const END = '<!-- end of what is made -->';

/**
 * What one engine showed, started by one user.
 * @typedef {object} Row
 * @property {string} engine
 * @property {'root' | 'ordinary'} user
 * @property {string | null} version null: no run of it told
 * @property {string[]} runs what was run, in words
 * @property {string | null} filter how the loaded filter compares with the predicted one, in words
 * @property {number} passed checks
 * @property {string[]} failed checks, as sentences
 * @property {string | null} skipped why something was not run
 */

/**
 * What a whole run in one suite found.
 * @typedef {object} SuiteRecord
 * @property {number} formatVersion
 * @property {string} suite
 * @property {string} machine
 * @property {string} kernel its first two numbers
 * @property {string} node
 * @property {string[]} controllers of cgroup v2
 * @property {string} libseccomp
 * @property {Row[]} rows
 * @property {{ passed: number, failed: number, skipped: number }} totals
 */

/**
 * The page with the table that the records give, in the order in which suites are listed above.
 * @param {string} page
 * @param {readonly SuiteRecord[]} records
 */
export function pageWithTable(page, records) {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`the marks of the table were not found: ${BEGIN} ... ${END}`);
  const order = Object.keys(SUITES);
  const parts = [...records].sort((a, b) => order.indexOf(a.suite) - order.indexOf(b.suite)).map(partOf);
  return `${page.slice(0, begin + BEGIN.length)}\n\n${parts.join('\n')}\n${page.slice(end)}`;
}

/** @param {SuiteRecord} record */
function partOf({ suite, machine, kernel, node, controllers, libseccomp, rows, totals }) {
  const title = Object.entries(SUITES).find(([name]) => name === suite)?.[1] ?? suite;
  const groups = controllers.length === 0 ? 'no controllers' : `controllers ${controllers.join(', ')}`;
  return [
    `### ${title}`,
    '',
    `${machine}, kernel ${kernel}, cgroup v2 alone with ${groups}, libseccomp ${libseccomp}, Node ${node}:`,
    `${totals.passed} checks passed, ${totals.failed} failed, ${totals.skipped} skipped.`,
    '',
    '| engine | version | started by | what was run | loaded filter | checks |',
    '|---|---|---|---|---|---|',
    ...rows.map(lineOf),
    '',
  ].join('\n');
}

/** @type {Readonly<Record<string, string>>} */
const ENGINE_WORDS = { oci: 'oci, crun by its path', gvisor: 'oci, gVisor' };

/** @param {Row} row */
function lineOf({ engine, user, version, runs, filter, passed, failed, skipped }) {
  const cells = [
    ENGINE_WORDS[engine] ?? engine,
    version ?? '–',
    user === 'root' ? 'root' : 'an ordinary user',
    runs.length === 0 ? '–' : runs.join(', '),
    filter ?? '–',
    [
      ...(passed === 0 ? [] : [`${passed} passed`]),
      ...(failed.length === 0 ? [] : [`${failed.length} failed: ${failed.join('; ')}`]),
      ...(skipped === null ? [] : [`skipped: ${skipped}`]),
    ].join(', '),
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
