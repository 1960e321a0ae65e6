import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { BenchError } from '../errors.js';
import type { FleetNode } from '../model/host/fleet.js';
import { makeFolders } from '../results/index.js';

/** Where the results of all nodes of one fleet are kept. */
export interface FleetFolder {
  readonly id: string;
  /** `fleet-TIME-ID`; the reports carry it too. */
  readonly name: string;
  readonly path: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
}

/** Makes `parent` (if need be) and a new folder for a fleet in it. Throws `environment`. */
export function makeFleetFolder(parent: string): FleetFolder {
  const fleet = newFleet();
  const path = join(parent, fleet.name);
  try {
    makeFolders(path);
  } catch (error) {
    throw new BenchError(
      'environment',
      `${path}: expected to make the folder, got ${error instanceof Error ? error.message : String(error)}`,
      { hint: 'Choose a folder you may write to with --results.', cause: error },
    );
  }
  return { ...fleet, path };
}

/** A new id, and the name made of it and the time. */
export function newFleet(): Omit<FleetFolder, 'path'> {
  const startedAt = new Date().toISOString();
  const id = randomBytes(4).toString('hex');
  return { id, name: `fleet-${startedAt.slice(0, 19).replace(/[-:]/g, '')}Z-${id}`, startedAt };
}

/** The name of a node's folder: its own, with its id where two are called the same. */
export function nodeFolder(node: FleetNode, all: readonly FleetNode[]): string {
  const alone = all.filter(({ name }) => name === node.name).length <= 1;
  return encodeURIComponent(alone ? node.name : `${node.name}-${node.id}`).replace(/^\.+/, '_');
}
