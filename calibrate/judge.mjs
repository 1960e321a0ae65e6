// Whether a share that was counted agrees with what is promised.

/** Below so many simulations a share is too uncertain to be held to the plain limits. */
const ENOUGH = 4000;
/** One-sided 1 in 2000, so that a hundred cells seldom fail by chance. */
const Z = 3.29;

/** How far beyond a limit chance alone may carry a share. */
function slack(limit, simulations) {
  return Z * Math.sqrt((limit * (1 - limit)) / simulations);
}

/**
 * Coverage and power have room between what is expected and their limits, and are held to these as they are once there are enough simulations;
 * an error rate has its limit where it is expected, so it may always miss it by chance.
 */
export function judge({ wanted }, { hits, simulations }) {
  const share = hits / simulations;
  const isErrorRate = wanted.low === 0;
  const room = (limit) => (simulations >= ENOUGH && !isErrorRate ? 0 : slack(limit, simulations));
  return { share, met: share >= wanted.low - room(wanted.low) && share <= wanted.high + room(wanted.high) };
}
