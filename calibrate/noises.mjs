// Kinds of noise, as the logarithms of times. `run(random, treated)` is one run's own noise; `treated` runs may have a
// shape of their own, so that the
// log ratio is not symmetric and the population's value of an estimator is not the shift. `level` moves all runs of a
// block together.

/** Log of a time that is a fixed part and a skewed rest: the typical noise of a program's start. */
const skewedTime = (share, value) => Math.log(1 + share * value);

/** Starts of the slow mode take 1.35 times as long. */
const SLOW = 0.3;

export const NOISES = {
  normal: { run: (random) => 0.05 * random.normal() },
  'log-normal': { run: (random) => skewedTime(0.05, Math.exp(random.normal())) },
  bimodal: {
    run: (random) => 0.02 * random.normal() + (random.uniform() < 0.2 ? SLOW : 0),
    treated: (random) => 0.02 * random.normal() + (random.uniform() < 0.3 ? SLOW : 0),
  },
  'bimodal, blurred': {
    run: (random) => 0.08 * random.normal() + (random.uniform() < 0.2 ? SLOW : 0),
    treated: (random) => 0.08 * random.normal() + (random.uniform() < 0.3 ? SLOW : 0),
  },
  skewed: {
    run: (random) => 0.05 * random.exponential(),
    treated: (random) => 0.08 * random.exponential(),
  },
  drifting: {
    run: (random) => 0.05 * random.normal(),
    // Level and loudness wander: quiet and loud stretches differ by a factor of 2 to 3, as they do on real machines.
    drift: (random) => {
      let level = 0;
      let loudness = 0.5 * random.normal();
      return () => {
        level = 0.99 * level + 0.03 * random.normal();
        loudness = 0.98 * loudness + 0.1 * random.normal();
        return { level, loudness: Math.exp(loudness) };
      };
    },
  },
};

const STILL = () => () => ({ level: 0, loudness: 1 });

/**
 * A source of blocks: log times of `arms` runs, the first being the baseline, the second its control, all others
 * compared arms shifted by `shift`.
 * `ownShape` gives those the noise's treated shape; `scale` stretches all noise.
 */
export function blockSource(name, random, { arms = 3, shift = 0, scale = 1, ownShape = false }) {
  const noise = NOISES[name];
  const treated = ownShape ? (noise.treated ?? noise.run) : noise.run;
  const drift = (noise.drift ?? STILL)(random);
  const levelSpread = 0.1;
  return (values) => {
    const { level, loudness } = drift();
    const shared = level + levelSpread * random.normal();
    for (let arm = 0; arm < arms; arm += 1) {
      values[arm] = shared + scale * loudness * (arm < 2 ? noise.run(random) : treated(random)) + (arm < 2 ? 0 : shift);
    }
  };
}

/** The first `blocks` blocks of a source: one series per arm. */
export function take(source, blocks, arms = 3) {
  const series = Array.from({ length: arms }, () => new Float64Array(blocks));
  const values = new Float64Array(arms);
  for (let block = 0; block < blocks; block += 1) {
    source(values);
    for (let arm = 0; arm < arms; arm += 1) series[arm][block] = values[arm];
  }
  return series;
}
