/**
 * CPU milliseconds of the first 40 blocks of a real recording: `runc run` with one spec twice (before, control) and
 * with one
 * that lists two more architectures (after). Expected values in the tests: NumPy/SciPy and an independent
 * implementation.
 */
export const BEFORE_MS: readonly number[] = [
  38.571, 36.438, 33.423, 33.671, 33.097, 32.548, 34.027, 35.243, 32.502, 29.655, 32.627, 31.119, 33.143, 32.243,
  31.823, 32.222, 30.412, 30.628, 31.282, 31.372, 32.421, 31.266, 32.497, 33.77, 31.374, 29.068, 30.841, 32.131, 32.757,
  31.162, 35.975, 38.231, 35.841, 36.317, 33.43, 35.614, 37.655, 37.222, 39.843, 38.203,
];

export const CONTROL_MS: readonly number[] = [
  40.287, 37.034, 32.41, 34.035, 35.232, 32.756, 32.59, 35.556, 32.314, 31.682, 31.681, 35.116, 34.247, 32.699, 31.715,
  34.103, 32.002, 34.9, 31.158, 30.868, 31.117, 29.81, 35.115, 38.857, 32.719, 30.696, 32.894, 31.338, 31.067, 31.779,
  35.325, 39.213, 35.271, 38.021, 34.215, 35.583, 35.186, 37.44, 38.467, 39.5,
];

export const AFTER_MS: readonly number[] = [
  57.299, 55.181, 52.206, 49.097, 48.155, 47.364, 47.191, 48.325, 51.193, 51.018, 46.981, 47.206, 49.424, 47.146,
  47.553, 48.797, 47.528, 45.884, 45.38, 49.55, 46.258, 43.573, 46.069, 55.2, 44.449, 44.635, 47.149, 44.313, 47.802,
  50.225, 54.564, 53.473, 54.331, 54.974, 52.393, 58.489, 57.1, 53.592, 56.664, 56.733,
];

/** Natural logarithms of the first `count` values. */
export const logs = (values: readonly number[], count = values.length): Float64Array =>
  Float64Array.from(values.slice(0, count), Math.log);
