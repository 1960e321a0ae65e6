import type {
  AnalysedRun,
  Analysis,
  ArmSummary,
  Comparison,
  ControlCheck,
  Estimate,
  FailureCount,
  Metric,
  RunWarning,
  Verdict,
  VerdictReason,
} from '../../../src/model/analysis/analysis.js';
import type { Description } from '../../../src/model/analysis/description.js';
import type { ArmEvidence } from '../../../src/model/run/evidence.js';
import type { HostFingerprint } from '../../../src/model/results/result.js';
import type { ArmDefinition, Scenario } from '../../../src/model/run/scenario.js';

const MS = 1e6;

/** An estimate from percents; blocks default to 500. */
export function estimateOf(percent: number, low: number, high: number, more: Partial<Estimate> = {}): Estimate {
  const log = (value: number): number => (Number.isFinite(value) ? Math.log1p(value / 100) : value);
  return {
    method: 'trimmed-both',
    blocks: 500,
    logRatio: log(percent),
    low: log(low),
    high: log(high),
    p: 1e-9,
    standardError: 0.002,
    degreesOfFreedom: 299,
    equivalent: false,
    meanLogRatio: log(percent) - 0.001,
    tailZ: 0.4,
    tailDiffers: false,
    lag1: 0.01,
    dependent: false,
    ...more,
  };
}

function described(median: number, count: number): Description {
  return {
    count,
    median,
    min: 0.9 * median,
    p25: 0.97 * median,
    p75: 1.05 * median,
    p90: 1.12 * median,
    p99: 1.6 * median,
    max: 2.4 * median,
    mean: 1.03 * median,
    standardDeviation: 0.1 * median,
    outliers: 3,
  };
}

interface ArmFigures {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly latencyMs?: number;
  readonly total: number;
  readonly half: number;
  readonly blocks: number;
  readonly planned: number;
  readonly failed?: number;
  readonly notRun?: number;
}

export function armOf(arm: string, figures: ArmFigures): ArmSummary {
  const { planned, failed = 0, notRun = 0 } = figures;
  return {
    arm,
    planned,
    ok: planned - failed - notRun,
    failed,
    notRun,
    wall: described(figures.wallMs * MS, figures.blocks),
    cpu: described(figures.cpuMs * MS, figures.blocks),
    latency: figures.latencyMs === undefined ? null : described(figures.latencyMs * MS, planned),
    totalSeconds: figures.total,
    totalSecondsLow: figures.total - figures.half,
    totalSecondsHigh: figures.total + figures.half,
  };
}

export const ARMS: readonly ArmDefinition[] = [
  { name: 'before', policy: 'all' },
  { name: 'after', policy: 'host' },
  { name: 'control', policy: 'all', copyOf: 'before' },
];

const sha = (digit: string): string => digit.repeat(64);
const X86 = ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'];

function evidenceOf(
  arm: string,
  policy: string,
  architectures: readonly string[],
  instructions: number,
  digit: string,
): ArmEvidence {
  return {
    arm,
    policy,
    architectures,
    specBytes: 13_000 + architectures.length * 20,
    specSha256: sha(digit),
    leftOut: policy === 'all' ? [{ kind: 'architecture', what: 'SCMP_ARCH_S390X', reason: 'other byte order' }] : [],
    predicted: { state: 'built', instructions: instructions - 14, sha256: sha('e') },
    loaded: { state: 'seen', via: 'ptrace', programs: [{ instructions, sha256: sha(digit) }] },
    seccompMode: 2,
    probe32: { outcome: 'ran', detail: '' },
  };
}

export const X86_EVIDENCE: readonly ArmEvidence[] = [
  evidenceOf('before', 'all', [...X86, 'SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'], 1647, 'a'),
  evidenceOf('after', 'host', X86, 1015, 'b'),
  evidenceOf('control', 'all', [...X86, 'SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'], 1647, 'a'),
];

