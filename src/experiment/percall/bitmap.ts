/**
 * Whether a kernel (`uname -r`) keeps a bitmap of the calls that are always allowed, for which it runs no filter: Linux
 * 5.11 and newer do.
 */
export function isBitmapKernel(kernel: string): boolean {
  const [, major = 0, minor = 0] = (/^(\d+)\.(\d+)/.exec(kernel) ?? []).map(Number);
  return major > 5 || (major === 5 && minor >= 11);
}
