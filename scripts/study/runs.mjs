// The runs of the study: what each compares, as a scenario and as the arguments of bench.
import { join } from 'node:path';
import { libseccompOf, OPT, wrapLxc } from './packages.mjs';

/** Results and reports are named after it. */
export const STUDY = 'study-2026';
const SHORT_BLOCKS = 3;
const SEED = ['--seed', '20261127'];
/** One call that filters allow for all arguments, two whose arguments they check, and one that they deny. */
const CALLS = 'getppid,personality,clone,kexec_load';

/**
 * One run of bench.
 * @typedef {object} StudyRun
 * @property {string} name of its results: `runc`
 * @property {object} [scenario] in a file, whose name `args` has as {scenario}
 * @property {readonly string[]} args
 * @property {boolean} calls whether it prices system calls; otherwise it starts containers
 */

/**
 * All runs, in their order.
 * @param {{ short: boolean }} settings
 * @param {string} opt where the packages are unpacked
 * @param {Record<string, Record<string, string>>} versions by suite and package
 * @returns {readonly StudyRun[]}
 */
export function studyRuns({ short }, opt, versions) {
  const runs = [runcStarts(versions), crunStarts(), libseccompStarts(opt, versions)];
  const lxc = ['bookworm', 'trixie', 'sid'].map((suite) => lxcStarts(suite, opt, versions));
  const [oldRunc, , newRunc] = runcArms(versions);
  const [oldLibrary, , newLibrary, tree] = libraryArms(opt, versions);
  return [
    ...[...runs, ...lxc].map(({ name, title, blocks, arms, engine }) => ({
      name,
      scenario: {
        name: `${STUDY}-${name}`,
        title,
        kind: 'sequential',
        count: short ? SHORT_BLOCKS : blocks,
        warmup: short ? 1 : 4,
        arms,
      },
      args: ['run', '{scenario}', ...engine, ...SEED],
      calls: false,
    })),
    calls('runc-calls', 'runc', short, [oldRunc, newRunc]),
    calls('libseccomp-calls', 'namespaces', short, [oldLibrary, newLibrary, tree]),
  ];
}

const runcArms = (versions) =>
  ['bookworm', 'trixie', 'sid', 'experimental'].map((suite) => ({
    name: `runc-${versions[suite]?.['runc']}`,
    policy: 'host',
    runtime: join(OPT, suite, 'usr/sbin/runc'),
  }));

function libraryArms(opt, versions) {
  const plain = ['bookworm', 'trixie', 'sid'].map((suite) => ({
    name: `seccomp-${versions[suite]?.['libseccomp2']}`,
    policy: 'host',
    libseccomp: libseccompOf(opt, suite),
  }));
  const newest = { name: 'none', ...plain.at(-1) };
  return [...plain, { ...newest, name: `${newest.name}-tree`, form: 'tree' }];
}

const runcStarts = (versions) => ({
  name: 'runc',
  title: 'runc 1.1 to 1.4 with one libseccomp, and without seccomp',
  blocks: 150,
  arms: [
    ...runcArms(versions),
    { name: 'no-seccomp', policy: 'unconfined', runtime: join(OPT, 'sid', 'usr/sbin/runc') },
  ],
  engine: ['--engine', 'runc'],
});

const architectures = [
  { name: 'before', policy: 'all' },
  { name: 'after', policy: 'host' },
  { name: 'no-seccomp', policy: 'unconfined' },
];

const crunStarts = () => ({
  name: 'crun',
  title: 'crun with and without its cache of compiled filters',
  blocks: 100,
  arms: architectures,
  engine: ['--engine', 'crun', '--runtime', join(OPT, 'sid/usr/bin/crun'), '--cache', 'both'],
});

const libseccompStarts = (opt, versions) => ({
  name: 'libseccomp',
  title: 'libseccomp 2.5 and 2.6, plain and tree',
  blocks: 150,
  arms: libraryArms(opt, versions),
  engine: ['--engine', 'namespaces'],
});

const lxcStarts = (suite, opt, versions) => ({
  name: `lxc-${versions[suite]?.['lxc']?.split('.')[0]}`,
  title: `LXC ${versions[suite]?.['lxc']}`,
  blocks: 60,
  arms: architectures,
  engine: ['--engine', 'lxc', '--runtime', join(wrapLxc(opt, suite), 'lxc-start')],
});

const calls = (name, engine, short, arms) => ({
  name,
  args: [
    ...['percall', '--engine', engine, '--calls', CALLS, '--blocks', String(short ? SHORT_BLOCKS : 30)],
    ...arms.flatMap((arm) => ['--arm', asKeys(arm)]),
    ...SEED,
  ],
  calls: true,
});

/** An arm as `--arm` takes it. */
const asKeys = ({ name, ...keys }) =>
  `${name}=${Object.entries(keys)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')}`;
