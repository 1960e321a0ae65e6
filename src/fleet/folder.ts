import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileError } from '../errors.js';
import type { FleetNode } from '../model/host/fleet.js';
import { distinctName, makeFolders } from '../results/index.js';

/** The folder with the results of all nodes of one fleet. */
export interface FleetFolder {
  readonly id: string;
  /** `fleet-TIME-ID`; the reports carry it too. */
  readonly name: string;
  readonly path: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
}

/** Creates a new folder for a fleet in `parent`, and `parent` itself. Throws `environment`. */
export function makeFleetFolder(parent: string, fleet: Omit<FleetFolder, 'path'> = newFleet()): FleetFolder {
  const path = join(parent, fleet.name);
  try {
    makeFolders(path);
  } catch (error) {
    throw fileError('create', path, error, { hint: 'Choose a writable folder with --results.' });
  }
  return { ...fleet, path };
}

/** A new id, and a name of the time and the id. */
export function newFleet(): Omit<FleetFolder, 'path'> {
  const startedAt = new Date().toISOString();
  const id = randomBytes(4).toString('hex');
  return { id, name: `fleet-${startedAt.slice(0, 19).replace(/[-:]/g, '')}Z-${id}`, startedAt };
}

/** The id of what the fleet makes in its cluster. */
export const runIdOf = ({ id }: Pick<FleetFolder, 'id'>): string => `sb-${id}`;

/** The name of a node's folder: the node's, with its id where two have the same name. */
export function nodeFolder(node: FleetNode, all: readonly FleetNode[]): string {
  const alone = all.filter(({ name }) => name === node.name).length <= 1;
  return distinctName(alone ? node.name : `${node.name}-${node.id}`);
}
