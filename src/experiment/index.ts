import type { ExperimentContext, ExperimentResult } from '../model/experiment/events.js';
import type { ExperimentRequest } from '../model/experiment/request.js';

export { pinProcess } from './pin.js';

/**
 * Runs a whole experiment: open the engine, fit the arms to what it can load, prove which filter each arm loads, record,
 * close. All that can be refused is refused before the first container.
 *
 * Throws `BenchError`: `input` (a profile), `environment` (the engine), `notComparable` (arms without a difference),
 * `runFailed` (an arm that cannot start), `interrupted` (stopped before the first measured container).
 */
export function runExperiment(request: ExperimentRequest, context: ExperimentContext): Promise<ExperimentResult> {
  return Promise.reject(new Error(`${request.kind} in ${context.cwd}: the life cycle is being built`));
}
