// How long it takes to say of every system call of every architecture what a long filter does with it, and `bench
// inspect` as a whole.
import { release } from 'node:os';
import { convertProfile } from '#built/convert/index.js';
import { parseCapabilities } from '#built/model/profile/capabilities.js';
import { buildFilter, Simulator, surveyCalls, toLoadable } from '#built/filter/index.js';
import { defaultProfile, loadProfile } from '#built/profile/index.js';
import { CLI, median, ms } from './pairs.mjs';
import { withHostFilter } from './sessions.mjs';

const ROUNDS = 15;
/** The eight little-endian architectures of Docker's default profile that runc 1.1 loads. */
const ARCHITECTURES = ['X86_64', 'X86', 'X32', 'AARCH64', 'ARM', 'MIPSEL64', 'MIPSEL', 'MIPSEL64N32'].map(
  (name) => `SCMP_ARCH_${name}`,
);

/** The rows of this figure. */
export async function simulatePerf() {
  const { text, name } = defaultProfile();
  const profile = loadProfile(Buffer.from(text), name, { lenient: false });
  const { spec } = convertProfile(profile, {
    arch: 'amd64',
    policy: 'all',
    dialect: 'moby',
    capabilities: parseCapabilities('docker'),
    kernel: release(),
  });
  const loadable = toLoadable(spec, { machine: 'x86_64' }).spec;
  if (loadable === null) throw new Error('Expected a filter for the default profile, got none');
  const { program, instructions } = buildFilter({ ...loadable, architectures: ARCHITECTURES }, 'x86_64');
  const times = [];
  let calls = 0;
  for (let round = 0; round <= ROUNDS; round += 1) {
    const started = process.hrtime.bigint();
    const before = process.cpuUsage();
    calls = surveyCalls(new Simulator(program)).length;
    const { user, system } = process.cpuUsage(before);
    // The first reads libseccomp's tables, which are read once.
    if (round > 0) times.push({ wall: Number(process.hrtime.bigint() - started) / 1e9, cpu: (user + system) / 1e6 });
  }
  const inspect = await withHostFilter(async ({ run }) => {
    const list = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const { wall, usage } = await run(process.execPath, [CLI, 'inspect']);
      list.push({ wall: wall / 1e9, cpu: (usage.user + usage.system) / 1e9 });
    }
    return list;
  });
  return [
    row(
      `simulate all ${calls} calls of ${ARCHITECTURES.length} architectures, filter of ${instructions} instructions`,
      times,
      { seconds: 0.1, target: 'at most 100 ms' },
    ),
    row('`bench inspect` of the default profile, the whole command', inspect, { seconds: 1, target: 'under 1 s' }),
  ];
}

/** CPU time decides: it is what the work takes, whatever else the machine does. */
function row(figure, times, { seconds, target }) {
  const [cpu, wall] = [median(times.map((time) => time.cpu)), median(times.map((time) => time.wall))];
  return {
    figure,
    measured: `${ms(cpu)} CPU, ${ms(wall)} wall (medians of ${times.length})`,
    target,
    met: cpu <= seconds,
  };
}
