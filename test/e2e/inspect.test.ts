import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { machine } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { ExactReport } from '../../src/model/filter/exact.js';
import type { CallExplanation, DeniedCount, DisassembledLine, Inspection } from '../../src/model/filter/inspection.js';
import { knownArchitectures } from '../../src/filter/index.js';
import { inRuntime, needRoot } from './containers.js';
import { writeRootfs, isMachine } from '../../src/payload/index.js';
import { needs, needsRoot, PrivateSandbox, ROOT } from './bench.js';

const sandbox = new PrivateSandbox();
afterAll(() => {
  sandbox[Symbol.dispose]();
});

/** What a command prints for programs; whoever asks knows its shape. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
const json = <Shape>(...args: string[]): Shape => JSON.parse(sandbox.bench([...args, '--json']).stdout) as Shape;
const native = machine();
const tooLong = (text: string, width: number): string[] => text.split('\n').filter((line) => line.length > width);
const SERVICE = join(ROOT, 'profiles/system-service.json');

/** What inspect prints for x86_64. */
const inspected = (...args: string[]): string => sandbox.bench(['inspect', '--arch', 'x86_64', ...args]).stdout;

describe('bench inspect', () => {
  it('explains a call by its number, also one without a name, and with arguments in parentheses', () => {
    expect(inspected('--call', '0x101')).toMatch(/^openat, call 257 of x86_64: ALLOW, /);
    expect(inspected('--call', '1000')).toMatch(/^unknown name, call 1000 of x86_64: ERRNO\(EPERM\), /);
    expect(inspected('--call', 'personality(-1)')).toMatch(
      /^personality\(0xffffffffffffffff\): ERRNO\(EPERM\) after /m,
    );
    expect(inspected('--call', '135(0xffffffff)')).toMatch(/^personality\(0xffffffff\): ALLOW after /m);
    expect(inspected('--call', 'personality,0xffffffff')).toBe(inspected('--call', 'personality(0xffffffff)'));
  });

  it('prints for the default profile what each call costs', () => {
    const { status, stdout, stderr } = sandbox.bench(['inspect', '--arch', 'x86_64']);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /^built-in default profile \(moby\/profiles seccomp v0\.2\.3\) on x86_64\npredicted: libseccomp [\d.]+, plain, for x86_64: [\d,]+ instructions/,
    );
    expect(stdout).toMatch(/^section +reach +most +jumps +calls +allow +args +deny +bitmap$/m);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      '301 calls can be allowed, 298 (99.0 %) of them by number alone; Linux 5.11 and newer answers 298 from its ' +
        'bitmap, without running the filter. Decided by arguments, so never cached: socket, clone, personality.',
    );
    expect(stdout).toMatch(/^socket +41 +\d+-\d+ +args +no +ALLOW or ERRNO\(EPERM\)$/m);
    expect(tooLong(stdout, 100)).toEqual([]);
  });

  it.for([80, 60])('fits a terminal of %i columns', (columns, context) => {
    needs(context, 'script');
    const text = sandbox.onTerminal(columns, ['inspect', '--arch', 'x86_64']);
    expect(text).toMatch(/^built-in default profile \(moby\/profiles seccomp v0\.2\.3\) on\s+x86_64\n/);
    expect(text).toMatch(/^socket .* args .* ALLOW or ERRNO\(EPERM\)$/m);
    expect(tooLong(text, columns)).toEqual([]);
  });

  it("lists the denied calls and compares their number with Docker's documentation", () => {
    const { stdout } = sandbox.bench(['inspect', '--arch', 'x86_64', '--sort', 'denied', '--kernel', '6.1']);
    expect(stdout).toMatch(/^Denied calls of x86_64, \d+$/m);
    expect(stdout).toMatch(/^kexec_load +246 +\d+ +number +no +ERRNO\(EPERM\)$/m);
    expect(stdout).not.toMatch(/^read /m);
    const { denied } = json<{ readonly denied: DeniedCount }>('inspect', '--arch', 'x86_64', '--kernel', '6.1');
    expect(denied.figure).toBe(44);
    expect(denied.rows.map(({ what }) => what)).toEqual([
      "with Docker's default capabilities",
      'without capabilities',
      'with all capabilities',
    ]);
    const [first] = denied.rows;
    expect(stdout).toContain(`Denied calls of x86_64, ${first!.denied}`);
    const { withoutFunction, newer, others } = denied.split!;
    expect(withoutFunction + newer + others).toBe(first!.denied);
    // Calls that a newer libseccomp knows are newer than the figure, or have rules of their own.
    expect([withoutFunction, others]).toEqual([12, 40]);
    expect(denied.documented).toMatchObject({ named: 50, existing: 46, denied: 40 });
  });

  it('gives programs every call with its answers, and nothing is lost in JSON', () => {
    const {
      filters: [filter],
      formatVersion,
    } = json<Inspection & { readonly formatVersion: number }>('inspect', '--arch', 'x86_64');
    expect(formatVersion).toBe(1);
    const [read, personality] = ['read', 'personality'].map((name) =>
      filter!.calls.find((call) => call.arch === 'x86_64' && call.name === name)!,
    );
    expect(read).toMatchObject({ nr: 0, cacheable: true, dependsOnArguments: false, range: 'exact' });
    expect(personality!.outcomes.map(({ action }) => action)).toEqual(['ALLOW', 'ERRNO(EPERM)']);
    expect(filter!.counts.map(({ arch, calls }) => [arch, calls])).toEqual(
      ['x86', 'x86_64', 'x32'].map((arch) => [arch, filter!.calls.filter((call) => call.arch === arch).length]),
    );
  });

  it.each(['arm64', 'arm', 'riscv64', 's390x', 'ppc64le', 'mips64'])(
    'inspects the filter of %s on this machine',
    (arch) => {
      const {
        filters: [filter],
      } = json<Inspection>('inspect', '--arch', arch);
      const own = filter!.counts.find(({ arch: name }) => name === filter!.machine)!;
      expect(own.allowed).toBeGreaterThan(200);
      expect(own.denied).toBeGreaterThan(20);
      expect(own.cacheable).toBe(
        arch === 'mips64'
          ? 0
          : filter!.calls.filter((call) => call.arch === own.arch && call.constantAllow && call.nr < 4096).length,
      );
      expect(filter!.programs[0]!.order).toBe(['s390x', 'mips64'].includes(arch) ? 'big-endian' : 'little-endian');
    },
  );

  it("decides everything by number alone under a profile like systemd's @system-service", () => {
    const { stdout } = sandbox.bench(['inspect', SERVICE, '--arch', 'x86_64', '--sort', 'cacheable', '--limit', '1']);
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(
      /x86_64: (\d+) calls can be allowed, \1 \(100\.0 %\) of them by number alone/,
    );
    expect(stdout).toMatch(/^Cached calls of x86_64, 1 of \d+$/m);
  });

  it('explains a call step by step, for every answer or for given arguments', () => {
    const { stdout } = sandbox.bench(['inspect', '--arch', 'x86_64', '--call', 'personality']);
    expect(stdout).toMatch(
      /^personality, call 135 of x86_64: ALLOW or ERRNO\(EPERM\), \d+-\d+ instructions\. The arguments decide,\n/,
    );
    expect(stdout).toMatch(/^ +\d+ {2}ld args\[0\]\.hi$/m);
    expect(stdout).toMatch(/^ +\d+ {2}jeq personality \(135\) -> \d+, else \d+$/m);
    expect(stdout).toMatch(/\.\.\. \d+ comparisons that fail$/m);
    const {
      runs: [run],
      verdict,
    } = json<CallExplanation>('inspect', '--arch', 'x86_64', '--call', 'personality,0x1');
    expect(run).toMatchObject({ action: 'ERRNO(EPERM)', args: ['1', '0', '0', '0', '0', '0'] });
    expect(run!.steps[0]!.length).toBe(run!.instructions);
    expect(run!.instructions).toBeLessThanOrEqual(verdict.most);
  });

  it('prints the program with names and jump targets', () => {
    const {
      filters: [lines],
    } = json<{ filters: DisassembledLine[][] }>('inspect', '--arch', 'x86_64', '--policy', 'native', '--disassemble');
    expect(lines![0]).toEqual({ at: 0, text: 'ld arch' });
    expect(lines![1]).toMatchObject({ text: 'jeq x86_64' });
    expect(lines!.map(({ text }) => text)).toContain('jeq read (0)');
    expect(lines!.every(({ target, at }) => target === undefined || (target > at && target < lines!.length))).toBe(
      true,
    );
    const { stdout } = sandbox.bench(['inspect', '--arch', 's390x', '--disassemble']);
    expect(stdout).toMatch(/^ {5}1 {2}jeq s390x -> \d+, else \d+$/m);
    expect(stdout).toMatch(/ld args\[0\]\.hi$/m);
  });

  it('takes a spec and a whole config.json', () => {
    const seccomp = {
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [{ names: ['kexec_load'], action: 'SCMP_ACT_KILL_PROCESS' }],
    };
    writeFileSync(join(sandbox.folder, 'spec.json'), JSON.stringify(seccomp));
    writeFileSync(
      join(sandbox.folder, 'config.json'),
      JSON.stringify({ ociVersion: '1.0.2', process: {}, linux: { namespaces: [], seccomp } }),
    );
    writeFileSync(join(sandbox.folder, 'none.json'), JSON.stringify({ ociVersion: '1.0.2', linux: {} }));
    const [spec, config] = ['spec.json', 'config.json'].map((file) => json<Inspection>('inspect', file).filters[0]!);
    expect(config!.programs).toEqual(spec!.programs);
    expect(spec!.calls.find(({ name }) => name === 'kexec_load')!.outcomes.map(({ action }) => action)).toEqual([
      'KILL_PROCESS',
    ]);
    const { status, stderr } = sandbox.bench(['inspect', 'none.json']);
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining('none.json disables seccomp: it has no linux.seccomp'),
    ]);
  });

  it('refuses a section that the filter does not have, naming those it has', () => {
    const { status, stderr } = sandbox.bench(['inspect', '--arch', 'amd64', '--section', 'mips']);
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining('--section: expected one of x86, x86_64, x32, all, got "mips"'),
    ]);
  });

  it('reads what a runtime really loads, next to the prediction, and leaves nothing behind', (context) => {
    needsRoot(context);
    for (const runtime of ['runc', 'crun']) {
      needs(context, runtime);
      const {
        filters: [loaded, predicted],
        agreement,
      } = json<Inspection>('inspect', '--runtime', runtime);
      expect([loaded!.origin.kind, predicted!.origin.kind]).toEqual(['loaded', 'predicted']);
      const stub = loaded!.programs[0]!.stub?.instructions ?? 0;
      expect(loaded!.programs[0]!.instructions).toBe(predicted!.programs[0]!.instructions + stub);
      expect(agreement).toBe(stub === 0 ? 'same' : 'same after the stub');
      expect(runtime === 'runc').toBe(stub > 0);
      expect(sandbox.workspaces()).toEqual([]);
    }
  });

  it('reads the filter of a running container, by its id and by its process', async (context) => {
    needRoot(context);
    needs(context, 'runc');
    const rootfs = join(sandbox.folder, 'rootfs');
    if (!isMachine(native)) context.skip(`there is no payload for ${native}`);
    else await writeRootfs(rootfs, native);
    const spec = {
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [{ names: ['kexec_load'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 }],
    };
    await using container = await inRuntime(context, 'runc', rootfs, spec);
    const [byPid, byId] = [
      json<Inspection>('inspect', '--pid', String(container.pid)),
      json<Inspection>(
        'inspect',
        '--container',
        `seccomp-bench-test-${process.pid}-runc`,
        '--runtime',
        'runc',
        '--root',
        join(sandbox.folder, 'state-runc'),
      ),
    ];
    expect(
      byPid.filters[0]!.calls.find(({ name, arch }) => name === 'kexec_load' && arch === native)!.outcomes.map(
        ({ action }) => action,
      ),
    ).toEqual(['ERRNO(ENOSYS)']);
    expect(byId.filters).toMatchObject([
      { programs: byPid.filters[0]!.programs, origin: { kind: 'loaded', via: 'ptrace' } },
    ]);
  });

  it('says that a process has no filter', async (context) => {
    needRoot(context);
    const child = spawn('sleep', ['60']);
    await once(child, 'spawn');
    const { status, stdout } = sandbox.bench(['inspect', '--pid', String(child.pid)]);
    child.kill('SIGKILL');
    expect([status, stdout]).toEqual([
      0,
      expect.stringContaining(`loaded in process ${child.pid} (read by ptrace): no filter`),
    ]);
  });

  const gone = String(spawnSync('true').pid);
  it.each<[readonly string[], string]>([
    [['--arch', 'vax'], '"vax" is not an architecture\n'],
    [['--pid', 'x'], '--pid: expected a whole number from 1 to 4,194,304, got "x"\n'],
    [['--pid', gone], `could not attach to process ${gone}: no such process (ESRCH)\n`],
    [['--call', 'nothing'], `"nothing" is not a system call of ${native}\n`],
    [['--call', 'read,one'], '--call: expected arguments from -2^63 to 2^64-1, got "one"'],
    [['--call', 'read,1,2,3,4,5,6,7'], '--call: expected at most 6 arguments, got 7\n'],
    [['--limit', 'all'], '--limit: expected a whole number from 0 to 999,999, got "all"\n'],
    [['--arch', 'arm64', '--runtime', 'runc'], '--arch cannot be combined with a container or a process\n'],
    [['--container', 'x', '--pid', '1'], '--container cannot be combined with --pid\n'],
    [
      ['--container', 'x', '--runtime', '/nowhere/runc'],
      'could not run /nowhere/runc: no such file, or not executable',
    ],
  ])('refuses %j with the reason', (args, message) => {
    const { status, stdout, stderr } = sandbox.bench(['inspect', ...args]);
    expect([status, stdout, stderr]).toEqual([2, '', expect.stringContaining(message)]);
  });
});

