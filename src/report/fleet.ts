import { isWhole, type NodeOutcome, type NodeReport } from '../model/host/fleet.js';
import { arrange, wrapped } from './text/columns.js';
import { counted, printable } from './text/format.js';
import { left, type Table } from './run/tables.js';

/** Said of a node in few words. */
const STATE_WORDS: Readonly<Record<NodeOutcome['state'], string>> = {
  measured: 'measured',
  failed: 'FAILED',
  damaged: 'DAMAGED',
  lost: 'LOST',
  unfinished: 'UNFINISHED',
  notStarted: 'NOT STARTED',
};

/** What came of each node, for the head of a report. */
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
        ? 'Every node measured, on its own engine.'
        : `${missing} of ${counted(nodes.length, 'node')} did not give what was wanted of it: this report says nothing of what is missing.`,
  };
}

/** The same for a terminal of so many columns; ends with an empty line. */
export function fleetLines(nodes: readonly NodeReport[], columns: number): string {
  const width = Math.max(40, Math.min(columns, 100));
  const table = arrange(
    [
      ['node', 'machine', 'state', 'results'],
      ...nodes.map(({ node, outcome }) => [
        printable(node.name),
        node.machine,
        STATE_WORDS[outcome.state],
        resultWords(outcome),
      ]),
    ],
    { width, first: Math.floor(width / 3), align: 'left' },
  );
  const reasons = nodes.flatMap(({ node, outcome }) =>
    isWhole({ node, outcome }) ? [] : wrapped(printable(`${node.name}: ${reasonOf(outcome)}`), width),
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
      : `its own --fail-if-slower or --strict ended it with exit code ${outcome.exitCode}`;
