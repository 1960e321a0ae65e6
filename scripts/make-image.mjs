// Makes the container image that `bench fleet` runs on each node, without an image registry and without a network while
// it is built:
// a root file system of Debian's libraries, npm's node, this package and what it needs to measure, then `docker build
// --network none`.
//
//   node scripts/make-image.mjs [--arch x86_64|aarch64] [--host ADDRESS] [--tag NAME] [--rootfs FILE.tar]
//
// With --rootfs it only writes the tar. Needs Debian (apt-get, dpkg-deb), npm and, for the image, the docker client;
// dist/ must be built.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import { machine, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { RUN_FILES } from './shared/run-files.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** By `uname -m`: what Debian, npm and Docker call it. */
const ARCHITECTURES = {
  x86_64: { debian: 'amd64', node: 'x64', libraries: 'x86_64-linux-gnu' },
  aarch64: { debian: 'arm64', node: 'arm64', libraries: 'aarch64-linux-gnu' },
};
/**
 * What node, koffi and bench load: the C and C++ runtimes, and libseccomp for the predicted filter. For a pod, unshare,
 * with which the built-in engine starts containers, and containerd's ctr, with which the engine cri loads the payload.
 */
const DEBIAN_PACKAGES = ['libc6', 'libgcc-s1', 'libstdc++6', 'libseccomp2', 'util-linux', 'containerd'];
const NODE_VERSION = '20';
/** Only reports are drawn with these, and a node's job makes none. */
const ONLY_FOR_REPORTS = [
  '@napi-rs',
  '@fontsource',
  'canvas',
  'chart.js',
  'chartjs-chart-error-bars',
  'chartjs-node-canvas',
];
/** The rest of a Debian package is of no use here. */
const NOT_NEEDED = [
  'etc',
  'usr/share',
  'lib/systemd',
  'usr/lib/*/gconv',
  'usr/lib/*/audit',
  'lib/*/gconv',
  'lib/*/audit',
  'usr/bin/containerd*',
];

function run(file, args, options = {}) {
  const { status, error, stdout, stderr } = spawnSync(file, args, { encoding: 'utf8', maxBuffer: 1 << 26, ...options });
  if (status === 0) return stdout;
  const end = error?.message ?? `exit code ${status}`;
  process.stderr.write(`make-image: ${file} ${args.join(' ')}: ${end}\n${stderr ?? ''}${stdout ?? ''}\n`);
  process.exit(1);
}

/** apt with lists of its own for that architecture, so that the machine's configuration stays as it is. */
function downloadDebian(work, { debian }) {
  const own = debian === run('dpkg', ['--print-architecture']).trim();
  const state = join(work, 'apt');
  for (const folder of ['lists/partial', 'cache/archives/partial', 'debs'])
    mkdirSync(join(state, folder), { recursive: true });
  writeFileSync(join(state, 'status'), '');
  const options = [
    '-o',
    'APT::Sandbox::User=root',
    ...(own
      ? []
      : [
          '-o',
          `APT::Architecture=${debian}`,
          '-o',
          `APT::Architectures=${debian}`,
          '-o',
          `Dir::State::lists=${join(state, 'lists')}`,
          '-o',
          `Dir::State::status=${join(state, 'status')}`,
          '-o',
          `Dir::Cache=${join(state, 'cache')}`,
        ]),
  ];
  if (!own) run('apt-get', [...options, '-qq', 'update']);
  run('apt-get', [...options, '-qq', 'download', ...DEBIAN_PACKAGES.map((name) => `${name}:${debian}`)], {
    cwd: join(state, 'debs'),
  });
  return readdirSync(join(state, 'debs')).map((name) => join(state, 'debs', name));
}

function addDebian(rootfs, work, architecture) {
  // As on Debian: /lib is usr/lib, so that a loader at /lib64 and libraries at /lib are found in one place.
  mkdirSync(join(rootfs, 'usr/lib'), { recursive: true });
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    mkdirSync(join(rootfs, 'usr', name), { recursive: true });
    symlinkSync(`usr/${name}`, join(rootfs, name));
  }
  for (const deb of downloadDebian(work, architecture)) {
    const contents = spawnSync('dpkg-deb', ['--fsys-tarfile', deb], { maxBuffer: 1 << 28 });
    if (contents.status !== 0) {
      process.stderr.write(`make-image: ${deb}: ${contents.stderr}\n`);
      process.exit(1);
    }
    run(
      'tar',
      [
        '-x',
        '-C',
        rootfs,
        '--keep-directory-symlink',
        '--wildcards',
        ...NOT_NEEDED.map((pattern) => `--exclude=./${pattern}`),
      ],
      { input: contents.stdout },
    );
  }
}

