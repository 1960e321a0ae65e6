import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { machine } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { AUDIT_ARCH, callsOf, filterFacts, RETURN } from '../../src/filter/index.js';
import { encodeFilter } from '../../src/filter/inspect/instructions.js';
import type { Inspection } from '../../src/model/filter/inspection.js';
import type { SimulatedCall } from '../../src/model/results/percall/percall.js';
import type { ArmEvidence } from '../../src/model/run/evidence.js';
import { needs, needsRoot, Sandbox } from './bench.js';

const sandbox = new Sandbox();
beforeEach(() => {
  sandbox.clear();
  writeFileSync(join(sandbox.folder, 'mine.bpf'), RAW);
  writeFileSync(join(sandbox.folder, 'mine.b64'), RAW.toString('base64'));
});
afterAll(() => {
  sandbox[Symbol.dispose]();
});

const MACHINE = machine() === 'aarch64' ? 'aarch64' : 'x86_64';
const numberOf = (name: string): number => callsOf(MACHINE).find((call) => call.name === name)!.nr;
/** Ends calls of other architectures, denies kexec_load, allows all else; nothing that libseccomp would write. */
const RAW = encodeFilter([
  { code: 0x20, k: 4, ifTrue: 0, ifFalse: 0 },
  { code: 0x15, k: MACHINE === 'aarch64' ? AUDIT_ARCH.AARCH64 : AUDIT_ARCH.X86_64, ifTrue: 1, ifFalse: 0 },
  { code: 0x06, k: RETURN.KILL_PROCESS, ifTrue: 0, ifFalse: 0 },
  { code: 0x20, k: 0, ifTrue: 0, ifFalse: 0 },
  { code: 0x15, k: numberOf('kexec_load'), ifTrue: 0, ifFalse: 1 },
  { code: 0x06, k: RETURN.ERRNO + 1, ifTrue: 0, ifFalse: 0 },
  { code: 0x06, k: RETURN.ALLOW, ifTrue: 0, ifFalse: 0 },
]);
const { sha256: SHA256, instructions: LENGTH } = filterFacts(RAW);

const evidenceOf = (arm: string): ArmEvidence =>
  (JSON.parse(readFileSync(join(sandbox.results(), 'evidence.json'), 'utf8')) as ArmEvidence[]).find(
    (own) => own.arm === arm,
  )!;

describe('bench inspect of a raw filter', () => {
  it('says what it is, which architectures it knows, and what it answers', () => {
    const { status, stdout } = sandbox.bench(['inspect', 'mine.bpf', '--sort', 'denied']);
    expect([status, stdout.split('\n').slice(0, 2)]).toEqual([0, ['mine.bpf', 'read as a raw BPF filter']]);
    expect(stdout).toContain(`accepted by the kernel's checks: ${LENGTH} instructions`);
    expect(stdout).toContain(`It knows ${MACHINE}; calls of other architectures get KILL_PROCESS.`);
    expect(stdout).toMatch(/^Denied calls of \S+, 1$/m);
    expect(stdout).toMatch(/^kexec_load .*ERRNO\(EPERM\)$/m);
    const base64 = sandbox.bench(['inspect', 'mine.b64', '--sort', 'denied']).stdout;
    expect(base64.split('\n').slice(2).join('\n')).toBe(stdout.split('\n').slice(2).join('\n'));
  });

  it('refuses what the kernel would refuse, and a file that is cut off', () => {
    writeFileSync(join(sandbox.folder, 'cut.bpf'), RAW.subarray(0, -3));
    writeFileSync(join(sandbox.folder, 'open.bpf'), RAW.subarray(0, -8));
    const [cut, open] = ['cut.bpf', 'open.bpf'].map((file) => sandbox.bench(['inspect', file]));
    expect([cut!.status, open!.status]).toEqual([2, 2]);
    expect(cut!.stderr).toContain(`cut.bpf: a raw BPF filter has 8 bytes an instruction, and ${RAW.length - 3} bytes`);
    expect(open!.stderr).toMatch(/^bench: open\.bpf: BPF instruction 4: expected a jump within the filter/);
    expect(open!.stderr).toContain('The kernel would refuse this filter.');
  });

  it.for([
    ['namespaces', ['--engine', 'namespaces'], 'unshare'],
    ['crun', ['--runtime', 'crun'], 'crun'],
  ] as const)('finds exactly its bytes in a container of %s', ([, options, program], context) => {
    needsRoot(context);
    needs(context, program);
    const { status, stdout, stderr } = sandbox.bench(['inspect', 'mine.bpf', ...options, '--json']);
    expect([status, stderr]).toEqual([0, '']);
    const { agreement, filters } = JSON.parse(stdout) as Inspection;
    expect([agreement, filters.map(({ programs }) => programs.map((own) => own.sha256))]).toEqual([
      'same',
      [[SHA256], [SHA256]],
    ]);
  });
});

