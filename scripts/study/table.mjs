// The tables of docs/studies/runtimes-2026.md, from the summaries of its reports.
const BEGIN = '<!-- made by npm run study from reports/study-2026*/summary.json -->';
const END = '<!-- end of what is made -->';

/** @typedef {{ value: number, low: number | null, high: number | null }} Interval */
/** @typedef {{ instructions: number }} Program */
/**
 * What a table needs of a run in a report's summary.json.
 * @typedef {object} Run
 * @property {string} name
 * @property {string[]} command
 * @property {number} seed
 * @property {number} blocksComplete
 * @property {string | null} engineVersion
 * @property {readonly { arm: string, medianCpuNs: number | null, medianWallNs: number | null, cache: string | null,
 *   evidence: { loaded: { programs?: readonly Program[] } } | null }[]} arms
 * @property {readonly { arm: string, baseline: string, metric: string, verdict: string,
 *   effect: { percent: number, percentLow: number | null, percentHigh: number | null } | null }[]} comparisons
 * @property {readonly { metric: string, state: string }[]} controls
 */
/**
 * What a table needs of a summary.json of priced calls.
 * @typedef {object} Prices
 * @property {string} name
 * @property {string[]} command
 * @property {number} seed
 * @property {number} blocks
 * @property {readonly { name: string }[]} calls
 * @property {readonly { arm: string, call: string, instructions: number | null, cached: boolean,
 *   ns: Interval }[]} prices
 */

/**
 * The page with the tables of these summaries.
 * @param {string} page
 * @param {readonly ({ runs: readonly Run[] } | Prices)[]} summaries
 */
export function pageWithTable(page, summaries) {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`the marks of the tables were not found: ${BEGIN} ... ${END}`);
  const parts = summaries.flatMap((summary) =>
    'runs' in summary ? summary.runs.map(startsPart) : [callsPart(summary)],
  );
  return `${page.slice(0, begin + BEGIN.length)}\n\n${parts.join('\n')}\n${page.slice(end)}`;
}

/** @param {Run} run */
function startsPart(run) {
  const control = run.controls.find(({ metric }) => metric === 'cpu');
  return table(
    [
      `### ${titleOf(run.name)}`,
      '',
      `${run.blocksComplete} blocks, seed ${run.seed}, A/A check of CPU time: ${control?.state ?? 'none'}.`,
      `\`bench ${commandOf(run.command)}\``,
    ],
    [
      'arm',
      'BPF instructions',
      'CPU time, median',
      'wall time, median',
      'CPU time against',
      'change [95 %]',
      'verdict',
    ],
    run.arms.map(({ arm, medianCpuNs, medianWallNs, cache, evidence }) => {
      const comparison = run.comparisons.find((one) => one.arm === arm && one.metric === 'cpu');
      const effect = comparison?.effect ?? null;
      return [
        cache === null ? arm : `${arm} (${cache})`,
        evidence?.loaded.programs?.map(({ instructions }) => thousands(instructions)).join(' + ') || '0',
        milliseconds(medianCpuNs),
        milliseconds(medianWallNs),
        comparison?.baseline ?? '–',
        effect === null ? '–' : change(effect),
        comparison?.verdict ?? '–',
      ];
    }),
  );
}

/** @param {Prices} summary */
function callsPart({ name, command, seed, blocks, calls, prices }) {
  const arms = [...new Set(prices.map(({ arm }) => arm))];
  const rows = calls.map((call) => [
    `\`${call.name}\``,
    ...arms.map((arm) => {
      const price = prices.find((one) => one.arm === arm && one.call === call.name);
      return price === undefined ? '–' : `${nanoseconds(price.ns)}${instructionsOf(price)}`;
    }),
  ]);
  return table(
    [
      `### ${titleOf(name)}`,
      '',
      `${blocks} blocks, seed ${seed}; ns per call, and the instructions of the filter that it executes.`,
      `\`bench ${commandOf(command)}\``,
    ],
    ['call', ...arms],
    rows,
  );
}

/**
 * @param {readonly string[]} heading
 * @param {readonly string[]} columns
 * @param {readonly (readonly string[])[]} rows
 */
const table = (heading, columns, rows) =>
  [
    ...heading,
    '',
    `| ${columns.join(' | ')} |`,
    `|${columns.map(() => '---').join('|')}|`,
    ...rows.map((cells) => `| ${cells.join(' | ')} |`),
    '',
  ].join('\n');

/** @type {Readonly<Record<string, string>>} */
const TITLES = {
  'study-2026-runc': 'runc 1.1 to 1.4: starts',
  'study-2026-crun': 'crun with and without its cache: starts',
  'study-2026-libseccomp': 'libseccomp 2.5 and 2.6, plain and tree: starts',
  'study-2026-lxc-5': 'LXC 5: starts',
  'study-2026-lxc-6': 'LXC 6: starts',
  'study-2026-lxc-7': 'LXC 7: starts',
  'study-2026-runc-calls': 'runc 1.1 and 1.3: calls',
  'study-2026-libseccomp-calls': 'libseccomp 2.5 and 2.6, plain and tree: calls',
};
/** @param {string} name */
const titleOf = (name) => TITLES[name] ?? name;

/**
 * Without where its files went.
 * @param {readonly string[]} command
 */
function commandOf(command) {
  const end = command.findIndex((word) => word === '--results');
  return (end < 0 ? command : command.slice(0, end)).join(' ');
}

/** @param {{ instructions: number | null, cached: boolean }} price */
function instructionsOf({ instructions, cached }) {
  if (cached) return ' (cached)';
  return instructions === null || instructions === 0 ? '' : ` (${thousands(instructions)})`;
}

/** @param {number} count */
const thousands = (count) => String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
/** @param {number | null} ns */
const milliseconds = (ns) => (ns === null ? '–' : `${(ns / 1e6).toFixed(2)} ms`);
/** @param {Interval} ns */
const nanoseconds = ({ value, low, high }) =>
  low === null || high === null ? value.toFixed(1) : `${value.toFixed(1)} [${low.toFixed(1)}, ${high.toFixed(1)}]`;
/** @param {number} percent */
const signed = (percent) => `${percent < 0 ? '−' : '+'}${Math.abs(percent).toFixed(1)}`;
/** @param {{ percent: number, percentLow: number | null, percentHigh: number | null }} effect */
const change = ({ percent, percentLow, percentHigh }) =>
  percentLow === null || percentHigh === null
    ? `${signed(percent)} %`
    : `${signed(percent)} % [${signed(percentLow)}, ${signed(percentHigh)}]`;
