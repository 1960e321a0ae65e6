import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { BenchError } from '../../errors.js';
import { FLEET_FORMAT_VERSION, fleetExitCode, type FleetRecord, type NodeReport } from '../../model/host/fleet.js';
import type { Io } from '../../model/io.js';
import { fleetLines, renderTerminalOverview } from '../../report/index.js';
import { sweepsOf } from '../../statistics/index.js';
import type { FleetFolder } from '../../fleet/folder.js';
import type { FleetOptions } from '../commands/fleet.js';
import { makeReport } from '../commands/report.js';

/** All that came of a fleet. */
export interface TakenFleet {
  readonly folder: FleetFolder;
  readonly source: string;
  readonly command: readonly string[];
  readonly nodes: readonly NodeReport[];
}

/**
 * Writes fleet.json, says what came of every node, makes one report per architecture and one over all, and gives the
 * exit code: 130 stopped, 1 where a node is missing, 3 or 4 by a gate, 0.
 */
export async function concludeFleet(fleet: TakenFleet, options: FleetOptions, io: Io): Promise<number> {
  const { nodes, folder } = fleet;
  writeRecord(fleet);
  const columns = io.columns ?? 80;
  io.out(fleetLines(nodes, columns));
  const paths = (some: readonly NodeReport[]): readonly string[] =>
    some.flatMap(({ outcome }) => outcome.results.map(({ path }) => join(folder.path, path)));
  const stopped = io.signal.aborted;
  if (options.report && !stopped && paths(nodes).length > 0) {
    const machines = [...new Set(nodes.map(({ node }) => node.machine))].sort();
    const dirs: string[] = [];
    for (const machine of machines) {
      const own = nodes.filter(({ node }) => node.machine === machine);
      if (paths(own).length > 0)
        dirs.push(
          (await makeReport(paths(own), { ...options, name: `${folder.name}-${machine}`, nodes: own }, io)).dir,
        );
    }
    const { dir, runs } = await makeReport(paths(nodes), { ...options, name: folder.name, nodes }, io);
    io.out(
      renderTerminalOverview(runs, { columns, colour: io.colour, reportPath: join(dir, 'index.html') }, sweepsOf(runs)),
    );
    for (const one of dirs) io.out(`        ${join(one, 'index.html')}\n`);
  }
  if (stopped) io.err(`stopped: what came of the nodes is in ${relative(io.cwd, folder.path)}\n`);
  return stopped ? 130 : fleetExitCode(nodes);
}

function writeRecord({ folder, source, command, nodes }: TakenFleet): void {
  const path = join(folder.path, 'fleet.json');
  const record: FleetRecord = {
    formatVersion: FLEET_FORMAT_VERSION,
    id: folder.id,
    startedAt: folder.startedAt,
    endedAt: new Date().toISOString(),
    source,
    command,
    nodes,
  };
  try {
    writeFileSync(path, `${JSON.stringify(record, null, 2)}\n`);
  } catch (error) {
    throw new BenchError(
      'environment',
      `${path}: expected to write the file, got ${error instanceof Error ? error.message : String(error)}`,
      { hint: "The nodes' results are beside it: bench report makes a report of them.", cause: error },
    );
  }
}
