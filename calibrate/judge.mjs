// Whether a share that was counted agrees with what is promised.

/** Below so many simulations a share is too uncertain to be held to the plain limits. */
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
 * Coverage and power have room between what is expected and their limits, and are held to these as they are once there
 * are enough simulations;
 * an error rate has its limit where it is expected, so it is held to what chance leaves plausible (at 4,000 simulations
 * 5 % may show as 6.1 %).
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
