import type { AnalysedRun } from '../../model/analysis/analysis.js';
import { emulationOfHost } from '../../model/run/emulation.js';
import { machineOf } from '../../model/results/result.js';
import { unitOf } from '../../model/run/scenario.js';
import { engineWords } from '../words/run.js';
import { seriesOf } from './series.js';
import type { Series } from './series.js';
import { ownValue } from '../../model/own-value.js';
import { plainLine } from '../../model/plain-text.js';

/** Go's names for what uname calls otherwise. */
const GO_ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64' };

/**
 * Text in the Go benchmark format, for benchstat: one line per timed run (one iteration each), so that the reader sees
 * the spread. Described at golang.org/design/14313-benchmark-format; `Unit` lines and the -N at a name's end in the
 * documentation of golang.org/x/perf/benchfmt.
 */
export function renderGoBenchmark(runs: readonly AnalysedRun[]): string {
  const series = seriesOf(runs);
  const blocks = runs.map((analysed) => [
    ...headerOf(analysed),
    ...series.filter((one) => one.analysed === analysed).flatMap(linesOf),
  ]);
  return `${['Unit ns/op better=lower', 'Unit cpu-ns/op better=lower', ...blocks.flat()].join('\n')}\n`;
}

/**
 * What distinguishes runs of one machine is in comments: as configuration, benchstat would refuse to compare them.
 */
function headerOf({ run: { name, host, plan } }: AnalysedRun): readonly string[] {
  return [
    `# ${plainLine(`run ${name}, started ${plan.startedAt}, ${engineWords(plan.engine)}, kernel ${host.kernel}, seed \
${plan.seed}${emulationOfHost(host) === null ? '' : ', emulated: its times are meaningless'}`)}`,
    'goos: linux',
    `goarch: ${plainLine(ownValue(GO_ARCHITECTURES, machineOf({ host, plan })) ?? machineOf({ host, plan }))}`,
    'pkg: seccomp-bench',
    `cpu: ${plainLine(host.cpuModel)}`,
  ];
}

function linesOf(series: Series): readonly string[] {
  const name = benchmarkName(series);
  // CPU time that was not recorded is not printed: 0 would be a measurement.
  const recorded = series.summary.cpu !== null;
  return series.runs.map(
    ({ wallNs, userNs, systemNs }) =>
      `${name}\t1\t${wallNs} ns/op${recorded ? `\t${userNs + systemNs} cpu-ns/op` : ''}`,
  );
}

/** Always with the number of CPUs at its end, or an arm named `v-2` would be read as `v` on two of them. */
function benchmarkName({
  labels: { scenario, engine, run, arm },
  analysed: {
    run: { host, plan },
  },
}: Series): string {
  const emulation = emulationOfHost(host);
  const parts = {
    scenario,
    engine,
    ...(emulation === null ? {} : { emulation: emulation.kind }),
    ...(run === null ? {} : { run }),
    arm,
  };
  const base = { start: 'BenchmarkContainer', exec: 'BenchmarkExec', batch: 'BenchmarkBatch' }[
    plan.scenario.kind === 'parallel' ? 'batch' : unitOf(plan.scenario)
  ];
  return `${base}${Object.entries(parts)
    .map(([key, value]) => `/${key}=${oneField(value)}`)
    .join('')}-${plan.pinnedCpu === null ? host.cpuCount : 1}`;
}

/** No white space, which ends the name, and no slash, which ends the value. */
const oneField = (text: string): string => plainLine(text).replace(/[\s/]/g, '_');
