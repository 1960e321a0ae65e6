import type { AnalysedRun } from '../../model/analysis/analysis.js';
import { emulationOfHost } from '../../model/run/emulation.js';
import { machineOf } from '../../model/results/result.js';
import { STAGES, type StagesNs } from '../../model/container/stages.js';
import { recordOf, type Cell } from '../text/csv.js';
import type { InstructionCounts } from '../../model/results/figures/instructions.js';
import type { BatchSample, FailedSample, OkSample, Sample } from '../../model/results/sample.js';

type SampleKey = Exclude<
  keyof OkSample | keyof FailedSample | keyof BatchSample,
  keyof InstructionCounts | 'stagesNs' | 'load'
>;

/** A column for every field a sample can have, in this order; the type sees to it that none is forgotten. */
const SAMPLE_COLUMNS: Readonly<Record<SampleKey, string>> = {
  kind: 'kind',
  warmup: 'warmup',
  block: 'block',
  position: 'position',
  arm: 'arm',
  index: 'index',
  state: 'state',
  startNs: 'start_ns',
  wallNs: 'wall_ns',
  userNs: 'user_ns',
  systemNs: 'system_ns',
  maxRssKiB: 'max_rss_kib',
  minorFaults: 'minor_faults',
  majorFaults: 'major_faults',
  voluntarySwitches: 'voluntary_switches',
  involuntarySwitches: 'involuntary_switches',
  cause: 'cause',
  stderr: 'stderr',
  makespanNs: 'makespan_ns',
  planned: 'planned_containers',
  ok: 'ok_containers',
  failed: 'failed_containers',
  failedIn: 'failed_in',
  attempt: 'attempt',
  gapNs: 'gap_ns',
  partner: 'partner',
  core: 'core',
  aloneNs: 'alone_ns',
};

const INSTRUCTION_COLUMNS: Readonly<Record<keyof InstructionCounts, string>> = {
  userInstructions: 'user_instructions',
  kernelInstructions: 'kernel_instructions',
};

const KEYS = Object.keys(SAMPLE_COLUMNS) as readonly SampleKey[];
const INSTRUCTION_KEYS = Object.keys(INSTRUCTION_COLUMNS) as readonly (keyof InstructionCounts)[];
/** Columns stay where they are: new ones go to the end. */
const HEADER = [
  'run',
  'scenario',
  'machine',
  'engine',
  ...Object.values(SAMPLE_COLUMNS),
  ...STAGES.map((stage) => `stage_${stage}_ns`),
  'emulation',
  // Of a server.
  'requests',
  'requests_per_second',
  'latency_mean_ns',
  'latency_p50_ns',
  'latency_p99_ns',
  ...Object.values(INSTRUCTION_COLUMNS),
];

/**
 * Every sample of every run, one record each: warm-up, failed containers and batches too. Comma-separated values by RFC
 * 4180, with a header and CRLF, in UTF-8. A field that a sample does not have is empty.
 */
export function renderCsv(runs: readonly AnalysedRun[]): string {
  const records = runs.flatMap(({ run: { name, host, plan, samples } }) => {
    const common = [name, plan.scenario.name, machineOf({ host, plan }), plan.engine.name];
    return samples.map((sample) =>
      recordOf([
        ...common,
        ...cellsOf(sample),
        emulationOfHost(host)?.kind,
        ...loadCells(sample),
        ...instructionCells(sample),
      ]),
    );
  });
  return [recordOf(HEADER), ...records].join('');
}

const loadCells = (sample: Sample): readonly Cell[] => {
  const { load } = { load: undefined, ...sample };
  if (load === undefined) return [undefined, undefined, undefined, undefined, undefined];
  const { requests, requestsPerSecond, latency } = load;
  const cell = (value: number | null): Cell => value ?? undefined;
  return [cell(requests), requestsPerSecond, cell(latency.meanNs), cell(latency.p50Ns), cell(latency.p99Ns)];
};

function instructionCells(sample: Sample): readonly Cell[] {
  const counts: InstructionCounts = sample.kind === 'container' && sample.state === 'ok' ? sample : {};
  return INSTRUCTION_KEYS.map((key) => counts[key]);
}

type Cells = { readonly stagesNs?: StagesNs } & Readonly<Partial<Record<SampleKey, Cell>>>;

function cellsOf(sample: Sample): readonly Cell[] {
  const { load: _, ...own } = { load: undefined, ...sample };
  const { stagesNs = {}, ...rest }: Cells = own;
  return [...KEYS.map((key) => rest[key]), ...STAGES.map((stage) => stagesNs[stage])];
}
