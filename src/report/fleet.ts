import { isWhole, type NodeOutcome, type NodeReport } from '../model/host/fleet.js';
import { arrange, wrapped } from './text/columns.js';
import { counted, formatCount } from './text/format.js';
import { tableWidthOf, widthOf } from './text/look.js';
import { left, type Table } from './run/tables.js';
import { plainLine } from '../model/plain-text.js';

/** The state of a node in a table. */
const STATE_WORDS: Readonly<Record<NodeOutcome['state'], string>> = {
  measured: 'measured',
  failed: 'FAILED',
  damaged: 'DAMAGED',
  lost: 'LOST',
  unfinished: 'UNFINISHED',
  notStarted: 'NOT STARTED',
};

/** The outcome of each node, for the head of a report. */
export function fleetTable(nodes: readonly NodeReport[]): Table {
  const missing = nodes.filter((node) => !isWhole(node)).length;
  return {
    title: 'Nodes',
    columns: [left('node'), left('machine'), left('state'), left('results, verified by SHA-256'), left('why')],
    rows: nodes.map(({ node, outcome }) => [
      node.name,
      node.machine,
      STATE_WORDS[outcome.state],
      resultWords(outcome),
      reasonOf(outcome),
    ]),
    note:
      missing === 0
        ? 'Every node was measured with its own engine.'
        : `${formatCount(missing)} of ${counted(nodes.length, 'node')} gave no complete result; this report does not \
cover them.`,
  };
}

/** The same for a terminal; ends with an empty line. */
export function fleetLines(nodes: readonly NodeReport[], columns: number | null): string {
  const width = widthOf(columns);
  const table = arrange(
    [
      ['node', 'machine', 'state', 'results'],
      ...nodes.map(({ node, outcome }) => [
        plainLine(node.name),
        node.machine,
        STATE_WORDS[outcome.state],
        resultWords(outcome),
      ]),
    ],
    { width: tableWidthOf(columns), first: Math.floor(width / 3), align: 'left' },
  );
  const reasons = nodes.flatMap(({ node, outcome }) =>
    isWhole({ node, outcome }) ? [] : wrapped(plainLine(`${node.name}: ${reasonOf(outcome)}`), width),
  );
  return [...table, ...(reasons.length === 0 ? [] : ['', ...reasons]), '', ''].join('\n');
}

const resultWords = ({ results }: NodeOutcome): string =>
  results.length === 0
    ? 'none'
    : `${counted(results.length, 'folder')}, ${counted(
        results.reduce((sum, { files }) => sum + files, 0),
        'file',
      )}`;

const reasonOf = (outcome: NodeOutcome): string =>
  'reason' in outcome
    ? outcome.reason
    : outcome.exitCode === 0
      ? ''
      : `exit code ${outcome.exitCode} by its --fail-if-slower or --strict`;
