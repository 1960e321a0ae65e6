/** Shapes of a fleet run: the same scenario once on every node of a cluster. */

/** A machine of the cluster. */
export interface FleetNode {
  readonly id: string;
  readonly name: string;
  /** As `uname -m` says it. */
  readonly machine: string;
}

/** What came of the job on one node. */
export type NodeOutcome =
  /** It measured, and its results came whole; 3 and 4 are a gate's word (slower, not decided), 0 is none. */
  | { readonly state: 'measured'; readonly exitCode: 0 | 3 | 4; readonly results: readonly NodeResult[] }
  /** It ended in another way, in its own words or the engine's; what it had measured came along. */
  | { readonly state: 'failed'; readonly reason: string; readonly results: readonly NodeResult[] }
  /** Its results are not those it sent: cut off, or changed. */
  | { readonly state: 'damaged'; readonly reason: string; readonly results: readonly NodeResult[] }
  /** The node went away while the job ran; it was not waited for. */
  | { readonly state: 'lost'; readonly reason: string; readonly results: readonly NodeResult[] }
  /** It had not ended within the time for the whole fleet, or before it was stopped. */
  | { readonly state: 'unfinished'; readonly reason: string; readonly results: readonly NodeResult[] }
  /** Nothing was started there. */
  | { readonly state: 'notStarted'; readonly reason: string; readonly results: readonly NodeResult[] };

/** A results folder of a node whose checksums were verified. */
export interface NodeResult {
  /** From the folder that fleet.json is in. */
  readonly path: string;
  /** Files whose SHA-256 was verified. */
  readonly files: number;
}

/** A node and what came of its job. */
export interface NodeReport {
  readonly node: FleetNode;
  readonly outcome: NodeOutcome;
}

/** Of fleet.json. */
export const FLEET_FORMAT_VERSION = 1;

/** fleet.json: what was asked of which nodes, and what came of it. */
export interface FleetRecord {
  readonly formatVersion: typeof FLEET_FORMAT_VERSION;
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly endedAt: string;
  /** The manager's address, or the folder the results were taken from. */
  readonly source: string;
  /** What each node's bench was given. */
  readonly command: readonly string[];
  readonly nodes: readonly NodeReport[];
}

/** Whether all that was wanted of a node came. */
export const isWhole = ({ outcome }: NodeReport): boolean => outcome.state === 'measured';

/** 1 where something did not come, else a gate's 3 or 4, else 0. */
export function fleetExitCode(nodes: readonly NodeReport[]): number {
  if (nodes.length === 0 || !nodes.every(isWhole)) return 1;
  const codes = nodes.map(({ outcome }) => (outcome.state === 'measured' ? outcome.exitCode : 0));
  return codes.find((code) => code === 3) ?? codes.find((code) => code === 4) ?? 0;
}
