// The guest's disks, made of package files without mounting anything.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { Failure } from '../shared/failure.mjs';
import { layApp } from './npm.mjs';
import { call } from '../shared/tools.mjs';

/** In the order in which they are loaded: without them the kernel does not see its disks. */
const MODULES = ['virtio_ring', 'virtio', 'virtio_mmio', 'virtio_blk'];
const guestFile = (name) => join(import.meta.dirname, 'guest', name);

/** What a machine boots from; `out` is empty and takes what the guest writes. */
export function makeImages(work, packages, npm, orders) {
  const system = join(work, 'system');
  const images = {
    kernel: join(work, 'vmlinuz'),
    initrd: join(work, 'initrd'),
    root: join(work, 'root.ext4'),
    out: join(work, 'out.ext4'),
  };
  const modules = unpackKernel(packages.kernel, join(work, 'kernel'), images.kernel);
  layOut(system, packages.others, npm, orders);
  makeInitrd(join(work, 'initrd.d'), system, modules, images.initrd);
  makeDisk(images.root, system);
  mkdirSync(join(work, 'empty'));
  makeDisk(images.out, join(work, 'empty'), 128);
  for (const folder of ['system', 'kernel', 'initrd.d', 'empty']) rmSync(join(work, folder), { recursive: true });
  return images;
}

/** The kernel itself goes to `to`; gives the paths of the modules. */
function unpackKernel(file, folder, to) {
  mkdirSync(folder);
  const patterns = ['./boot/vmlinuz-*', ...MODULES.map((name) => `*/${name}.ko*`)];
  const { status, stderr } = spawnSync(
    'sh',
    ['-c', 'dpkg-deb --fsys-tarfile "$0" | tar -x --wildcards -C "$@"', file, folder, ...patterns],
    { encoding: 'utf8' },
  );
  if (status !== 0)
    throw new Failure(
      1,
      `no kernel in ${basename(file)}: ${stderr.trim()}`,
      'Remove the file from the cache; it is then fetched again.',
    );
  const boot = join(folder, 'boot');
  copyFileSync(join(boot, readdirSync(boot)[0]), to);
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return MODULES.map((name) =>
    join(folder, found.find((path) => basename(path) === `${name}.ko`) ?? missingModule(name, file)),
  );
}

/** @returns {never} */
function missingModule(name, file) {
  throw new Failure(
    1,
    `${name}.ko not found in ${basename(file)}`,
    'This kernel may have it built in or compressed: scripts/arm64/image.mjs lists the modules.',
  );
}

function layOut(system, packages, npm, orders) {
  mkdirSync(system);
  for (const file of packages) call('dpkg-deb', ['-x', file, system]);
  rmSync(join(system, 'usr/share'), { recursive: true });
  for (const folder of ['dev', 'proc', 'sys', 'tmp', 'run', 'root', 'out', 'job/app', 'etc', 'usr/bin', 'sbin'])
    mkdirSync(join(system, folder), { recursive: true });
  call('tar', ['-xzf', npm.node, '-C', join(system, 'usr'), '--strip-components=1', 'package/bin/node']);
  writeFileSync(join(system, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  writeFileSync(join(system, 'etc/group'), 'root:x:0:\n');
  writeFileSync(join(system, 'etc/os-release'), 'PRETTY_NAME="Debian packages, arm64, under emulation"\n');
  program(guestFile('init.sh'), join(system, 'sbin/init'));
  layApp(join(system, 'job/app'), npm);
  for (const name of readdirSync(guestFile('')))
    if (name.endsWith('.mjs')) cpSync(guestFile(name), join(system, 'job', name));
  writeFileSync(join(system, 'job/orders.json'), JSON.stringify(orders));
}

function makeInitrd(folder, system, modules, to) {
  for (const name of ['bin', 'dev', 'sys', 'root']) mkdirSync(join(folder, name), { recursive: true });
  copyFileSync(join(system, 'bin/busybox'), join(folder, 'bin/busybox'));
  symlinkSync('busybox', join(folder, 'bin/sh'));
  for (const path of modules) copyFileSync(path, join(folder, basename(path)));
  program(guestFile('initrd.sh'), join(folder, 'init'));
  writeFileSync(join(folder, 'modules'), MODULES.join('\n'));
  call('sh', ['-c', 'find . | busybox cpio -o -H newc | gzip -1 > "$0"', to], { cwd: folder });
}

function program(from, to) {
  copyFileSync(from, to);
  chmodSync(to, 0o755);
}

/** An ext4 disk with the folder's content: as large as that needs, or so many MiB. */
function makeDisk(image, folder, mebibytes) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    (entry) => !entry.isSymbolicLink(),
  );
  // Each file fills its last block of 4 KiB.
  const bytes = entries.reduce(
    (sum, entry) =>
      sum +
      (entry.isFile()
        ? Math.ceil(statSync(join(entry.parentPath ?? entry.path, entry.name)).size / 4096) * 4096
        : 4096),
    0,
  );
  const size = mebibytes ?? Math.ceil((bytes * 1.05) / 2 ** 20) + 64;
  writeFileSync(image, '');
  truncateSync(image, size * 2 ** 20);
  const hint = 'Is there space left in the work folder? --work names another one.';
  call(
    'mke2fs',
    [
      '-q',
      '-F',
      '-t',
      'ext4',
      '-b',
      '4096',
      '-O',
      '^has_journal',
      '-m',
      '0',
      '-N',
      String(entries.length + 4096),
      '-E',
      'root_owner=0:0',
      '-d',
      folder,
      image,
    ],
    { env: withSystemFolders(), hint },
  );
}

/** What the guest wrote, copied out of its disk, whatever state it was left in. */
export function takeOut(image, to) {
  mkdirSync(to, { recursive: true });
  const { status, error, stderr } = spawnSync('debugfs', ['-R', `rdump / ${to}`, image], {
    encoding: 'utf8',
    env: withSystemFolders(),
    maxBuffer: 1 << 26,
  });
  if (status !== 0)
    throw new Failure(
      1,
      `could not read what the guest wrote: ${error?.message ?? stderr.trim()}`,
      'The serial log says how far the guest came.',
    );
  rmSync(join(to, 'lost+found'), { recursive: true, force: true });
}

const withSystemFolders = () => ({ ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` });
