// What the figures about containers share: an open engine with the default profile's host arm, and one process's time.
import { release } from 'node:os';
import { convertProfile, serialiseSpec, goArchFromName } from '#built/convert/index.js';
import { parseCapabilities } from '#built/model/profile/capabilities.js';
import { openSession } from '#built/experiment/session/open.js';
import { toLoadable } from '#built/filter/index.js';
import { Launcher } from '#built/process/launcher.js';
import { defaultProfile, loadProfile } from '#built/profile/index.js';

const signal = new AbortController().signal;

/**
 * Works with runc and one arm, `after` (the default profile, host architectures only), and with a launcher for any
 * other command.
 */
export async function withHostFilter(work) {
  const session = await openSession({ choice: 'runc' }, { env: process.env, cwd: process.cwd(), signal });
  const launcher = new Launcher(session.clock, '/none');
  try {
    return await work(await parts(session, launcher));
  } finally {
    launcher[Symbol.dispose]();
    await session[Symbol.asyncDispose]();
  }
}

async function parts(session, launcher) {
  const { text, name } = defaultProfile();
  const profile = loadProfile(Buffer.from(text), name, { lenient: false });
  /** @type {import('#built/convert/index.js').ConvertRequest} */
  const request = {
    arch: goArchFromName(session.machine),
    policy: 'host',
    dialect: 'moby',
    capabilities: parseCapabilities('docker'),
    kernel: release(),
  };
  const { spec } = toLoadable(convertProfile(profile, request).spec, {
    machine: session.machine,
    ...session.engine.limits,
  });
  await session.engine.prepare({ name: 'after', spec, text: serialiseSpec(spec) });
  /** One command, run as containers are; throws where it fails. */
  const run = async (file, args) => {
    const env = Object.entries(process.env).map(([key, value]) => `${key}=${value}`);
    const {
      containers: [only],
    } = await launcher.run({
      commands: [{ file, args, env }],
      concurrency: 1,
      timeoutMs: 600_000,
      signal,
      stop: async () => undefined,
    });
    if (only.exit.kind !== 'exited' || only.exit.code !== 0)
      throw new Error(`${file} ${args.join(' ')} failed: ${JSON.stringify(only.exit)} ${only.stderr}`);
    return only;
  };
  /** Its wall seconds. */
  const time = async (file, args) => (await run(file, args)).wall / 1e9;
  /** One batch of the arm through the engine. */
  const batch = (prefix, count, concurrency) =>
    session.engine.run({
      arm: 'after',
      mode: 'exit',
      ids: Array.from({ length: count }, (_, i) => `${session.runId}-${prefix}-${i}`),
      concurrency,
      timeoutMs: 60_000,
      signal,
    });
  return { session, run, time, batch };
}
