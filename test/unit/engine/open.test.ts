import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TestContext } from 'vitest';
import { openEngine } from '../../../src/engine/open.js';
import type { OpenedEngine } from '../../../src/engine/open.js';
import { BenchError, exitCodeFor } from '../../../src/errors.js';
import { hasHybridCgroups } from '../../../src/process/mount-namespace.js';
import type { BatchRequest, Engine, EngineChoice } from '../../../src/model/container/container.js';
import { clock, openDescriptors } from '../process/commands.js';
import { FakeHost } from './parts.js';

const isRoot = (): boolean => process.geteuid?.() === 0;
const NO_CGROUP =
  'case $1 in --version) echo "runc version 1";; features) echo "{}";; *) echo "first line" >&2; echo "fake: no cgroup" >&2; exit 1;; esac';
const NO_SECCOMP = 'echo "crun version 1"; echo "-SECCOMP"';

let host: FakeHost;
beforeEach(() => {
  host = new FakeHost();
});
afterEach(() => {
  host[Symbol.dispose]();
});

const open = (
  ctx: TestContext,
  choice: EngineChoice,
  more: { runtime?: string; signal?: AbortSignal } = {},
): Promise<OpenedEngine> =>
  openEngine({ choice, parts: host.parts(ctx), clock, signal: new AbortController().signal, ...more });

async function refusal(opening: Promise<unknown>): Promise<BenchError> {
  const error: unknown = await opening.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof BenchError) return error;
  throw new Error(`expected a BenchError, got ${String(error)}`);
}

describe('opening an engine', () => {
  it('takes the first that can start a container, with one line for each that cannot', async (ctx) => {
    host.program('runc', NO_CGROUP);
    const crun = host.program('crun', NO_SECCOMP);
    host.program('unshare', 'echo ok');
    const { engine, refusals } = await open(ctx, 'auto');
    await using opened = engine;
    expect([opened.facts.name, refusals]).toEqual([
      'namespaces',
      [
        'runc: runc could not start a container, even without seccomp: exit code 1: fake: no cgroup',
        `crun: ${crun} was built without seccomp`,
      ],
    ]);
  });

  it('ends with exit code 2, every refusal and the one command that helps where none can', async (ctx) => {
    for (const name of ['runc', 'crun', 'unshare']) host.program(name, name === 'crun' ? NO_SECCOMP : NO_CGROUP);
    const error = await refusal(open(ctx, 'auto'));
    expect([error.code, exitCodeFor(error.code), error.hint]).toEqual([
      'environment',
      2,
      isRoot() ? 'apt-get install --no-install-recommends runc' : 'Run it as root: sudo npm run bench -- ...',
    ]);
    expect(error.message.split('\n').map((line) => line.trim().split(' ')[0])).toEqual([
      'no',
      'runc:',
      'crun:',
      'namespaces:',
    ]);
  });

  it("leaves the run's folder and all that is not the engine's in it after a refusal", async (ctx) => {
    host.program('runc', NO_CGROUP);
    writeFileSync(join(host.workspace, 'owner.json'), '{}');
    await refusal(open(ctx, 'runc'));
    expect(readdirSync(host.workspace)).toEqual(['owner.json']);
  });

  it('leaves no descriptor open after a refusal', async (ctx) => {
    host.program('runc', NO_CGROUP);
    await refusal(open(ctx, 'runc'));
    const before = openDescriptors();
    for (let i = 0; i < 3; i += 1) await refusal(open(ctx, 'runc'));
    expect(openDescriptors()).toBe(before);
  });

  it('tries no other where one was named', async (ctx) => {
    host.program('unshare', 'echo "unshare failed: Operation not permitted" >&2; exit 1');
    expect((await refusal(open(ctx, 'namespaces'))).message).toContain(
      'namespaces could not start a container, even without seccomp: exit code 1: unshare failed: Operation not permitted',
    );
    expect((await refusal(open(ctx, 'oci', { runtime: '/nonexistent/youki' }))).message).toBe(
      'could not run /nonexistent/youki: no such file, or not executable',
    );
    expect((await refusal(open(ctx, 'oci'))).code).toBe('usage');
  });

  it.for([
    ['lxc', 'nope', 'nope not found in PATH'],
    ['runc', '/nope', 'could not run /nope: no such file, or not executable'],
    ['oci', '/nope', 'could not run /nope: no such file, or not executable'],
  ] as const)('%s asks to check a named runtime that is not found: %s', async ([choice, runtime, message], ctx) => {
    expect(await refusal(open(ctx, choice, { runtime }))).toMatchObject({ message, hint: 'Check --runtime.' });
  });

  it('is refused where the runtime exits with 0 and has run nothing', async (ctx) => {
    host.program('runc', 'case $1 in --version) echo "runc version 1";; features) echo "{}";; esac');
    expect((await refusal(open(ctx, 'runc'))).message).toBe(
      "runc could not start a container, even without seccomp: exit code 0, but the payload's output is missing",
    );
  });

  it('refuses a runtime that the engine would not run, or that is another one than its name says', async (ctx) => {
    const crun = host.program('crun', 'echo "crun version 1"; echo "+SECCOMP"');
    expect((await refusal(open(ctx, 'namespaces', { runtime: crun }))).message).toBe(
      `--runtime ${crun} cannot be combined with --engine namespaces`,
    );
    const error = await refusal(open(ctx, 'runc', { runtime: crun }));
    expect([error.code, error.message, error.hint]).toEqual([
      'usage',
      `${crun} is not runc: it reports crun version 1`,
      `--engine oci --runtime ${crun} accepts any OCI runtime.`,
    ]);
  });

  it('takes a runtime that is given without an engine as an OCI runtime', async (ctx) => {
    const runtime = host.program('mine', CACHING.replace('NAME', 'mine'));
    const { engine } = await open(ctx, 'auto', { runtime });
    await using opened = engine;
    expect(opened.facts.name).toBe('oci');
  });

  it('ends as interrupted, not as refused, when it is asked to stop', async (ctx) => {
    host.program('unshare', 'echo ok');
    host.program('runc', NO_CGROUP);
    const error = await refusal(open(ctx, 'auto', { signal: AbortSignal.abort() }));
    expect(exitCodeFor(error.code)).toBe(130);
  });
});

