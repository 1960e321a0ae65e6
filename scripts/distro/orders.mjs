// What bench does in a Debian: each order is one call of it there.

/**
 * One call of bench.
 * @typedef {object} Order
 * @property {string} title for a person, such as `runc, in sequence`
 * @property {'starts' | 'calls' | 'advice' | 'inspect' | 'doctor'} kind what it tells, and so what is checked
 * @property {string} engine as in a table: an engine's name, or `bench` for what needs none
 * @property {string} what was run, for a table
 * @property {readonly string[]} args of bench; the folders for results and reports are added
 * @property {boolean} asUser by an ordinary user
 * @property {string} [daemon] that must run; its socket comes from there
 * @property {readonly string[]} [controllers] of cgroup v2, without which the engine starts no container
 */

/** The baseline, the host's architectures, the native one alone and no filter; bench adds a control. */
const ARMS = ['before', 'after', 'native', 'unconfined'];
const SEED = ['--seed', '20211230'];

/** By name: what tells bench of the engine, and what the engine needs. */
const ENGINES = {
  runc: { args: ['--engine', 'runc'], stages: true, rootless: true },
  crun: { args: ['--engine', 'crun'], stages: true, rootless: true },
  oci: { args: ['--engine', 'oci', '--runtime', '/usr/bin/crun'], stages: true, rootless: false },
  namespaces: { args: ['--engine', 'namespaces'], stages: false, rootless: true },
  bwrap: { args: ['--engine', 'bwrap'], stages: false, rootless: true },
  lxc: { args: ['--engine', 'lxc'], stages: false, rootless: false },
  gvisor: { args: ['--engine', 'oci', '--runtime', '/usr/bin/runsc'], stages: false, rootless: false, wholeOnly: true },
  docker: { args: ['--engine', 'docker'], stages: false, rootless: false, daemon: 'docker' },
  podman: { args: ['--engine', 'podman'], stages: false, rootless: false, daemon: 'podman' },
  containerd: { args: ['--engine', 'containerd'], stages: false, rootless: false, daemon: 'containerd' },
  cri: { args: ['--engine', 'cri'], stages: false, rootless: false, daemon: 'containerd' },
};
export const ENGINE_NAMES = Object.keys(ENGINES);

/** What an engine of today asks of cgroup v2, and older ones do without. */
const CONTROLLERS = {
  // runsc/cgroup/cgroup_v2.go, mandatoryControllers
  gvisor: ['cpu', 'cpuset', 'io', 'memory', 'pids'],
  // containerd 2 sets a pod's weight even where its configuration has disable_cgroup.
  cri: ['cpu'],
};

const own = (engine, order) => ({ engine, asUser: false, daemon: ENGINES[engine]?.daemon, ...order });

function starts(engine, blocks, extra) {
  return own(engine, {
    title: 'in sequence',
    kind: 'starts',
    what: 'starts in sequence',
    args: [
      'sequential',
      '--count',
      String(blocks),
      '--warmup',
      '1',
      '--arms',
      ARMS.join(','),
      ...ENGINES[engine].args,
      ...SEED,
    ],
    ...extra,
  });
}

/** Runs that the whole form has besides. */
function more(engine) {
  const { args, stages } = ENGINES[engine];
  return [
    own(engine, {
      title: 'in parallel',
      kind: 'starts',
      what: 'in parallel',
      args: ['parallel', '--count', '4', '--blocks', '2', '--arms', 'after', ...args, ...SEED],
    }),
    ...(stages
      ? [starts(engine, 3, { title: 'in stages', what: 'stages', args: [...starts(engine, 3, {}).args, '--stages'] })]
      : []),
  ];
}

const inspection = (engine) =>
  own(engine, {
    title: 'its filter, inspected',
    kind: 'inspect',
    what: 'inspect',
    args: ['inspect', '--runtime', engine, '--policy', 'host', '--json'],
  });

const calls = (engine) =>
  own(engine, {
    title: 'system calls priced',
    kind: 'calls',
    what: 'percall',
    args: ['percall', '--blocks', '3', '--calls', 'getppid,personality', ...ENGINES[engine].args, ...SEED],
  });

/** Blocks enough to see that everything is measured that can be, and no more. */
const advice = (engine) =>
  own(engine, {
    title: 'its options, advised',
    kind: 'advice',
    what: 'advise',
    args: [
      ...['advise', '--json', '--blocks', '2', '--call-blocks', '1', '--calls', 'getppid,personality'],
      ...ENGINES[engine].args,
      ...SEED,
    ],
  });

const doctor = (asUser) => ({
  title: 'doctor',
  kind: 'doctor',
  engine: 'bench',
  what: 'doctor',
  args: ['doctor', '--json'],
  asUser,
});

/**
 * All calls, in their order: those that share a daemon follow each other.
 * @param {{ short: boolean, only: readonly string[] | null }} settings
 * @param {Readonly<Record<string, string | undefined>>} packages versions of what is installed there
 * @returns {readonly Order[]}
 */
export function ordersOf({ short, only }, packages) {
  const wanted = ENGINE_NAMES.filter(
    (name) => (only === null || only.includes(name)) && !(short && ENGINES[name].wholeOnly === true),
  );
  const blocks = (name) => (short ? 3 : ENGINES[name].daemon === undefined && name !== 'gvisor' ? 20 : 5);
  const rootless = wanted.filter((name) => ENGINES[name].rootless);
  const old = /^1\./.test(packages['containerd'] ?? '') ? ['cri'] : [];
  const orders = [
    ...(only === null ? [doctor(false), doctor(true)] : []),
    ...wanted.flatMap((name) => [
      starts(name, blocks(name), {}),
      ...(short || name === 'gvisor' ? [] : more(name)),
      ...(['runc', 'crun'].includes(name) ? [inspection(name)] : []),
      ...(!short && ['runc', 'crun', 'namespaces'].includes(name) ? [calls(name)] : []),
      ...(!short && ['runc', 'crun'].includes(name) ? [advice(name)] : []),
    ]),
    ...rootless.map((name) => starts(name, short ? 3 : 5, { title: 'in sequence, as an ordinary user', asUser: true })),
  ];
  return orders.map((order) =>
    order.engine in CONTROLLERS && !old.includes(order.engine)
      ? { ...order, controllers: CONTROLLERS[order.engine] }
      : order,
  );
}
