import type { ExperimentContext } from '../model/experiment/events.js';
import type { FleetEvent } from '../model/host/fleet-request.js';

/** The surroundings of a fleet: what it may read, how it is stopped, whom it tells. */
export interface FleetContext extends Pick<ExperimentContext, 'env' | 'cwd' | 'signal' | 'stdin'> {
  readonly notify: (event: FleetEvent) => void;
}
