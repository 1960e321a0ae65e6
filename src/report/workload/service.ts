import type { AnalysedRun } from '../../model/analysis/analysis.js';
import type {
  ArmActivity,
  LatencyName,
  Mean,
  ServedArm,
  ServiceAnalysis,
} from '../../model/analysis/workload-analysis.js';
import { readyWords } from '../../model/run/program/service.js';
import { amountText, counted, DASH, deservedText, formatCount, plain } from '../text/format.js';
import { left, right } from '../run/tables.js';
import type { Table } from '../run/tables.js';
import { shareText } from '../words/cost/share.js';

const LATENCY_WORDS: Readonly<Record<LatencyName, string>> = {
  mean: 'Latency, mean',
  p50: 'Latency, 50 %',
  p99: 'Latency, 99 %',
};

const CPU_WORDS: Readonly<Record<'cgroup' | 'processes', string>> = {
  cgroup: "CPU time is that of the container's cgroup.",
  processes:
    'CPU time is that of the processes in the container, each known to 10 ms, because the container has no cgroup of ' +
    'its own.',
};

/** `55,123 [54,800, 55,400]`. */
export function rateText({ value, low, high }: Mean): string {
  if (low === null || high === null) return plain(value, value < 100 ? 1 : 0);
  return deservedText({ value, low, high }, value < 100 ? 1 : 0);
}

/** Requests per second and latencies of every arm's server; `null` where no server ran. */
export function serviceTable({ run, analysis }: AnalysedRun): Table | null {
  const service = analysis.workload?.service;
  const asked = run.plan.scenario.program?.service;
  if (service === undefined || asked === undefined) return null;
  const latencies = latenciesOf(service);
  return {
    title: 'The service under load',
    columns: [
      left('Arm'),
      right('Requests per second'),
      right('Change'),
      ...latencies.flatMap((of) => [right(LATENCY_WORDS[of]), right('Added')]),
    ],
    rows: service.arms.map((arm) => rowOf(arm, service, latencies)),
    note: [
      `Means over ${counted(analysis.blocksComplete, 'block')}, with 95 % intervals; changes are against the baseline \
of the same block.`,
      `In each block every arm starts the server in a new container, waits until it is ready \
(${readyWords(asked.ready)}) and runs the load in the container's network: ${asked.load}.`,
      "The load shares this machine's CPUs with the server.",
      cpuWords(service),
    ].join(' '),
  };
}

const latenciesOf = ({ arms }: ServiceAnalysis): readonly LatencyName[] =>
  (['mean', 'p50', 'p99'] as const).filter((name) =>
    arms.some(({ latencies }) => latencies.some(({ of }) => of === name)),
  );

function rowOf(arm: ServedArm, { changes }: ServiceAnalysis, latencies: readonly LatencyName[]): readonly string[] {
  const change = changes.find((one) => one.arm === arm.arm);
  const share = change?.requestsPerSecond ?? null;
  return [
    arm.arm,
    arm.requestsPerSecond === null ? DASH : rateText(arm.requestsPerSecond),
    share === null ? DASH : shareText(share),
    ...latencies.flatMap((name) => [
      amountText(arm.latencies.find(({ of }) => of === name)?.at ?? null),
      amountText(change?.latencies.find(({ of }) => of === name)?.added ?? null),
    ]),
  ];
}

function cpuWords({ arms }: ServiceAnalysis): string {
  const from = arms.map(({ cpuFrom }) => cpuFrom).find((one) => one !== null);
  return from === undefined
    ? 'The CPU time of the server is not known, because the load does not say how many requests it made.'
    : CPU_WORDS[from];
}

/** System calls per request. */
export const servedActivityTable = (activities: readonly ArmActivity[]): Table => ({
  title: 'System calls of the service',
  columns: [left('Arm'), right('Calls per request'), right('Calls per second')],
  rows: activities.map(({ arm, calls, callsPerSecond }) => [
    arm,
    calls === null ? DASH : plain(calls, 2),
    callsPerSecond === null ? DASH : formatCount(Math.round(callsPerSecond)),
  ]),
  note:
    'Calls of the server, counted while a load of its own ran, which is not timed; per second of a load that is not ' +
    'traced.',
});
