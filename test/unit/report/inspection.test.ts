import { describe, expect, it } from 'vitest';
import type { ExactFigures, ExactReport } from '../../../src/model/filter/exact.js';
import type { DeniedCount, Inspection } from '../../../src/model/filter/inspection.js';
import type { CallVerdict } from '../../../src/model/filter/simulation.js';
import { renderExact } from '../../../src/report/exact.js';
import { renderExplanation } from '../../../src/report/inspection/explanation.js';
import { renderInspection } from '../../../src/report/inspection/inspection.js';
import type { InspectionView } from '../../../src/report/inspection/inspection.js';

const outcome = (action: string, value: number) => ({ action, value, fewest: 5, most: 5 });
const verdict = (name: string, nr: number, rest: Partial<CallVerdict> = {}): CallVerdict => ({
  arch: 'x86_64',
  name,
  nr,
  outcomes: [outcome('ALLOW', 0x7fff0000)],
  zero: { value: 0x7fff0000, instructions: 5 },
  fewest: 5,
  most: 5,
  range: 'exact',
  dependsOnArguments: false,
  constantAllow: true,
  cacheable: true,
  ...rest,
});
const CALLS = [
  verdict('read', 0),
  verdict('write', 1, { fewest: 6, most: 6 }),
  verdict('mount', 165, {
    outcomes: [outcome('ERRNO(EPERM)', 0x50001)],
    cacheable: false,
    constantAllow: false,
    fewest: 600,
    most: 600,
  }),
  verdict('socket', 41, {
    outcomes: [outcome('ALLOW', 0x7fff0000), outcome('ERRNO(EPERM)', 0x50001)],
    fewest: 602,
    most: 613,
    dependsOnArguments: true,
    cacheable: false,
  }),
  verdict('set_mempolicy_home_node', 450, {
    outcomes: [outcome('any', 0)],
    range: 'bound',
    fewest: 1,
    most: 4096,
    cacheable: false,
    dependsOnArguments: true,
  }),
];
const INSPECTION: Inspection = {
  subject: 'my profile on x86_64',
  notSeen: ['SCMP_ARCH_VAX is left out: nobody knows it'],
  agreement: 'same after the stub',
  cache: { state: 'compared', calls: 368, differing: [] },
  filters: [
    {
      origin: { kind: 'loaded', via: 'ptrace', what: 'a container of runc 1.1.5' },
      machine: 'x86_64',
      calls: CALLS,
      programs: [
        {
          instructions: 1015,
          sha256: 'ab'.repeat(32),
          order: 'little-endian',
          longest: 620,
          jumpDepth: 612,
          stub: { kind: 'enosys', instructions: 14 },
          architectures: { checked: true, known: ['x86_64'], others: ['KILL_THREAD'] },
          sections: [{ arch: 'x86_64', instructions: 640, longest: 620, jumpDepth: 612 }],
        },
      ],
      counts: [
        {
          arch: 'x86_64',
          calls: 5,
          allowed: 2,
          conditional: 2,
          logged: 0,
          returnsZero: 0,
          denied: 1,
          denials: { killed: 0, errno: 1, trapped: 0, traced: 0, notified: 0, mixed: 0 },
          cacheable: 2,
        },
      ],
    },
  ],
};
const VIEW: InspectionView = { sort: 'dearest', section: 'x86_64', limit: null, denied: null };
const render = (view: Partial<InspectionView> = {}, columns = 80): string =>
  renderInspection(INSPECTION, { ...VIEW, ...view }, { columns, colour: false });
const tooLong = (text: string, width: number): string[] => text.split('\n').filter((line) => line.length > width);