/** Runs containers as a runtime would that keeps something under its state folder, and says when it found it there. */
const CACHING = `
case $1 in --version) echo "NAME version 1"; exit;; features) echo '{}'; exit;; esac
root=$2
case $3 in
  run) if [ -e "$root/cache" ]; then echo cached; else mkdir -p "$root"; touch "$root/cache"; echo ok; fi ;;
  list) echo '[]' ;;
esac`;

describe('the state folder of an OCI runtime', () => {
  const request = (engine: Engine, ids: readonly string[]): BatchRequest & { readonly engine: Engine } => ({
    engine,
    arm: 'check',
    mode: 'exit',
    ids,
    concurrency: 1,
    timeoutMs: 20_000,
    signal: new AbortController().signal,
  });
  const outputs = async (engine: Engine, ids: readonly string[]): Promise<readonly string[]> =>
    (await engine.run(request(engine, ids))).containers.map((run) => run.stdout);

  it('is another one for every container of crun and emptied between blocks, so that no compiled filter is found there', async (ctx) => {
    if (hasHybridCgroups() && !isRoot()) ctx.skip('hiding the cgroup v2 mount from crun needs root');
    host.program('crun', CACHING.replace('NAME', 'crun'));
    const { engine } = await open(ctx, 'crun');
    await using crun = engine;
    expect(await outputs(crun, ['a', 'b'])).toEqual(['ok\n', 'ok\n']);
    await crun.betweenBlocks();
    expect(readdirSync(join(host.workspace, 'state'))).toEqual([]);
    // The same id again: what it left was removed.
    expect(await outputs(crun, ['a'])).toEqual(['ok\n']);
  });

  it('is one for all containers of any other runtime', async (ctx) => {
    host.program('runc', CACHING.replace('NAME', 'runc'));
    const { engine } = await open(ctx, 'runc');
    await using runc = engine;
    expect(await outputs(runc, ['a', 'b'])).toEqual(['cached\n', 'cached\n']);
  });

  it('goes with the engine, as do bundles and the root file system', async (ctx) => {
    host.program('runc', CACHING.replace('NAME', 'runc'));
    const { engine } = await open(ctx, 'runc');
    expect(['rootfs', 'bundles', 'state'].map((name) => existsSync(join(host.workspace, name)))).toEqual([
      true,
      true,
      true,
    ]);
    await engine[Symbol.asyncDispose]();
    expect(readdirSync(host.workspace)).toEqual([]);
  });
});
