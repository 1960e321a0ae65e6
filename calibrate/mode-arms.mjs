// Pairs of profiles for two arms: equal ones whose specs differ in one byte, and ones whose filters differ by a known
// part of the work.
import { defaultProfile } from '#built/profile/index.js';

/** A name that does not exist; both are equally long, so that the filters are the same to the byte. */
const unknownName = (letter) => ({ names: [`${letter}_not_a_call`], action: 'SCMP_ACT_ALLOW' });

const withName = (profile, letter) => ({ ...profile, syscalls: [...profile.syscalls, unknownName(letter)] });

/** Without the last of its architectures that have a filter here. */
const withoutArm = (profile) => ({
  ...profile,
  archMap: profile.archMap.map((entry) =>
    entry.architecture === 'SCMP_ARCH_AARCH64' ? { ...entry, subArchitectures: [] } : entry,
  ),
});

const onlyX86 = (profile) => ({
  ...profile,
  archMap: profile.archMap.filter(({ architecture }) => architecture === 'SCMP_ARCH_X86_64'),
});

/**
 * The profiles of arm a and b: `equal`, `small` (b has one architecture less, about 10 % of a start), `large` (b has
 * three of them only, about half of a start).
 */
export function profilesFor(kind) {
  const plain = JSON.parse(defaultProfile().text);
  if (kind === 'equal') return [withName(plain, 'a'), withName(plain, 'b')];
  if (kind === 'small') return [plain, withoutArm(plain)];
  if (kind === 'large') return [plain, onlyX86(plain)];
  throw new Error(`expected equal, small or large, got ${kind}`);
}
