// The statistics that are calibrated: estimates, verdicts, plans and stopping rules, as dist/ has them.
import { estimateEffect } from '#built/statistics/paired/estimate.js';
import { judgeTogether } from '#built/statistics/verdict/family.js';
import { halfWidthToFind, mostBlocksFor, planCount } from '#built/statistics/planning/planning.js';
import { strictnessOf, watchFor } from '#built/statistics/planning/stopping.js';
import { decide } from '#built/statistics/verdict/verdict.js';
import { take } from './noises.mjs';

export const MARGIN = 0.01;

/**
 * The value, which cannot be missing in simulated data.
 *
 * @template T
 * @param {T | null | undefined} value
 * @returns {T}
 */
export function present(value) {
  if (value === null || value === undefined) throw new Error('Expected a value, got none');
  return value;
}

/**
 * Estimate of the compared arm (third) against baseline and control.
 *
 * @param {readonly Float64Array[]} series
 * @param {import('#built/statistics/paired/estimate.js').Strictness} strictness
 */
export const estimateOf = ([baseline, control, arm], strictness = { margin: MARGIN }) =>
  present(estimateEffect({ arm, baseline, control }, strictness));

export const verdictOf = (estimate) => decide(estimate, estimate.p);

/** Verdicts of rows judged as one report's, by Holm. */
export const familyVerdicts = (estimates) =>
  judgeTogether(estimates.map((estimate) => ({ estimate, verdict: verdictOf(estimate) }))).map(
    ({ family }) => present(family).verdict,
  );

/** The count that a pilot of so many blocks leads to. */
export const plannedBlocks = (source, pilotBlocks, effect, power) =>
  present(planCount(effect, estimateOf(take(source, pilotBlocks)), 'cpu', power));

/** @type {import('#built/model/run/scenario.js').Scenario['arms']} */
const ARMS = [
  { name: 'before', policy: 'all' },
  { name: 'control', policy: 'all', copyOf: 'before' },
  { name: 'after', policy: 'host' },
];

/** @returns {import('#built/model/results/sample.js').ContainerSample} */
const sampleOf = (arm, position, block, log) => ({
  kind: 'container',
  state: 'ok',
  warmup: false,
  arm,
  position,
  block,
  index: 0,
  startNs: 0,
  wallNs: 1,
  userNs: 1e8 * Math.exp(log),
  systemNs: 0,
  maxRssKiB: 1,
  minorFaults: 0,
  majorFaults: 0,
  voluntarySwitches: 0,
  involuntarySwitches: 0,
});

/** Runs until the rule is met, at most `most` blocks; the estimate is as strict as the rule asks. */
export function runUntil(rule, source, most) {
  /** @type {import('#built/model/run/scenario.js').Scenario} */
  const scenario = {
    kind: 'sequential',
    name: 'calibration',
    arms: ARMS,
    dialect: 'moby',
    warmup: 0,
    pauseMs: 0,
    count: most,
  };
  const watch = watchFor([rule], scenario, MARGIN);
  const series = Array.from({ length: 3 }, () => new Float64Array(most));
  const values = new Float64Array(3);
  let blocks = 0;
  for (let state = /** @type {string} */ ('continue'); blocks < most && state === 'continue'; blocks += 1) {
    source(values);
    values.forEach((value, arm) => {
      series[arm][blocks] = value;
    });
    ({ state } = watch.observe(ARMS.map(({ name }, arm) => sampleOf(name, arm, blocks, values[arm]))));
  }
  const own = series.map((one) => one.subarray(0, blocks));
  return { blocks, estimate: estimateOf(own, strictnessOf([rule], { blocks, most, margin: MARGIN })) };
}

export { mostBlocksFor };

export const widthFor = (effect, power) => halfWidthToFind(effect, power);
