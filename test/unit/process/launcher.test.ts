import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { allowedCpus } from '../../../src/process/affinity.js';
import { Launcher } from '../../../src/process/launcher.js';
import { isRunning } from '../../../src/process/processes.js';
import { BARRIER_FD } from '../../../src/process/spawn.js';
import { nativePrograms } from '../payload/machine.js';
import { clock, openDescriptors, requestOf, runAll, runOne, sh } from './commands.js';

const folder = mkdtempSync(join(tmpdir(), 'bench-launch-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const O_CLOEXEC = 0o2000000;

/** A signal mask of /proc/self/status as bits. */
const maskIn = (status: string, name: string): bigint =>
  BigInt(`0x${new RegExp(`^${name}:\\s*([0-9a-f]+)$`, 'm').exec(status)![1]!}`);

/**
 * Whether a descriptor that was given to this process from outside goes on to its children: Node's own are all
 * close-on-exec.
 */
function isHandedOn(fd: string): boolean {
  try {
    return (
      (parseInt(/^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '0', 8) &
        O_CLOEXEC) ===
      0
    );
  } catch {
    // The one by which the folder was listed.
    return false;
  }
}

describe('two children that start together, each kept on a core', () => {
  const own = allowedCpus();
  const [first, second] = [own[0], own.at(-1)];
  const coresOf = sh('grep Cpus_allowed_list /proc/self/status');

  it('run on their cores, with all that they start, from the same moment on', async (context) => {
    const { gate } = nativePrograms(context);
    const commands = [first, second].map((core) => ({ ...coresOf, ...(core === undefined ? {} : { core }) }));
    const runs = await runAll(commands, { concurrency: 2, gate });
    expect(runs.map(({ stdout }) => stdout)).toEqual([first, second].map((core) => `Cpus_allowed_list:\t${core}\n`));
    expect(runs[0]?.startedAt).toBe(runs[1]?.startedAt);
  });

  it('leave this process on all its cores', async (context) => {
    const { gate } = nativePrograms(context);
    const core = first ?? 0;
    await runAll(
      [
        { ...coresOf, core },
        { ...coresOf, core },
      ],
      { concurrency: 2, gate },
    );
    expect(allowedCpus()).toEqual(own);
  });

  it('fail to start where the core does not exist', async (context) => {
    const { gate } = nativePrograms(context);
    const runs = runAll([{ ...coresOf, core: 1000 }, coresOf], { concurrency: 2, gate });
    await expect(runs).rejects.toMatchObject({ code: 'environment', message: 'pinning to core 1000 failed: EINVAL' });
  });
});

describe('what a launched child is given', () => {
  it('hands on exit code, output and errors', async () => {
    const run = await runOne(sh('echo out; echo err >&2; exit 3'));
    expect([run.exit, run.stdout, run.stderr]).toEqual([{ kind: 'exited', code: 3 }, 'out\n', 'err\n']);
    expect(run.wall).toBeGreaterThan(0);
  });

  it('names the signal that ended it', async () => {
    expect((await runOne(sh('kill -TERM $$'))).exit).toEqual({ kind: 'signalled', signal: 15 });
  });

  it('says which errno kept a command from starting, and spends no time on it', async () => {
    const runs = await runAll([
      { file: '/nonexistent/program', args: [], env: [] },
      { file: folder, args: [], env: [] },
    ]);
    expect(runs.map(({ exit, wall, usage }) => [exit, wall, usage.user])).toEqual([
      [{ kind: 'notStarted', errno: 'ENOENT' }, 0, 0],
      [{ kind: 'notStarted', errno: 'EACCES' }, 0, 0],
    ]);
  });

  it('sees its arguments and its environment exactly, and an empty standard input', async () => {
    const args = ['a b', '', 'ä$"\'\\', '-c'];
    expect((await runOne({ file: '/usr/bin/printf', args: ['[%s]', ...args], env: [] })).stdout).toBe(
      args.map((arg) => `[${arg}]`).join(''),
    );
    expect((await runOne({ file: '/usr/bin/env', args: [], env: ['A=1', 'B=x y=z', 'EMPTY='] })).stdout).toBe(
      'A=1\nB=x y=z\nEMPTY=\n',
    );
    expect((await runOne(sh('cat; echo $?'))).stdout).toBe('0\n');
  });

  it('leads its own process group, blocks no signal and ignores neither SIGPIPE nor SIGXFSZ, although Node does', async () => {
    expect((await runOne(sh('set -- $(cut -d" " -f5 /proc/$$/stat); [ "$1" = $$ ] && echo leads'))).stdout).toBe(
      'leads\n',
    );
    const status = (await runOne({ file: '/bin/cat', args: ['/proc/self/status'], env: [] })).stdout;
    const ofNode = (1n << 12n) | (1n << 24n);
    expect([readFileSync('/proc/self/status', 'utf8'), status].map((text) => maskIn(text, 'SigIgn') & ofNode)).toEqual([
      ofNode,
      0n,
    ]);
    expect(maskIn(status, 'SigBlk')).toBe(0n);
  });

  it('inherits no descriptor of ours but 0, 1 and 2', async () => {
    const handedOn = readdirSync('/proc/self/fd').filter((fd) => Number(fd) > 2 && isHandedOn(fd));
    // One more than that is the folder, while ls reads it.
    expect(
      (await runOne({ file: '/bin/ls', args: ['/proc/self/fd'], env: [] })).stdout.trim().split('\n'),
    ).toHaveLength(3 + handedOn.length + 1);
  });

  it('is charged for the CPU time of its reaped descendants', async () => {
    const { usage } = await runOne(sh('sh -c "i=0; while [ \\$i -lt 100000 ]; do i=\\$((i+1)); done"'));
    expect(usage.user + usage.system).toBeGreaterThan(0);
    expect(usage.maxRssKiB).toBeGreaterThan(100);
  });

  it('does not leave its output to the next one', async () => {
    const runs = await runAll([sh('echo long output; echo and errors >&2'), sh('true'), sh('echo x')]);
    expect(runs.map(({ stdout, stderr }) => [stdout, stderr])).toEqual([
      ['long output\n', 'and errors\n'],
      ['', ''],
      ['x\n', ''],
    ]);
  });
});

describe('a batch', () => {
  it("releases those that wait at the barrier together: one start time for all of them, which is the batch's", async (ctx) => {
    using launcher = new Launcher(clock, nativePrograms(ctx).gate);
    const { startedAt, makespan, containers } = await launcher.run(
      requestOf(
        Array.from({ length: 12 }, (_, i) => sh(`echo ${i}`)),
        { concurrency: 8 },
      ),
    );
    expect(containers.map((run) => run.stdout)).toEqual(Array.from({ length: 12 }, (_, i) => `${i}\n`));
    expect(containers.map((run) => run.startedAt === startedAt)).toEqual([
      ...Array<boolean>(8).fill(true),
      ...Array<boolean>(4).fill(false),
    ]);
    expect(makespan).toBe(Math.max(...containers.map((run) => run.startedAt + run.wall)) - startedAt);
  });

  it('lets nobody through the barrier before all wait at it', async (ctx) => {
    const log = join(folder, 'barrier');
    // Each looks, as the first thing it does, at how many processes of the batch exist; after the barrier all do.
    const count = sh(
      `set -- /proc/[0-9]*; n=0; for p in "$@"; do case "$(tr '\\0' ' ' < $p/environ 2>/dev/null)" in *BATCH=${process.pid}\\ *) n=$((n+1));; esac; done; echo $n >> ${log}; sleep 0.5`,
      ['PATH=/usr/bin:/bin', `BATCH=${process.pid}`],
    );
    await runAll([count, count, count, count], { concurrency: 4, gate: nativePrograms(ctx).gate });
    expect(
      readFileSync(log, 'utf8')
        .trim()
        .split('\n')
        .every((line) => Number(line) >= 4),
    ).toBe(true);
  });

  it('hands the barrier on to nobody', async (ctx) => {
    const runs = await runAll([sh(`[ ! -e /proc/$$/fd/${BARRIER_FD} ] && echo closed`), sh('true')], {
      concurrency: 2,
      gate: nativePrograms(ctx).gate,
    });
    expect(runs[0]?.stdout).toBe('closed\n');
  });

  it('never has more in flight than its concurrency', async (ctx) => {
    const log = join(folder, 'concurrency');
    const commands = Array.from({ length: 14 }, () => sh(`echo + >> ${log}; sleep 0.02; echo - >> ${log}`));
    const runs = await runAll(commands, { concurrency: 3, gate: nativePrograms(ctx).gate });
    expect(runs.every((run) => run.exit.kind === 'exited' && run.exit.code === 0)).toBe(true);
    const inFlight: number[] = [];
    for (const mark of readFileSync(log, 'utf8').trim().split('\n'))
      inFlight.push((inFlight.at(-1) ?? 0) + (mark === '+' ? 1 : -1));
    expect([inFlight.length, Math.max(...inFlight), inFlight.at(-1)]).toEqual([28, 3, 0]);
  });

  it('goes on with the others where one cannot be started', async () => {
    const runs = await runAll([sh('echo 1'), { file: '/nonexistent', args: [], env: [] }, sh('echo 3')]);
    expect(runs.map((run) => run.exit.kind)).toEqual(['exited', 'notStarted', 'exited']);
  });

  it('takes no time where nothing is to be run', async () => {
    using launcher = new Launcher(clock, '/nonexistent/gate');
    expect(await launcher.run(requestOf([]))).toMatchObject({ makespan: 0, containers: [] });
  });
});

describe('what has to be stopped', () => {
  it("is stopped by the engine's own means when its time is over, and by nothing else", async () => {
    using launcher = new Launcher(clock, '/nonexistent/gate');
    const pidFile = join(folder, 'late');
    const stopped: number[] = [];
    const stop = (index: number): Promise<void> => {
      stopped.push(index);
      process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGTERM');
      return Promise.resolve();
    };
    const { containers } = await launcher.run(
      requestOf([sh('exit 1'), sh(`echo $$ > ${pidFile}; echo started; exec sleep 60`), sh('echo next')], {
        timeoutMs: 300,
        stop,
      }),
    );
    expect([stopped, containers.map((run) => run.exit), containers.map((run) => run.stdout)]).toEqual([
      [1],
      [
        { kind: 'exited', code: 1 },
        { kind: 'timedOut', afterMs: 300 },
        { kind: 'exited', code: 0 },
      ],
      ['', 'started\n', 'next\n'],
    ]);
  });

  it("is killed with its process group where that does not end it, even where the engine's means fail", async () => {
    const pidFile = join(folder, 'group');
    const run = await runOne(sh(`trap "" TERM; sleep 60 & echo $! > ${pidFile}; wait`), {
      timeoutMs: 100,
      stop: () => Promise.reject(new Error('the runtime is gone')),
    });
    expect(run.exit).toEqual({ kind: 'timedOut', afterMs: 100 });
    // The signal has been sent to both; on a busy machine the second may take it a little later.
    await expect.poll(() => isRunning(Number(readFileSync(pidFile, 'utf8'))), { timeout: 30_000 }).toBe(false);
  });

  it('does not delay the end of the others while it is being stopped', async (ctx) => {
    using launcher = new Launcher(clock, nativePrograms(ctx).gate);
    const pidFile = join(folder, 'slow-stop');
    const slowStop = async (): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 3000));
      process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL');
    };
    const { containers } = await launcher.run(
      requestOf([sh(`echo $$ > ${pidFile}; exec sleep 60`), sh('exec sleep 0.5'), sh('exec sleep 0.5')], {
        concurrency: 2,
        timeoutMs: 900,
        stop: slowStop,
      }),
    );
    expect(containers.map((run) => run.exit.kind)).toEqual(['timedOut', 'exited', 'exited']);
    expect(containers[2]!.wall / 1e6).toBeLessThan(900);
  });

  it('is interrupted on request, and what had not begun never runs', async () => {
    const abort = new AbortController();
    const log = join(folder, 'abort');
    const commands = [sh('echo done'), sh(`echo $$ > ${log}; exec sleep 60`), sh(`echo never >> ${log}`)];
    setTimeout(() => {
      abort.abort();
    }, 100);
    const stop = (): Promise<void> => {
      process.kill(Number(readFileSync(log, 'utf8')), 'SIGKILL');
      return Promise.resolve();
    };
    const runs = await runAll(commands, { signal: abort.signal, stop });
    expect(runs.map((run) => run.exit.kind)).toEqual(['exited', 'interrupted', 'interrupted']);
    expect(readFileSync(log, 'utf8')).not.toContain('never');
  });

  it('starts nothing at all after a request to stop, not even behind the barrier', async (ctx) => {
    const log = join(folder, 'aborted');
    const runs = await runAll([sh(`touch ${log}`), sh(`touch ${log}`)], {
      concurrency: 2,
      signal: AbortSignal.abort(),
      gate: nativePrograms(ctx).gate,
    });
    expect([runs.map((run) => run.exit.kind), runs.map((run) => run.wall)]).toEqual([
      ['interrupted', 'interrupted'],
      [0, 0],
    ]);
    expect(() => readFileSync(log)).toThrow('ENOENT');
  });
});

describe('descriptors', () => {
  it('are as many after 300 starts, failures and barriers as before', async (ctx) => {
    const { gate } = nativePrograms(ctx);
    const round = async (): Promise<void> => {
      using launcher = new Launcher(clock, gate);
      const truth = { file: '/bin/true', args: [], env: [] };
      await launcher.run(requestOf([...Array<typeof truth>(80).fill(truth), { ...truth, file: '/nonexistent' }]));
      await launcher.run(requestOf(Array<typeof truth>(20).fill(truth), { concurrency: 5 }));
    };
    await round();
    const before = openDescriptors();
    for (let i = 0; i < 3; i += 1) await round();
    expect(openDescriptors()).toBe(before);
  });
});
