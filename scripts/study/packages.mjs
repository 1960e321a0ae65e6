// Runtimes and libraries of several Debian suites, unpacked side by side and not installed.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { debianMirror } from '../distro/root.mjs';
import { privateApt } from '../shared/apt.mjs';
import { call } from '../shared/tools.mjs';

/** By suite: what it gives to the study. All of it runs on the newest suite's C library. */
const PACKAGES = {
  bookworm: ['runc', 'libseccomp2', 'lxc', 'liblxc1', 'liblxc-common'],
  trixie: ['runc', 'libseccomp2', 'lxc', 'liblxc1t64', 'liblxc-common'],
  sid: ['runc', 'crun', 'libseccomp2', 'lxc', 'liblxc1t64'],
  experimental: ['runc'],
};
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Where the study sees what is unpacked. */
export const OPT = '/opt/other';

/**
 * Fetches and unpacks them.
 * @returns {Record<string, Record<string, string>>} the version of each package, by suite
 */
export function unpackPackages(work, opt) {
  const at = join(work, 'apt');
  for (const part of ['state/lists/partial', 'cache/archives/partial', 'sources'])
    mkdirSync(join(at, part), { recursive: true });
  writeFileSync(join(at, 'status'), '');
  const mirror = debianMirror();
  const lines = Object.keys(PACKAGES).map((suite) => `deb [signed-by=${KEYRING}] ${mirror} ${suite} main\n`);
  writeFileSync(join(at, 'sources/suites.list'), lines.join(''));
  const architecture = call('dpkg', ['--print-architecture']).trim();
  const apt = (args, cwd) => privateApt({ at, architecture, command: 'apt-get' }, ['-qq', ...args], { cwd });
  apt(['update'], at);
  return Object.fromEntries(
    Object.entries(PACKAGES).map(([suite, names]) => {
      const debs = join(work, 'debs', suite);
      mkdirSync(debs, { recursive: true });
      mkdirSync(join(opt, suite), { recursive: true });
      apt(['download', ...names.map((name) => `${name}/${suite}`)], debs);
      return [suite, Object.fromEntries(readdirSync(debs).map((deb) => unpack(join(debs, deb), join(opt, suite))))];
    }),
  );
}

/** The package's name and upstream version. */
function unpack(deb, to) {
  call('dpkg-deb', ['--extract', deb, to]);
  const [name = '', version = ''] = call('dpkg-deb', ['--show', '--showformat', '${Package} ${Version}', deb]).split(
    ' ',
  );
  return [name, version.replace(/^\d+:/, '').replace(/[-+].*$/, '')];
}

/**
 * LXC's programs of a suite, each started with its suite's library: they find it by its name alone.
 * @returns {string} the folder of the programs, as the study sees it
 */
export function wrapLxc(opt, suite) {
  const own = join(opt, suite);
  const library = readdirSync(own, { recursive: true, encoding: 'utf8' }).find((name) => name.endsWith('/liblxc.so.1'));
  const libraries = join(OPT, suite, library ?? '', '..');
  const wrappers = join(own, 'lxc');
  mkdirSync(wrappers, { recursive: true });
  for (const name of readdirSync(join(own, 'usr/bin')).filter((program) => program.startsWith('lxc-')))
    writeFileSync(
      join(wrappers, name),
      `#!/bin/sh\nLD_LIBRARY_PATH=${libraries} exec ${join(OPT, suite, 'usr/bin', name)} "$@"\n`,
      { mode: 0o755 },
    );
  return join(OPT, suite, 'lxc');
}

/** A suite's libseccomp, as the study sees it. */
export function libseccompOf(opt, suite) {
  const name = readdirSync(join(opt, suite), { recursive: true, encoding: 'utf8' }).find((path) =>
    path.endsWith('/libseccomp.so.2'),
  );
  return join(OPT, suite, name ?? '');
}