describe('a raw filter as an arm', () => {
  it.for([
    ['namespaces', 'unshare'],
    ['bwrap', 'bwrap'],
    ['crun', 'crun'],
  ] as const)('is loaded byte for byte by %s', ([engine, program], context) => {
    needsRoot(context);
    needs(context, program);
    const { status, stdout, stderr } = sandbox.bench([
      'sequential',
      '--engine',
      engine,
      '--arms',
      'unconfined',
      '--arm',
      'mine=mine.bpf',
      '--count',
      '3',
      '--warmup',
      '0',
    ]);
    expect([status, stderr.includes('fail')]).toEqual([0, false]);
    const mine = evidenceOf('mine');
    expect(mine.loaded).toMatchObject({ state: 'seen', programs: [{ instructions: LENGTH, sha256: SHA256 }] });
    expect([mine.predicted, mine.given, mine.seccompMode, evidenceOf('unconfined').seccompMode]).toEqual([
      { state: 'built', instructions: LENGTH, sha256: SHA256 },
      { kind: 'raw', form: 'bpf', name: 'mine.bpf' },
      2,
      0,
    ]);
    expect(readFileSync(join(sandbox.results(), 'specs/mine.bpf')).equals(RAW)).toBe(true);
    expect(stdout).toMatch(new RegExp(`^mine .* ${LENGTH} +3/3$`, 'm'));
    // The results alone make the same report.
    const again = sandbox.bench(['report', sandbox.results(), '-o', 'again']);
    expect([again.status, again.stdout]).toEqual([0, expect.stringContaining('mine')]);
    const page = readFileSync(join(sandbox.folder, 'again', basename(sandbox.results()), 'summary.md'), 'utf8');
    expect(page).toContain('mine.bpf, a raw BPF filter');
  });

  it('is refused by runc before any container, with what to do', (context) => {
    needs(context, 'runc');
    const { status, stderr } = sandbox.bench([
      'sequential',
      '--engine',
      'runc',
      '--arms',
      'unconfined',
      '--arm',
      'mine=mine.bpf',
    ]);
    expect([status, stderr]).toEqual([
      2,
      `bench: --engine runc cannot load mine.bpf, a raw BPF filter
  Use --engine namespaces or bwrap, or crun 0.18 or newer, which has an annotation for it (run.oci.seccomp_bpf_data).
`,
    ]);
    expect(readdirSync(sandbox.folder)).not.toContain('results');
  });

  it.each([
    ['an arm', ['--arm', 'mine=mine.bpf'], 'mine'],
    ['the profile', ['--profile', 'mine.b64'], 'filter'],
  ] as const)('is priced per call as %s', (_, options, arm) => {
    const { status } = sandbox.bench([
      'percall',
      ...options,
      '--calls',
      'getppid,kexec_load(0,0xffff,0,0xfff)',
      '--blocks',
      '2',
      '--warmup',
      '0',
      '--no-report',
    ]);
    expect(status).toBe(0);
    const simulated = JSON.parse(
      readFileSync(join(sandbox.results(), 'simulation.json'), 'utf8'),
    ) as readonly SimulatedCall[];
    expect(
      simulated
        .filter((own) => own.arm === arm)
        .map(({ call, from, action, instructions }) => [call, from, action, instructions]),
    ).toEqual([
      ['getppid', 'loaded', 'ALLOW', 5],
      ['kexec_load', 'loaded', 'ERRNO(EPERM)', 5],
      ['unknown', 'loaded', 'ALLOW', 5],
    ]);
  });
});

describe('a filter that bench builds', () => {
  it('is the one that bubblewrap loads', async (context) => {
    needsRoot(context);
    needs(context, 'bwrap');
    const tried = spawnSync('bwrap', ['--ro-bind', '/', '/', 'true'], { encoding: 'utf8' });
    if (tried.status !== 0) context.skip(`bwrap makes no container here: ${tried.stderr.trim()}`);
    const folder = mkdtempSync(join(sandbox.folder, 'bwrap-'));
    const filter = join(folder, 'filter.bpf');
    const built = sandbox.bench(['build', '-o', filter]);
    expect(built.status).toBe(0);
    const hash = /SHA-256 ([0-9a-f]{64})/.exec(built.stderr)?.[1];
    const fd = openSync(filter, 'r');
    const args = ['--ro-bind', '/', '/', '--die-with-parent', '--seccomp', '3', 'sh', '-c', 'echo $$; exec sleep 60'];
    const child = spawn('bwrap', args, { stdio: ['ignore', 'pipe', 'inherit', fd] });
    closeSync(fd);
    try {
      const pid = await new Promise<string>((found) => {
        child.stdout?.once('data', (chunk: Buffer) => {
          found(chunk.toString().trim());
        });
      });
      const { status, stdout } = sandbox.bench(['inspect', '--pid', pid, '--json']);
      expect(status).toBe(0);
      const { filters } = JSON.parse(stdout) as Inspection;
      expect(filters[0]!.programs.map(({ sha256 }) => sha256)).toEqual([hash]);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