describe('renderInspection', () => {
  it('says what is loaded, how it stands to the prediction, and what the bitmap saves', () => {
    const text = render().replaceAll(/\s+/g, ' ');
    expect(text).toContain(
      'loaded in a container of runc 1.1.5 (read by ptrace): 1,015 instructions, at most 620 executed, jump depth 612, the first 14 are a stub from the runtime that answers newer calls with ENOSYS',
    );
    expect(text).toContain('After the stub, the loaded filter matches the prediction byte for byte.');
    expect(text).toContain("The kernel's bitmap (/proc/PID/seccomp_cache) agrees on all 368 calls.");
    expect(text).toContain(
      '4 calls can be allowed, 2 (50.0 %) of them by number alone; Linux 5.11 and newer answers 2 from its bitmap',
    );
    expect(text).toContain('Decided by arguments, so never cached: socket, set_mempolicy_home_node.');
  });

  it('orders by what a call takes, and shows a range that is only a bound as one', () => {
    const rows = render()
      .split('\n')
      .slice(
        render()
          .split('\n')
          .findIndex((line) => line.startsWith('call ')) + 1,
      )
      .map((line) => line.split(/ {2,}/));
    expect(rows.slice(0, 5)).toEqual([
      ['set_mempolicy_home_node', '450', '1-4096?', 'args', 'no', 'any'],
      ['socket', '41', '602-613', 'args', 'no', 'ALLOW or ERRNO(EPERM)'],
      ['mount', '165', '600', 'number', 'no', 'ERRNO(EPERM)'],
      ['write', '1', '6', 'number', 'yes', 'ALLOW'],
      ['read', '0', '5', 'number', 'yes', 'ALLOW'],
    ]);
  });

  it('shows denied calls, cacheable ones, all by name, or their number', () => {
    const names = (view: Partial<InspectionView>): string[] => {
      const lines = render(view).trimEnd().split('\n');
      return lines.slice(lines.findIndex((line) => line.startsWith('call ')) + 1).map((line) => line.split(' ')[0]!);
    };
    expect(names({ sort: 'denied' })).toEqual(['mount']);
    expect(names({ sort: 'cacheable' })).toEqual(['read', 'write']);
    expect(names({ sort: 'name' })).toEqual(['mount', 'read', 'set_mempolicy_home_node', 'socket', 'write']);
    expect(names({ sort: 'name', limit: 2 })).toEqual(['mount', 'read']);
    expect(render({ section: 'arm' })).toContain('Calls that run the most instructions of arm: none');
  });

  it('fits terminals of 60 and of 80 columns', () => {
    const denied: DeniedCount = {
      arch: 'x86_64',
      figure: 44,
      rows: [{ what: 'without capabilities', denied: 68, conditional: 3 }],
      documented: { named: 50, existing: 46, denied: 40, notDenied: ['clone'] },
    };
    for (const width of [60, 80]) {
      for (const section of ['x86_64', 'all']) expect(tooLong(render({ section, denied }, width), width)).toEqual([]);
    }
    expect(render({}, 60)).toMatch(/^socket +602-613 +args +ALLOW or ERRNO\(EPERM\)$/m);
  });
});

describe('renderExplanation', () => {
  it('says why a call is not cached, and cuts chains of misses short', () => {
    const misses = Array.from({ length: 5 }, (_, index) => ({
      at: index + 1,
      text: `jeq call${index}`,
      target: 9,
      otherwise: index + 2,
    }));
    const text = renderExplanation(
      {
        verdict: CALLS[3]!,
        runs: [
          {
            action: 'ALLOW',
            args: [0x20008n, 0n, 0n, 0n, 0n, 0n],
            instructions: 7,
            steps: [[{ at: 0, text: 'ld nr' }, ...misses, { at: 6, text: 'ret ALLOW' }]],
          },
        ],
      },
      { columns: 80, colour: false },
    );
    expect(text).toContain("it is never in the kernel's bitmap");
    expect(text).toContain(
      'socket(0x20008): ALLOW after 7 instructions\n     0  ld nr\n        ... 5 comparisons that fail\n     6  ret ALLOW\n',
    );
  });
});

describe('renderExact', () => {
  const figures = (policy: ExactFigures['policy'], scale: number): ExactFigures => ({
    state: 'known',
    policy,
    architectures: scale,
    leftOut:
      policy === 'all'
        ? [
            { kind: 'architecture', what: 'SCMP_ARCH_S390X', reason: 'big-endian' },
            { kind: 'architecture', what: 'SCMP_ARCH_MIPS', reason: 'big-endian' },
          ]
        : [],
    specBytes: 1000 * scale,
    lxc: { bytes: 2000 * scale, lines: 100 * scale, sections: scale },
    instructions: { plain: 300 * scale, tree: policy === 'native' ? null : 400 * scale },
  });
  const report = (...machines: string[]): ExactReport => ({
    profile: 'p.json',
    form: 'docker',
    dialect: 'moby',
    libseccomp: '2.5.4',
    unknown: ['SCMP_ARCH_VAX'],
    rows: machines.map((machine) => ({
      machine,
      figures: [figures('all', 4), figures('host', 2), figures('native', 1)],
    })),
  });

  it('sets the changes against before, and says by name what is not counted or not known', () => {
    const text = renderExact(report('aarch64'), { columns: 80, colour: false });
    expect(text).toMatch(/^BPF instructions +1,200 +600 \(−50 %\) +300 \(−75 %\)$/m);
    expect(text).toMatch(/^as a binary tree +1,600 +800 \(−50 %\) +–$/m);
    expect(text).toContain(
      'before: in the JSON but not among the instructions: SCMP_ARCH_S390X,\nSCMP_ARCH_MIPS (big-endian).',
    );
    expect(text).toContain('libseccomp 2.5.4 does not know SCMP_ARCH_VAX.');
  });

  it('gives several machines a row each, in two tables where one does not fit', () => {
    const [wide, narrow] = [80, 60].map((columns) =>
      renderExact(report('aarch64', 'mipsel64n32'), { columns, colour: false }),
    );
    expect(wide).toMatch(/^mipsel64n32 +4,000\/2,000\/1,000 +400\/200\/100 +1,200\/600\/300 +1,600\/800\/–$/m);
    expect(narrow!.match(/^mipsel64n32 /gm)).toHaveLength(2);
    expect([tooLong(wide!, 80), tooLong(narrow!, 60)]).toEqual([[], []]);
  });
});
