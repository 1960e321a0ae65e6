// Random numbers that are the same on every machine: xoshiro128** (Blackman & Vigna 2018), seeded by splitmix32 from a
// text.

/**
 * A 32-bit hash of a text (FNV-1a): every cell of the calibration has a stream of its own, whichever worker runs it.
 */
function hashOf(text) {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

function splitmix(seed) {
  let state = seed;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
}

const rotated = (x, k) => (x << k) | (x >>> (32 - k));

/** Uniform, whole, normal and exponential numbers from one stream. */
export function randomFrom(text) {
  const next = splitmix(hashOf(text));
  let [a, b, c, d] = [next(), next(), next(), next()];
  let spare = null;
  const bits = () => {
    const result = Math.imul(rotated(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotated(d, 11);
    return result;
  };
  const uniform = () => (bits() + 0.5) / 2 ** 32;
  const normal = () => {
    if (spare !== null) {
      const kept = spare;
      spare = null;
      return kept;
    }
    // Marsaglia's polar method.
    for (;;) {
      const x = 2 * uniform() - 1;
      const y = 2 * uniform() - 1;
      const s = x * x + y * y;
      if (s >= 1 || s === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(s)) / s);
      spare = y * scale;
      return x * scale;
    }
  };
  return { uniform, below: (n) => Math.floor(uniform() * n), normal, exponential: () => -Math.log(uniform()) };
}
