import { BenchError } from '../errors.js';
import { findProgram } from '../launch/find.js';
import { Launcher } from '../launch/launcher.js';
import { hasHybridCgroups, hideUnifiedCgroup } from '../launch/mount-namespace.js';
import type { Engine, EngineChoice, EngineParts } from '../model/container.js';
import { judge, causeOf, lastWords } from '../model/outcome.js';
import type { Clock } from '../model/time.js';
import { NamespacesEngine } from './namespaces.js';
import { OciEngine } from './oci.js';
import { describeRuntime } from './runtime-features.js';

export interface OpenOptions {
  readonly choice: EngineChoice;
  /** Path or name of the runtime's program; for runc, crun and oci. */
  readonly runtime?: string;
  readonly parts: EngineParts;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface OpenedEngine {
  readonly engine: Engine;
  /** Why engines before it were not taken, one line each. */
  readonly refusals: readonly string[];
}

const CHECK_LIMIT_MS = 20_000;

/**
 * Opens the chosen engine, or with `auto` the first of runc, crun, namespaces that can start a container here: each is tried with one.
 * Throws `environment` with every refusal where none can.
 */
export async function openEngine(options: OpenOptions): Promise<OpenedEngine> {
  const order: readonly Exclude<EngineChoice, 'auto'>[] = options.choice === 'auto' ? ['runc', 'crun', 'namespaces'] : [options.choice];
  const refusals: string[] = [];
  for (const name of order) {
    try {
      return { engine: await openChecked(name, options), refusals };
    } catch (error) {
      if (!(error instanceof BenchError) || error.code === 'interrupted') throw error;
      if (options.choice !== 'auto') throw error;
      refusals.push(`${name}: ${error.message}`);
    }
  }
  throw new BenchError('environment', `Expected an engine that can start a container here, got none:\n${refusals.map((line) => `  ${line}`).join('\n')}`, {
    hint: isRoot() ? 'apt-get install --no-install-recommends runc' : 'Run it as root: sudo npm run bench -- ...',
  });
}

async function openChecked(name: Exclude<EngineChoice, 'auto'>, options: OpenOptions): Promise<Engine> {
  const engine = name === 'namespaces' ? openNamespaces(options) : await openOci(name, options);
  try {
    await checkStart(engine, options);
    return engine;
  } catch (error) {
    await engine[Symbol.asyncDispose]().then(undefined, (left: unknown) => { throw new AggregateError([error, left]); });
    throw error;
  }
}

const isRoot = (): boolean => process.geteuid?.() === 0;

async function openOci(name: 'runc' | 'crun' | 'oci', options: OpenOptions): Promise<Engine> {
  const wanted = options.runtime ?? name;
  if (name === 'oci' && options.runtime === undefined) {
    throw new BenchError('usage', 'Expected --runtime PATH with --engine oci, got none', { hint: 'bench sequential --engine oci --runtime /usr/bin/youki' });
  }
  const runtime = findProgram(wanted, options.parts.env['PATH'], process.cwd());
  if (runtime === undefined) {
    throw new BenchError('environment', `Expected the program ${wanted}, got none ${wanted.includes('/') ? 'there that may be run' : 'in PATH'}`, {
      hint: name === 'oci' ? 'Give --runtime the path of an OCI runtime.' : `apt-get install --no-install-recommends ${name}`,
    });
  }
  const described = await describeRuntime(runtime, options.parts.env);
  if (!described.seccomp) throw new BenchError('environment', `Expected ${runtime} to be built with seccomp, got one without`);
  const notes: string[] = [];
  if (described.isCrun && hasHybridCgroups()) {
    hideUnifiedCgroup();
    notes.push('cgroup v1 and v2 are both mounted, which crun refuses: it runs in a mount namespace without the v2 one');
  }
  if (described.isCrun) notes.push('every container has its own state folder, so that no compiled filter of another one is reused');
  if (described.libseccomp !== null) notes.push(`libseccomp ${described.libseccomp}, as the runtime says`);
  return new OciEngine({
    facts: { name, version: described.version, path: runtime, rootless: !isRoot(), notes },
    limits: described.limits, runtime, rootPerContainer: described.isCrun, parts: options.parts,
    launcher: new Launcher(options.clock, options.parts.payload.gate),
  });
}

function openNamespaces(options: OpenOptions): Engine {
  const unshare = findProgram('unshare', options.parts.env['PATH']);
  if (unshare === undefined) throw new BenchError('environment', 'Expected util-linux\'s unshare, got none in PATH', { hint: 'apt-get install util-linux' });
  return new NamespacesEngine({
    facts: { name: 'namespaces', version: 'built in', path: unshare, rootless: !isRoot(), notes: [] },
    unshare, parts: options.parts, launcher: new Launcher(options.clock, options.parts.payload.gate),
  });
}

/** One start without seccomp. What fails here would fail a thousand times. */
async function checkStart(engine: Engine, { parts, signal }: OpenOptions): Promise<void> {
  await engine.prepare({ name: 'check', spec: null, text: 'null' });
  const batch = await engine.run({ arm: 'check', mode: 'exit', ids: [`${parts.runId}-check`], concurrency: 1, timeoutMs: CHECK_LIMIT_MS, signal });
  await engine.betweenBlocks();
  const run = batch.containers[0];
  if (run !== undefined && judge(run, 'exit').state === 'ok') return;
  if (signal.aborted) throw new BenchError('interrupted', 'stopped by the user');
  const words = run === undefined ? 'nothing' : [causeOf(run.exit), lastWords(run.stderr, 1)].filter(Boolean).join(': ');
  throw new BenchError('environment', `Expected ${engine.facts.name} to start a container without seccomp, got ${words}`, { hint: hintFor(engine, words) });
}

function hintFor(engine: Engine, words: string): string {
  if (engine.facts.rootless) return 'This kernel or runtime refuses it to an ordinary user: run it as root (sudo).';
  return /cgroup/i.test(words) ? 'The runtime cannot use this host\'s cgroups: --engine namespaces needs none.' : 'Try --engine namespaces, which needs no runtime.';
}
