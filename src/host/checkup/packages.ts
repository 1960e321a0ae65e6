import { asRoot } from './host.js';
import type { Host } from './host.js';

/** Distributions by their package manager; an unknown one counts as the first. */
const FAMILIES = [
  { name: 'debian', ids: ['debian', 'ubuntu'], install: 'apt-get install --no-install-recommends' },
  { name: 'fedora', ids: ['fedora', 'rhel', 'centos', 'openEuler', 'amzn'], install: 'dnf install' },
  { name: 'suse', ids: ['suse', 'opensuse'], install: 'zypper install' },
  { name: 'arch', ids: ['arch'], install: 'pacman -S' },
] as const;
type Family = (typeof FAMILIES)[number]['name'];

/**
 * A package's name, by family where it differs; `null`: that family has no package. `ubuntu` where it differs from
 * Debian.
 */
export type PackageName =
  string | ({ readonly other: string | null } & Readonly<Partial<Record<Family | 'ubuntu', string | null>>>);

/** The command that installs a package on this distribution; `null` where there is no package. */
export function installCommand(host: Pick<Host, 'files'>, name: PackageName): string | null {
  const release = host.files.read('/etc/os-release') ?? host.files.read('/usr/lib/os-release') ?? '';
  const ids = ['ID', 'ID_LIKE'].flatMap(
    (key) => new RegExp(`^${key}=["']?([^"'\n]*)`, 'm').exec(release)?.[1]?.split(' ') ?? [],
  );
  const family = FAMILIES.find((one) => ids.some((id) => (one.ids as readonly string[]).includes(id))) ?? FAMILIES[0];
  const own =
    typeof name === 'string' ? name : nameIn(name, ids.includes('ubuntu') ? ['ubuntu', family.name] : [family.name]);
  return own === null ? null : asRoot(host, `${family.install} ${own}`);
}

function nameIn(names: Exclude<PackageName, string>, keys: readonly (Family | 'ubuntu')[]): string | null {
  for (const key of keys) {
    const name = names[key];
    if (name !== undefined) return name;
  }
  return names.other;
}
