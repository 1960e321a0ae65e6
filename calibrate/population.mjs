// The population's value of the very estimator a number of blocks leads to, from a sample so large that its error does
// not matter.
import { estimateOf } from './estimates.mjs';
import { blockSource, NOISES, take } from './noises.mjs';
import { randomFrom } from './random.mjs';

const LARGE = 2_000_000;
/** Below this the program takes the Hodges-Lehmann estimate. */
const FEWEST_FOR_TRIMMED = 30;

/**
 * The trimmed mean of log ratios, or the median of the means of pairs of them; the shift itself where the arms have one
 * shape.
 */
export function populationValue(noise, blocks, options) {
  if (NOISES[noise].treated === undefined) return options.shift;
  const [baseline, control, arm] = take(blockSource(noise, randomFrom(`population ${noise}`), options), LARGE);
  if (blocks >= FEWEST_FOR_TRIMMED) return estimateOf([baseline, control, arm]).logRatio;
  const pairs = new Float64Array(LARGE / 2);
  for (let i = 0; i < pairs.length; i += 1)
    pairs[i] = (arm[2 * i] - baseline[2 * i] + arm[2 * i + 1] - baseline[2 * i + 1]) / 2;
  return pairs.sort()[pairs.length / 2];
}
