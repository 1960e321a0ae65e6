import { BenchError, interrupted } from '../errors.js';
import type { Engine, EngineChoice, EngineView } from '../model/container/container.js';
import { CHECK_MS } from './waiting/deadlines.js';
import { hintOfLimit } from '../model/container/failure.js';
import { judge, lastWords } from '../model/container/outcome.js';
import { openBwrap } from './bwrap/open.js';
import { openContainerd } from './containerd/open.js';
import { openCri } from './cri/open.js';
import { openLxc } from './lxc/open.js';
import { openDaemon } from './docker/open.js';
import { openIsulad } from './isulad/open.js';
import { openNamespaces } from './namespaces/open.js';
import { openOci } from './oci/open.js';
import { isRoot } from './environment.js';
import { hasOwnKernel } from './opening.js';
import type { OpenOptions } from './opening.js';

/** How each engine is opened; a new engine is one folder and one line here. */
const OPENERS: Readonly<Record<Exclude<EngineChoice, 'auto'>, (options: OpenOptions) => Engine | Promise<Engine>>> = {
  runc: (options) => openOci('runc', options),
  crun: (options) => openOci('crun', options),
  oci: (options) => openOci('oci', options),
  namespaces: openNamespaces,
  bwrap: openBwrap,
  containerd: openContainerd,
  cri: openCri,
  lxc: openLxc,
  docker: (options) => openDaemon('docker', options),
  podman: (options) => openDaemon('podman', options),
  isulad: openIsulad,
};

export interface OpenedEngine {
  readonly engine: Engine;
  /** Why the engines tried before it were refused, one line each. */
  readonly refusals: readonly string[];
}

/**
 * Opens the chosen engine, or with `auto` the first of runc, crun and namespaces that starts a container here. Throws
 * `environment` with every refusal where none does.
 */
export async function openEngine(options: OpenOptions): Promise<OpenedEngine> {
  const order = orderOf(options);
  const refusals: string[] = [];
  const checking = { failed: false };
  for (const name of order) {
    try {
      return { engine: await openChecked(name, { ...options, check: noted(options, checking) }), refusals };
    } catch (error) {
      if (!(error instanceof BenchError) || error.code === 'interrupted') throw error;
      // An arm that this engine cannot load is for the user to decide: another engine would answer another question.
      if (options.choice !== 'auto' || checking.failed) throw error;
      refusals.push(`${name}: ${error.message}`);
    }
  }
  throw new BenchError(
    'environment',
    `no engine can start a container here:\n${refusals.map((line) => `  ${line}`).join('\n')}`,
    {
      hint: isRoot() ? 'apt-get install --no-install-recommends runc' : 'Run it as root: sudo bench ...',
    },
  );
}

/** The check of the options; notes where it throws. */
const noted =
  ({ check }: OpenOptions, checking: { failed: boolean }) =>
  async (engine: EngineView): Promise<void> => {
    checking.failed = true;
    await check?.(engine);
    checking.failed = false;
  };

function orderOf({ choice, runtime }: OpenOptions): readonly Exclude<EngineChoice, 'auto'>[] {
  if (choice !== 'auto') return [choice];
  return runtime === undefined ? ['runc', 'crun', 'namespaces'] : ['oci'];
}

/** Opens it with limits for its containers; where it starts none with them, without. */
async function openChecked(name: Exclude<EngineChoice, 'auto'>, options: OpenOptions): Promise<Engine> {
  try {
    return await openOnce(name, options);
  } catch (error) {
    if (!(error instanceof StartRefused) || !error.isLimited) throw error;
    const { check, ...others } = options;
    const unlimited = `no container starts with it here (${error.words})`;
    // The engine was checked already. What fails without limits too has another cause, which was told first.
    return await openOnce(name, check === undefined ? { ...options, unlimited } : { ...others, unlimited }).catch(
      () => {
        throw error;
      },
    );
  }
}

/** The check start failed. */
class StartRefused extends BenchError {
  /** The runtime's. */
  readonly words: string;
  /** Whether the container had limits by cgroups, which may be why. */
  readonly isLimited: boolean;

  constructor(engine: Engine, words: string, hint: string | undefined) {
    super('environment', `${engine.facts.name} could not start a container, even without seccomp: ${words}`, {
      hint: hint ?? hintFor(engine, words),
    });
    const { pids, memory } = engine.facts.containment ?? {};
    this.words = words;
    this.isLimited =
      [pids, memory].some((limit) => limit?.kind === 'cgroup' && limit.of === 'container') &&
      (engine.facts.name === 'lxc' || /cgroup|memory|pids|limit/i.test(words));
  }
}

async function openOnce(name: Exclude<EngineChoice, 'auto'>, options: OpenOptions): Promise<Engine> {
  const engine = await OPENERS[name](options);
  try {
    // A daemon is looked at before an image is loaded into it.
    if (name !== 'docker' && name !== 'podman') await options.check?.(viewOf(engine, options));
    await checkStart(engine, options);
    return engine;
  } catch (error) {
    await engine[Symbol.asyncDispose]().then(undefined, (left: unknown) => {
      throw new AggregateError([error, left]);
    });
    throw error;
  }
}

/** gVisor, Kata and krun run a container's calls in a kernel of their own. */
function viewOf(engine: Engine, { runtime = '' }: OpenOptions): EngineView {
  const { facts, limits } = engine;
  const builder = engine.builderOf?.('check');
  return {
    facts,
    limits,
    ...(builder === undefined ? {} : { builder }),
    ...(hasOwnKernel(`${facts.name} ${runtime}`) ? { ownKernel: true } : {}),
  };
}

/** One start without seccomp: what fails here fails in every container. */
async function checkStart(engine: Engine, { parts, signal }: OpenOptions): Promise<void> {
  await engine.prepare({ name: 'check', spec: null, text: 'null' });
  const batch = await engine.run({
    arm: 'check',
    mode: 'exit',
    ids: [`${parts.runId}-check`],
    concurrency: 1,
    timeoutMs: CHECK_MS,
    signal,
  });
  await engine.betweenBlocks();
  const run = batch.containers[0];
  const outcome = run === undefined ? undefined : judge(run, 'exit');
  if (outcome?.state === 'ok') return;
  if (signal.aborted) throw interrupted('stopped by the user');
  const words =
    outcome === undefined ? 'nothing' : [outcome.cause, lastWords(run?.stderr ?? '', 1)].filter(Boolean).join(': ');
  throw new StartRefused(engine, words, run === undefined ? undefined : hintOfLimit(run));
}

function hintFor(engine: Engine, words: string): string {
  if (words.includes('RLIMIT_'))
    return (
      'Podman sets limits that this machine does not allow: ' +
      'put default_ulimits = [] under [containers] in containers.conf.'
    );
  if (/payload.*no such file|no such file.*payload/i.test(words))
    return 'An image given with --image must contain /payload and /probe32; without --image, bench loads its own.';
  if (engine.facts.name === 'bwrap' && /namespace|uid map/i.test(words))
    return 'The kernel refuses user namespaces to this user: bench doctor names the setting.';
  if (engine.facts.rootless) return 'The kernel or the runtime refuses this without root: use sudo.';
  if (engine.facts.name.startsWith('isulad'))
    return 'Is its runtime installed where isulad runs? --runtime runc or --runtime lcr names another.';
  if (engine.facts.name === 'namespaces')
    return 'The kernel, or the container bench runs in, refuses new namespaces or mounts: see bench doctor.';
  return /cgroup/i.test(words)
    ? "The runtime cannot use this host's cgroups: --engine namespaces needs none."
    : 'Try --engine namespaces, which needs no runtime.';
}