const HOST: HostFingerprint = {
  formatVersion: 1,
  takenAt: '2026-11-21T10:00:00.000Z',
  hostname: 'bench-one',
  machine: 'x86_64',
  kernel: '6.18.0',
  os: 'Debian GNU/Linux 12 (bookworm)',
  cpuModel: 'Example CPU 2.5 GHz',
  cpuCount: 2,
  memoryMiB: 24_000,
  governor: null,
  cgroup: 'v2',
  libseccomp: '2.5.4',
  node: 'v20.20.2',
  bench: '0.1.0',
  loadAverage: [0.3, 0.2, 0.1],
  stealShare: 0.0012,
  virtualization: 'kvm',
  mitigations: { spectre_v2: 'Mitigation: Retpolines', mds: 'Not affected' },
};

export function comparisonOf(
  metric: Metric,
  verdict: Verdict,
  estimate: Estimate | null,
  arm = 'after',
  reason: VerdictReason = reasonOf(verdict, estimate),
): Comparison {
  return {
    arm,
    baseline: 'before',
    control: 'control',
    metric,
    estimate,
    verdict,
    invalid: null,
    family: null,
    settlement: null,
    reason,
  };
}

/** What statistics would give for such a verdict. */
function reasonOf(verdict: Verdict, estimate: Estimate | null): VerdictReason {
  if (estimate === null) return { code: 'noBlock' };
  switch (verdict) {
    case 'faster':
    case 'slower':
      return { code: 'difference', small: estimate.equivalent };
    case 'equivalent':
      return { code: 'withinMargin' };
    case 'inconclusive':
      return { code: 'unresolved' };
    case 'invalid':
      return { code: 'control', logRatio: null, p: null };
    case 'described':
      return { code: 'fewBlocks', blocks: estimate.blocks, needed: 20 };
    case 'functional':
      return { code: 'emulated', emulation: 'tcg' };
  }
}

interface Make {
  readonly name: string;
  readonly scenario: Scenario;
  readonly machine?: string;
  readonly comparisons: readonly Comparison[];
  readonly controls: readonly ControlCheck[];
  readonly arms: readonly ArmSummary[];
  readonly complete: number;
  readonly failures?: readonly FailureCount[];
  readonly evidence?: readonly ArmEvidence[];
  readonly warnings?: readonly RunWarning[];
}

export function make({
  name,
  scenario,
  machine = 'x86_64',
  comparisons,
  controls,
  arms,
  complete,
  failures = [],
  evidence = X86_EVIDENCE,
  warnings = [],
}: Make): AnalysedRun {
  const analysis: Analysis = {
    blocksPlanned: scenario.kind === 'sequential' ? scenario.count : scenario.rounds,
    blocksComplete: complete,
    arms,
    comparisons,
    controls,
    failures,
    margin: 0.01,
    warnings,
    ledger: {
      arms: arms.map(({ arm, planned, ok, failed, notRun }) => ({
        arm,
        planned,
        ok,
        failed,
        timedOut: 0,
        interrupted: 0,
        notRun,
      })),
      ended: null,
      maxFailures: null,
      engine: { state: 'unknown', reason: 'the run recorded no list of its engine' },
    },
    throughput: [],
    stages: [],
    power: [],
    added: [],
    series: null,
    exact: [],
    diagnostics: [],
    resolution: [],
    stopping: [],
  };
  return {
    analysis,
    run: {
      name,
      evidence,
      samples: [],
      warnings: [],
      host: { ...HOST, machine },
      plan: {
        formatVersion: 1,
        id: 'k3v9',
        startedAt: `${name.slice(0, 4)}-${name.slice(4, 6)}-${name.slice(6, 8)}T10:00:00.000Z`,
        command: ['sequential', '--count', '500'],
        scenario,
        scenarioSha256: sha('c'),
        seed: 424_242,
        engine: {
          name: 'runc',
          version: 'runc version 1.1.5+ds1',
          path: '/usr/bin/runc',
          rootless: false,
          notes: ['left out SCMP_ARCH_RISCV64: this runc does not know it'],
        },
        pinnedCpu: null,
        capabilities: 'docker',
        kernelForProfile: '6.18',
      },
    },
  };
}
