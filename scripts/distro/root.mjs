// The Debian of another suite, made by debootstrap from this machine's own mirror.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../shared/failure.mjs';
import { call } from '../shared/tools.mjs';

/** What makes containers there, and what bench needs itself. */
const PACKAGES = [
  ...['runc', 'crun', 'podman', 'docker.io', 'containerd', 'lxc', 'bubblewrap'],
  ...['nodejs', 'libseccomp2', 'strace', 'busybox-static', 'util-linux', 'iproute2', 'procps'],
];
/** Only in the whole form. */
const MORE_PACKAGES = ['runsc'];

const MAKER = join(import.meta.dirname, 'make-root.sh');

/** Makes the folder a Debian of that suite with all packages, unless it is one. */
export function makeRoot(suite, folder, { short }, say) {
  const found = suiteOf(folder);
  if (existsSync(join(folder, 'debootstrap')))
    throw new Failure(2, `${folder} holds a Debian that was not finished`, `Remove it first: rm -r ${folder}`);
  if (found !== null && found !== suite)
    throw new Failure(2, `${folder} holds another system: ${found}`, 'Name another folder with --root.');
  if (found === null && existsSync(folder) && readdirSync(folder).length > 0)
    throw new Failure(2, `${folder} is not empty, and holds no Debian`, 'Name another folder with --root.');
  if (found === null) mkdirSync(folder, { recursive: true });
  const mirror = found === null ? debianMirror() : 'none';
  const packages = short ? PACKAGES : [...PACKAGES, ...MORE_PACKAGES];
  const namespaces = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', '--'];
  call('unshare', [...namespaces, MAKER, suite, folder, mirror, ...packages], {
    env: { ...aptProxies(), ...process.env },
    hint: 'Can this machine reach its Debian mirror? apt-get update tells.',
  });
  say(found === null ? 'made' : 'was there');
}

/** `trixie`, `sid`, or the name that the system in the folder has; null: there is none. */
function suiteOf(folder) {
  const release = join(folder, 'etc/os-release');
  if (!existsSync(release)) return null;
  const text = readFileSync(release, 'utf8');
  const name = /^PRETTY_NAME="(.*)"$/m.exec(text)?.[1] ?? 'unnamed';
  if (name.endsWith('/sid')) return 'sid';
  return /^VERSION_CODENAME=(\S+)$/m.exec(text)?.[1] ?? name;
}

/** The address of the Debian archive that apt uses here. */
export function debianMirror() {
  const read = () =>
    call('apt-get', [
      'indextargets',
      '--format',
      '$(SITE) $(CODENAME)',
      'Created-By: Packages',
      'Label: Debian',
      'Origin: Debian',
    ])
      .split('\n')
      .map((line) => /^(\S+) [a-z]+$/.exec(line)?.[1])
      .find((site) => site !== undefined);
  // A machine that was never updated knows no labels.
  const known = read();
  if (known !== undefined) return known;
  call('apt-get', ['-qq', 'update']);
  const site = read();
  if (site !== undefined) return site;
  throw new Failure(2, "no Debian archive in apt's sources", 'This needs a machine with Debian (main) in its sources.');
}

/** debootstrap fetches by itself, so it is told the proxies that apt is told. */
function aptProxies() {
  const { stdout } = spawnSync('apt-config', ['dump', '--format', '%F %v%n', 'Acquire'], { encoding: 'utf8' });
  return Object.fromEntries(
    [...(stdout ?? '').matchAll(/^Acquire::(https?)::Proxy (\S+)$/gim)].map(([, scheme = '', address]) => [
      `${scheme.toLowerCase()}_proxy`,
      address,
    ]),
  );
}

/** Versions of the installed packages, by name. */
export function packagesOf(folder) {
  return Object.fromEntries(
    call('dpkg-query', ['--root', folder, '--show', '--showformat', '${binary:Package} ${Version}\n'])
      .trim()
      .split('\n')
      .map((line) => line.split(' '))
      .map(([name = '', version = '']) => [name.replace(/:.*/, ''), version]),
  );
}
