import { join, relative } from 'node:path';
import { fleetExitCode, type NodeReport } from '../../model/host/fleet.js';
import type { FleetEvent, FleetResult } from '../../model/host/fleet-request.js';
import type { Io } from '../../model/io.js';
import { fleetLines, renderTerminalOverview } from '../../report/index.js';
import { sweepsOf } from '../../statistics/index.js';
import { makeReport } from '../commands/report.js';
import { say } from './announce.js';

export interface FleetReportOptions {
  readonly report: boolean;
  /** Folder in which reports are created. */
  readonly reports: string;
  /** A percentage such as `1%`. */
  readonly margin: string;
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
 * Prints what came of every node, makes one report per architecture and one over all, and gives the exit code: 130
 * stopped, 1 where a node is missing, 3 or 4 by a gate, 0.
 */
export async function concludeFleet(
  { name, folder, nodes }: FleetResult,
  options: FleetReportOptions,
  io: Io,
): Promise<number> {
  const columns = io.columns ?? 80;
  io.out(fleetLines(nodes, columns));
  const paths = (some: readonly NodeReport[]): readonly string[] =>
    some.flatMap(({ outcome }) => outcome.results.map(({ path }) => join(folder, path)));
  const stopped = io.signal.aborted;
  if (options.report && !stopped && paths(nodes).length > 0) {
    const machines = [...new Set(nodes.map(({ node }) => node.machine))].sort();
    const dirs: string[] = [];
    for (const machine of machines) {
      const own = nodes.filter(({ node }) => node.machine === machine);
      if (paths(own).length > 0)
        dirs.push((await makeReport(paths(own), { ...options, name: `${name}-${machine}`, nodes: own }, io)).dir);
    }
    const { dir, runs } = await makeReport(paths(nodes), { ...options, name, nodes }, io);
    io.out(
      renderTerminalOverview(runs, { columns, colour: io.colour, reportPath: join(dir, 'index.html') }, sweepsOf(runs)),
    );
    for (const one of dirs) io.out(`        ${join(one, 'index.html')}\n`);
  }
  if (stopped) io.err(`stopped: the results of the nodes are in ${relative(io.cwd, folder)}\n`);
  return stopped ? 130 : fleetExitCode(nodes);
}
