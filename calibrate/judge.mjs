// Whether a counted share agrees with the promise.

/** With fewer simulations a share is too uncertain for the plain limits. */
const ENOUGH = 4000;
/** So seldom that a few hundred cells hardly fail by chance. */
const RARE = 1 / 2000;

/** P(X >= hits) of a binomial X, summed from its logarithms. */
function upperTail(hits, n, p) {
  let log = n * Math.log1p(-p);
  let sum = 0;
  for (let k = 0; k <= n; k += 1) {
    if (k >= hits) sum += Math.exp(log);
    log += Math.log(((n - k) / (k + 1)) * (p / (1 - p)));
  }
  return Math.min(1, sum);
}

const isAbove = (limit, hits, n) => upperTail(hits, n, limit) < RARE;
const isBelow = (limit, hits, n) => limit > 0 && upperTail(n - hits, n, 1 - limit) < RARE;

/**
 * Coverage and power have room between the expected value and their limits, so the plain limits apply once there are
 * enough simulations. The limit of an error rate is its expected value, so the share may exceed it by what chance
 * leaves plausible (at 4,000 simulations 5 % may show as 6.1 %).
 */
export function judge({ wanted }, { hits, simulations }) {
  const share = hits / simulations;
  const isErrorRate = wanted.low === 0;
  const met =
    simulations >= ENOUGH && !isErrorRate
      ? share >= wanted.low && share <= wanted.high
      : !isBelow(wanted.low, hits, simulations) && (wanted.high === 1 || !isAbove(wanted.high, hits, simulations));
  return { share, met };
}
