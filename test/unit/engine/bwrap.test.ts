import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TestContext } from 'vitest';
import { openEngine } from '../../../src/engine/open.js';
import type { BenchError } from '../../../src/errors.js';
import { PLAIN_BUILDER } from '../../../src/engine/filter-builder.js';
import type { ArmSpec, Engine } from '../../../src/model/container/container.js';
import type { ContainerProgram } from '../../../src/model/container/program.js';
import { clock } from '../process/commands.js';
import { SPEC } from './filter-spec.js';
import { FakeHost } from './parts.js';

let host: FakeHost;
beforeEach(() => {
  host = new FakeHost();
});
afterEach(() => {
  host[Symbol.dispose]();
});

/** Answers as bubblewrap does, without a sandbox, and keeps what it was started with. */
const FAKE = 'echo "$@" > "$0.args"; case $1 in --version) echo "bubblewrap 9.8.7";; *) echo ok;; esac';

const open = async (ctx: TestContext, script = FAKE, runtime?: string): Promise<Engine> => {
  host.program('bwrap', script);
  const { engine } = await openEngine({
    choice: 'bwrap',
    parts: host.parts(ctx),
    clock,
    signal: new AbortController().signal,
    ...(runtime === undefined ? {} : { runtime }),
  });
  return engine;
};

const arm = (name: string, more: Partial<ArmSpec> = {}): ArmSpec =>
  ({ name, spec: SPEC, text: JSON.stringify(SPEC), ...more }) as ArmSpec;

/** Without what hides and protects places below /proc, which depends on the kernel, and without capabilities. */
const plain = (args: string): string =>
  args.replaceAll(
    / --(?:(?:ro|dev)-bind \S+ \/proc\/\S+|tmpfs \/proc\/\S+|remount-ro \S+|cap-drop ALL|cap-add CAP_\w+)/g,
    '',
  );

/** The arguments between the sandbox's own and the program: those that load filters. */
async function filterArgs(engine: Engine, spec: ArmSpec): Promise<readonly string[]> {
  await engine.prepare(spec);
  const { args = [] } = engine.command(spec.name, 'exit', 'x') ?? {};
  return args.slice(args.indexOf('/dev') + 1, args.lastIndexOf('--'));
}

describe('the engine bwrap', () => {
  it('tells the version of bubblewrap, and that this machine builds its filters', async (ctx) => {
    await using engine = await open(ctx);
    expect(engine.facts).toMatchObject({
      name: 'bwrap',
      version: 'bubblewrap 9.8.7',
      path: join(host.folder, 'bin/bwrap'),
    });
    await engine.prepare(arm('own', { libseccomp: '/opt/lib/libseccomp.so.2.5.4' }));
    expect([engine.builderOf?.('check'), engine.builderOf?.('own')]).toEqual([
      PLAIN_BUILDER,
      { ...PLAIN_BUILDER, library: '/opt/lib/libseccomp.so.2.5.4', version: '2.5.4' },
    ]);
  });

  it('starts every sandbox with all namespaces, without a process of its own, and without a filter where there is none', async (ctx) => {
    await using engine = await open(ctx);
    expect(plain(readFileSync(join(host.folder, 'bin/bwrap.args'), 'utf8')).replaceAll(host.workspace, 'W')).toBe(
      '--unshare-all --die-with-parent --as-pid-1 --ro-bind W/rootfs / --proc /proc --dev /dev -- /payload\n',
    );
    expect(await filterArgs(engine, { name: 'none', spec: null, text: 'null' })).toEqual([]);
  });

  it('gives a sandbox the 14 capabilities of Docker at most, and a /proc/sys that is read-only', async (ctx) => {
    await using engine = await open(ctx);
    const args = engine.command('check', 'exit', 'x')?.args ?? [];
    const kept = args.filter((_, index) => args[index - 1] === '--cap-add');
    expect([args.includes('--cap-drop'), kept.length]).toEqual([true, process.geteuid?.() === 0 ? 14 : 0]);
    expect(args.join(' ')).toContain('--proc /proc --ro-bind /proc/');
    expect(args.join(' ')).toContain('--ro-bind /proc/sys /proc/sys');
  });

  it('hands over each filter by a descriptor, once or as often as the arm asks', async (ctx) => {
    await using engine = await open(ctx);
    expect(await filterArgs(engine, arm('plain'))).toEqual(['--seccomp', '{filter}']);
    expect(await filterArgs(engine, arm('tree', { making: { form: 'tree' } }))).toEqual(['--seccomp', '{filter}']);
    expect(await filterArgs(engine, arm('twice', { making: { stacked: 2 } }))).toEqual([
      '--add-seccomp-fd',
      '{filter}',
      '--add-seccomp-fd',
      '{filter}',
    ]);
    const rules = (name: string): string => readFileSync(join(host.workspace, 'arms', name, 'rules'), 'utf8');
    expect([rules('plain').includes('optimize'), rules('tree').includes('optimize 2')]).toEqual([false, true]);
    await engine.prepare(arm('before', { making: { prebuilt: true }, prebuilt: Buffer.alloc(8) }));
    expect(rules('before')).toBe(`built ${join(host.workspace, 'arms/before/filter')}\nflags 0\n`);
  });

  it("binds a program's folders over a root of its own, which has to be made first", async (ctx) => {
    await using engine = await open(ctx);
    const data = join(host.folder, 'data');
    writeFileSync(data, '');
    const program: ContainerProgram = {
      kind: 'program',
      args: ['/bin/true'],
      env: ['A=b'],
      cwd: '/tmp',
      binds: [{ source: data, target: '/data' }],
    };
    expect(() => engine.command('check', program, 'x')).toThrow('the root of /bin/true was not created');
    await engine.run({
      arm: 'check',
      mode: program,
      ids: ['x'],
      concurrency: 1,
      timeoutMs: 20_000,
      signal: new AbortController().signal,
    });
    const { args = [], env } = engine.command('check', program, 'x') ?? {};
    expect(plain(args.slice(args.indexOf('--ro-bind') + 2).join(' '))).toBe(
      `/ --proc /proc --dev /dev --tmpfs /tmp --ro-bind ${data} /data --chdir /tmp -- /bin/true`,
    );
    expect(env).toEqual(['A=b', expect.stringMatching(/^SECCOMP_BENCH_RUN=/)]);
  });

  it('loads no flags, as prctl takes none', async (ctx) => {
    await using engine = await open(ctx);
    expect([...(engine.limits.loadableFlags ?? ['not said'])]).toEqual([]);
  });

  it('says what refuses a sandbox, and what to do', async (ctx) => {
    const refusal = async (script: string, runtime?: string): Promise<readonly unknown[]> => {
      const error = (await open(ctx, script, runtime).then(undefined, (reason: unknown) => reason)) as BenchError;
      return [error.code, error.message, error.hint];
    };
    const words = 'bwrap: No permissions to create new namespace';
    expect(await refusal(`echo "${words}" >&2; exit 1`)).toEqual([
      'environment',
      `bwrap could not start a container, even without seccomp: exit code 1: ${words}`,
      'The kernel refuses user namespaces to this user: bench doctor names the setting.',
    ]);
    expect(await refusal(FAKE, 'runc')).toEqual([
      'usage',
      '--runtime runc cannot be combined with --engine bwrap',
      '--engine oci --runtime runc',
    ]);
  });
});
