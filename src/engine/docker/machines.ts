/** `uname -m` for what Docker calls an architecture. */
const MACHINES: Readonly<Record<string, string>> = {
  amd64: 'x86_64',
  x86_64: 'x86_64',
  arm64: 'aarch64',
  aarch64: 'aarch64',
};

/** `amd64` -> `x86_64`; a name that is not known stays as it is. */
export const machineNamed = (architecture: string): string => MACHINES[architecture] ?? architecture;