function addNode(rootfs, work, { node }) {
  const printed = run('npm', ['pack', '--silent', `node-linux-${node}@${NODE_VERSION}`], { cwd: work })
    .trim()
    .split('\n');
  run('tar', [
    '-xzf',
    join(work, printed[printed.length - 1]),
    '-C',
    join(rootfs, 'bin'),
    '--strip-components=2',
    'package/bin/node',
  ]);
}

function addBench(rootfs, { node }) {
  const bench = join(rootfs, 'bench');
  mkdirSync(bench);
  for (const name of [...RUN_FILES, 'package-lock.json', 'vendor'])
    cpSync(join(ROOT, name), join(bench, name), { recursive: true });
  run(
    'npm',
    [
      'ci',
      '--silent',
      '--omit=dev',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--os=linux',
      `--cpu=${node}`,
      '--libc=glibc',
    ],
    { cwd: bench },
  );
  for (const name of ONLY_FOR_REPORTS) rmSync(join(bench, 'node_modules', name), { recursive: true, force: true });
  rmSync(join(bench, 'vendor'), { recursive: true });
  dropMusl(join(bench, 'node_modules/@koromix'));
}

/** koffi brings the build for another C library along. */
function dropMusl(folder) {
  for (const name of existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : []) {
    if (/(?:^|\/)musl_[^/]+$/.test(name)) rmSync(join(folder, name), { recursive: true });
  }
}

function addFiles(rootfs, { libraries }) {
  for (const folder of ['etc', 'proc', 'sys', 'dev', 'var/run', 'var/tmp', 'tmp', 'root'])
    mkdirSync(join(rootfs, folder), { recursive: true });
  writeFileSync(join(rootfs, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/false\n');
  writeFileSync(join(rootfs, 'etc/group'), 'root:x:0:\n');
  // bench records it as the host's: better no name than a wrong one.
  writeFileSync(join(rootfs, 'etc/os-release'), `PRETTY_NAME="not known (seen from the image of bench ${version})"\n`);
  writeFileSync(join(rootfs, 'etc/ld.so.conf'), `/usr/lib/${libraries}\n/lib/${libraries}\n`);
}

function build(tar, tag, host, work) {
  const context = join(work, 'context');
  mkdirSync(context);
  run('mv', [tar, join(context, 'rootfs.tar')]);
  writeFileSync(
    join(context, 'Dockerfile'),
    [
      'FROM scratch',
      'ADD rootfs.tar /',
      'ENV PATH=/bin TMPDIR=/tmp',
      'WORKDIR /root',
      `LABEL seccomp-bench.version=${version}`,
      'ENTRYPOINT ["/bin/node", "/bench/dist/cli.js"]',
      '',
    ].join('\n'),
  );
  const docker = ['docker', ...(host === undefined ? [] : ['--host', host])];
  // The classic builder is part of every daemon; an image from scratch runs nothing while it is built, so any
  // architecture will do.
  const platform = `linux/${wanted.debian}`;
  run(
    docker[0],
    [...docker.slice(1), 'build', '--quiet', '--network', 'none', '--platform', platform, '--tag', tag, context],
    { env: { ...process.env, DOCKER_BUILDKIT: '0' } },
  );
}

const { values } = parseArgs({
  options: { arch: { type: 'string' }, host: { type: 'string' }, tag: { type: 'string' }, rootfs: { type: 'string' } },
});
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const arch = values.arch ?? machine();
const wanted = ARCHITECTURES[arch];
if (wanted === undefined) {
  process.stderr.write(`make-image: --arch: expected ${Object.keys(ARCHITECTURES).join(' or ')}, got ${arch}\n`);
  process.exit(2);
}
if (!existsSync(join(ROOT, 'dist/cli.js'))) {
  process.stderr.write('make-image: expected dist/cli.js, got none: npm run build makes it\n');
  process.exit(2);
}
const work = mkdtempSync(join(tmpdir(), 'bench-image-'));
process.on('exit', () => {
  rmSync(work, { recursive: true, force: true });
});
const rootfs = join(work, 'rootfs');
mkdirSync(rootfs);
addDebian(rootfs, work, wanted);
addNode(rootfs, work, wanted);
addBench(rootfs, wanted);
addFiles(rootfs, wanted);
const tar = values.rootfs === undefined ? join(work, 'rootfs.tar') : resolve(values.rootfs);
run('tar', ['-c', '-f', tar, '-C', rootfs, '--owner=0', '--group=0', '--numeric-owner', '--sort=name', '.']);
const tag = values.tag ?? `seccomp-bench:${version}-${arch}`;
if (values.rootfs === undefined) build(tar, tag, values.host, work);
process.stdout.write(`${values.rootfs === undefined ? tag : tar}\n`);