describe('bench exact', () => {
  it('counts bytes, lines and instructions of arm64 on any machine, as containers of arm64 would show them', () => {
    const {
      rows: [row],
      unknown,
    } = json<ExactReport>('exact', '--arch', 'arm64');
    expect(row!.machine).toBe('aarch64');
    const [before, after, own] = row!.figures.map((figures) => (figures.state === 'known' ? figures : undefined));
    expect([after!.architectures, own!.architectures]).toEqual([2, 1]);
    expect([after!.lxc!.sections, own!.lxc!.sections]).toEqual([2, 1]);
    expect(before!.specBytes).toBeGreaterThan(after!.specBytes);
    expect([before, after, own].map((figures) => figures!.instructions!.plain!)).toEqual(
      [...[before, after, own].map((figures) => figures!.instructions!.plain!)].sort((a, b) => b - a),
    );
    const text = sandbox.bench(['convert', '--arch', 'arm64']).stdout;
    expect(after!.specBytes).toBe(Buffer.byteLength(text) - 1);
    expect(unknown.every((name) => name.startsWith('SCMP_ARCH_'))).toBe(true);
    const [inspected] = json<Inspection>('inspect', '--arch', 'arm64').filters;
    expect(after!.instructions!.plain).toBe(inspected!.programs[0]!.instructions);
  });

  it('prints a row for every architecture that libseccomp knows, in one table', () => {
    const { stdout, status } = sandbox.bench(['exact', '--arch', 'all']);
    expect(status).toBe(0);
    for (const name of [
      'x86',
      'x86_64',
      'x32',
      'arm',
      'aarch64',
      'mips64',
      'mipsel64n32',
      'ppc64le',
      's390x',
      'riscv64',
    ])
      expect(stdout).toMatch(new RegExp(`^${name}(?: +[\\d,]+/[\\d,]+/[\\d,]+){4}$`, 'm'));
    expect(tooLong(stdout, 100)).toEqual([]);
  });

  it('prints the same figures in two tables on a terminal of 80 columns', (context) => {
    needs(context, 'script');
    const text = sandbox.onTerminal(80, ['exact', '--arch', 'all']);
    for (const name of ['x86_64', 'mipsel64n32'])
      expect(text.match(new RegExp(`^${name}(?: +[\\d,]+/[\\d,]+/[\\d,]+){2}$`, 'gm'))).toHaveLength(2);
    expect(tooLong(text, 80)).toEqual([]);
  });

  it('says by name which machine libseccomp does not know, and counts the rest', (context) => {
    if (knownArchitectures().some(({ name }) => name === 'loongarch64'))
      context.skip('this libseccomp knows loongarch64');
    const { status, stdout } = sandbox.bench(['exact', '--arch', 'loong64']);
    expect([status, stdout]).toEqual([
      0,
      expect.stringMatching(/does not know loongarch64, so its\s+instructions\s+cannot\s+be\s+counted\./),
    ]);
    expect(stdout).toMatch(/^bytes of OCI JSON +[\d,]+ /m);
    const inspected = sandbox.bench(['inspect', '--arch', 'loong64']);
    expect([inspected.status, inspected.stderr]).toEqual([
      2,
      expect.stringMatching(
        /^bench: "loongarch64" is not an architecture of libseccomp [\d.]+\n {2}Known: x86, .*riscv64/,
      ),
    ]);
  });

  it("counts by iSulad's rules too, and says where they give no architecture", () => {
    const { rows } = json<ExactReport>('exact', '--dialect', 'isulad', '--arch', 'amd64,s390x');
    expect(rows.map(({ figures }) => figures.map((one) => (one.state === 'known' ? one.architectures : null)))).toEqual(
      [
        [21, 3, 1],
        [21, 0, 0],
      ],
    );
  });
});

it("the profile like systemd's @system-service says where its calls come from", () => {
  expect(readFileSync(SERVICE, 'utf8')).toContain(
    "systemd 252's group @system-service, as systemd-analyze syscall-filter lists it",
  );
});
