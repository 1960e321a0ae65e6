import { invalidValue } from '../errors.js';
import type { MinKernel } from '../model/profile/profile.js';

/** What Go's fmt.Sscanf skips before a number. */
const SPACE = '[ \\t\\v\\f\\r\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000]*';
const RELEASE = new RegExp(`^${SPACE}([0-9]+)\\.${SPACE}([0-9]+)`);
const MAX_UINT64 = 18446744073709551615n;

/**
 * Whether a kernel release like `6.1.0-18-amd64` is at least `minimum`; only the first two numbers count, as in moby.
 * Throws `usage` where the release does not start with two numbers.
 */
export function kernelMeets(release: string, minimum: MinKernel): boolean {
  const numbers = RELEASE.exec(release)?.slice(1).map(BigInt) ?? [];
  const [kernel, major] = numbers;
  if (kernel === undefined || major === undefined || kernel > MAX_UINT64 || major > MAX_UINT64) {
    throw invalidValue('kernel', 'a release like 6.1 or 6.1.0-18-amd64', JSON.stringify(release), {
      hint: 'The profile has rules with minKernel: give the release of the kernel that runs the containers (--kernel).',
    });
  }
  return kernel > minimum.kernel || (kernel === BigInt(minimum.kernel) && major >= minimum.major);
}
