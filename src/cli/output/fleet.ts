import { join, relative, resolve } from 'node:path';
import { fleetExitCode, type NodeReport } from '../../model/host/fleet.js';
import type { FleetEvent, FleetResult } from '../../model/host/fleet-request.js';
import type { Io } from '../../model/io.js';
import { plainLine } from '../../model/plain-text.js';
import { fleetLines } from '../../report/index.js';
import { analyseResults, writeAnalysed, writeReport } from '../../reporting/index.js';
import { say } from './announce/say.js';
import { attempt, indexPath, shortest, throwFirst } from './conclude.js';
import { printJson } from './json.js';
import { lookOf } from './look.js';
import { summaryText } from './summary.js';

/** Where the reports of a fleet go and how its results are judged. */
export interface FleetOutput {
  /** A share (0.01 = 1 %); smaller changes count as none. */
  readonly margin: number;
  /** `null`: no reports. */
  readonly reportsFolder: string | null;
  readonly json: boolean;
}

/** Tells what a fleet does while it runs. */
export const fleetAnnouncer =
  (io: Io) =>
  (event: FleetEvent): void => {
    switch (event.kind) {
      case 'planned':
        announce(event, io);
        return;
      case 'nodeRunning':
        io.err(`${event.node}: running\n`);
        return;
      case 'nodeTwice':
        io.err(`${event.node}: pod ${event.pod} came to it as well, and is not counted\n`);
        return;
      case 'nodeEnded': {
        const { node, outcome } = event.report;
        io.err(`${node.name}: ${outcome.state}${'reason' in outcome ? `: ${outcome.reason}` : ''}\n`);
      }
    }
  };

function announce(
  { words, groups, notStarted, resting, folder }: Extract<FleetEvent, { kind: 'planned' }>,
  io: Io,
): void {
  const count = groups.reduce((sum, { nodes }) => sum + nodes.length, 0);
  say(io, '', `fleet: bench ${words.join(' ')} once on each of ${count} nodes, on the node's own engine`);
  for (const { machine, image, nodes } of groups) say(io, '  ', `${machine}: ${nodes.join(', ')}, image ${image}`);
  for (const { node, outcome } of notStarted)
    say(io, '  ', `${node.name}: not started: ${'reason' in outcome ? outcome.reason : ''}`);
  for (const { name, availability } of resting)
    say(io, '  ', `${name}: left alone, its availability is ${availability}`);
  say(io, '', `results in ${relative(io.cwd, folder)}`);
}

/**
 * Prints the outcome of every node, writes one report per architecture and one over all, and gives the
 * exit code: 130 stopped, 1 where a node is missing, 3 or 4 by a gate, 0. Throws what could not be written or removed,
 * after everything else.
 */
export async function concludeFleet(fleet: FleetResult, output: FleetOutput, io: Io): Promise<number> {
  const { nodes, folder, notRemoved } = fleet;
  const errors: Error[] = notRemoved === null ? [] : [notRemoved];
  if (!output.json) io.out(fleetLines(nodes, io.outColumns));
  if (io.signal.aborted) {
    io.err(`stopped; the results of the nodes so far are in ${relative(io.cwd, folder)}\n`);
    throwFirst(errors);
    return 130;
  }
  const reports =
    resultsOf(fleet, nodes).length > 0 && output.reportsFolder !== null
      ? await report(fleet, { ...output, reportsFolder: resolve(io.cwd, output.reportsFolder) }, io, errors)
      : NO_PAGES;
  if (output.json) printJson(io, 'fleet', { results: relative(io.cwd, folder), ...reports, nodes });
  else if (reports.index !== null) io.out(`All reports: ${plainLine(reports.index)}\n`);
  throwFirst(errors);
  return fleetExitCode(nodes);
}

/** Results folders of some nodes. */
const resultsOf = ({ folder }: FleetResult, some: readonly NodeReport[]): readonly string[] =>
  some.flatMap(({ outcome }) => outcome.results.map(({ path }) => join(folder, path)));

interface Pages {
  readonly reports: readonly string[];
  /** Over all reports of their folder. */
  readonly index: string | null;
}
const NO_PAGES: Pages = { reports: [], index: null };

/**
 * Pages of the reports: over all nodes, then one per architecture. One that cannot be made costs no other, and hides
 * nothing of what was measured.
 */
async function report(
  fleet: FleetResult,
  { margin, reportsFolder: directory, json }: FleetOutput & { readonly reportsFolder: string },
  io: Io,
  errors: Error[],
): Promise<Pages> {
  const { nodes, name } = fleet;
  const pages: string[] = [];
  let index: string | null = null;
  const analysed = await attempt(() => analyseResults(resultsOf(fleet, nodes), { margin }), errors);
  if (analysed !== undefined) {
    const written = await attempt(() => writeAnalysed(analysed, { directory, name, nodes }), errors);
    const reportPath = written === undefined ? null : shortest(written.page, io.cwd);
    if (written !== undefined) index = indexPath(written.index, io.cwd);
    if (!json) io.out(summaryText(analysed, { ...lookOf(io), reportPath, showCalls: false }));
    pages.push(...(reportPath === null ? [] : [reportPath]));
  }
  const machines = [...new Set(nodes.map(({ node }) => node.machine))].sort();
  for (const machine of machines) {
    const own = nodes.filter(({ node }) => node.machine === machine);
    const paths = resultsOf(fleet, own);
    if (paths.length === 0) continue;
    const target = { margin, directory, name: `${name}-${machine}`, nodes: own };
    const written = await attempt(() => writeReport(paths, target), errors);
    if (written === undefined) continue;
    index = indexPath(written.index, io.cwd);
    pages.push(shortest(written.page, io.cwd));
    if (!json) io.out(`        ${shortest(written.page, io.cwd)}\n`);
  }
  return { reports: pages, index };
}
