import { writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileError, type BenchError } from '../../errors.js';
import { FLEET_FORMAT_VERSION, fleetExitCode, type FleetRecord, type NodeReport } from '../../model/host/fleet.js';
import type { Io } from '../../model/io.js';
import { fleetLines } from '../../report/index.js';
import { analyseResults, writeAnalysed, writeReport } from '../../reporting/index.js';
import type { FleetFolder } from '../../fleet/folder.js';
import { attempt, shortest, throwFirst } from './conclude.js';
import { summaryText } from './summary.js';

/** All that came of a fleet. */
export interface TakenFleet {
  readonly folder: FleetFolder;
  readonly source: string;
  readonly command: readonly string[];
  readonly nodes: readonly NodeReport[];
}

/** Where the reports of a fleet go and how its results are judged. */
export interface FleetOutput {
  /** A share (0.01 = 1 %); smaller changes count as none. */
  readonly margin: number;
  /** `null`: no reports. */
  readonly reportsFolder: string | null;
}

/**
 * Writes fleet.json, prints what came of every node, writes one report per architecture and one over all, and gives the
 * exit code: 130 stopped, 1 where a node is missing, 3 or 4 by a gate, 0.
 */
export async function concludeFleet(fleet: TakenFleet, output: FleetOutput, io: Io): Promise<number> {
  const { nodes, folder } = fleet;
  writeRecord(fleet);
  io.out(fleetLines(nodes, io.columns ?? 80));
  if (io.signal.aborted) {
    io.err(`stopped; the results of the nodes so far are in ${relative(io.cwd, folder.path)}\n`);
    return 130;
  }
  if (resultsOf(fleet, nodes).length > 0 && output.reportsFolder !== null)
    await report(fleet, { ...output, reportsFolder: resolve(io.cwd, output.reportsFolder) }, io);
  return fleetExitCode(nodes);
}

/** Results folders of some nodes. */
const resultsOf = ({ folder }: TakenFleet, some: readonly NodeReport[]): readonly string[] =>
  some.flatMap(({ outcome }) => outcome.results.map(({ path }) => join(folder.path, path)));

async function report(
  fleet: TakenFleet,
  { margin, reportsFolder: directory }: FleetOutput & { readonly reportsFolder: string },
  io: Io,
): Promise<void> {
  const { nodes, folder } = fleet;
  const analysed = analyseResults(resultsOf(fleet, nodes), { margin });
  // A report that cannot be written must not hide what was measured.
  const errors: BenchError[] = [];
  const written = await attempt(() => writeAnalysed(analysed, { directory, name: folder.name, nodes }), errors);
  const reportPath = written === undefined ? null : shortest(written.page, io.cwd);
  io.out(summaryText(analysed, { columns: io.columns ?? 80, colour: io.colour, reportPath, showCalls: false }));
  throwFirst(errors);
  const machines = [...new Set(nodes.map(({ node }) => node.machine))].sort();
  for (const machine of machines) {
    const own = nodes.filter(({ node }) => node.machine === machine);
    const paths = resultsOf(fleet, own);
    if (paths.length === 0) continue;
    const name = `${folder.name}-${machine}`;
    const { page } = await writeReport(paths, { margin, directory, name, nodes: own });
    io.out(`        ${shortest(page, io.cwd)}\n`);
  }
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
    throw fileError('write', path, error, {
      hint: "The nodes' results are in the same folder: bench report makes a report of them.",
    });
  }
}
