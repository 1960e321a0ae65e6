import type { AskedCounters } from '../../model/results/figures/instructions.js';
import type { AnalysedRun } from '../../model/analysis/analysis.js';
import { counterSentence } from '../words/cost/counters.js';
import { EMULATION_WORDS } from '../../model/run/emulation.js';
import type { RunConditions } from '../../model/results/conditions.js';
import type { HostFingerprint } from '../../model/results/result.js';
import { countedThing } from '../../model/run/scenario.js';
import type { DuetCores } from '../../model/run/duet.js';
import type { EngineFacts } from '../../model/container/container.js';
import { containmentCell } from '../containment.js';
import { engineWords, scenarioWords } from '../words/run.js';
import { left } from './tables.js';
import type { Table } from './tables.js';

/** Older versions recorded nothing. */
const emulationCell = ({ emulation }: HostFingerprint): string =>
  emulation
    ? `${EMULATION_WORDS[emulation.kind]}: ${emulation.sign}`
    : emulation === null
      ? 'none found'
      : 'not checked';

/** Conditions the numbers depend on. */
export function hostTable({ run: { host, plan, ledger } }: AnalysedRun): Table {
  const rows: readonly (readonly [string, string])[] = [
    ['Started', plan.startedAt],
    ['Command', `bench ${plan.command.join(' ')}`],
    ['Scenario', `${plan.scenario.name}: ${scenarioWords(plan)}`],
    ['Seed', String(plan.seed)],
    ['Engine', `${engineWords(plan.engine)}: ${plan.engine.version}${plan.engine.rootless ? ', rootless' : ''}`],
    ...containmentRows(plan.engine),
    ...plan.engine.notes.map((note): readonly [string, string] => ['Engine note', note]),
    ['Pinned', plan.pinnedCpu === null ? 'no' : `to CPU ${plan.pinnedCpu}`],
    ...duetRows(plan.duet),
    ...counterRows(plan.counters),
    [`Pause between ${countedThing(plan.scenario)}s`, `${plan.scenario.pauseMs} ms`],
    ...(plan.machine === undefined ? [] : [['Containers ran on', plan.machine] as const]),
    ...(plan.programs ?? []).map((one): readonly [string, string] => [
      one.role === 'runtime' ? 'Program' : 'Its libseccomp',
      `${one.path}, SHA-256 ${one.sha256.slice(0, 12)}`,
    ]),
    ...hostRows(host),
    ...conditionRows(ledger?.conditions),
  ];
  return { title: 'Host and run', columns: [left('What'), left('Value')], rows, folded: true };
}

const containmentRows = ({ containment }: EngineFacts): readonly (readonly [string, string])[] =>
  containment === undefined ? [] : [['Containers', containmentCell(containment)]];

/** Where instructions were to be counted. */
const counterRows = (counters: AskedCounters | undefined): readonly (readonly [string, string])[] =>
  counters === undefined ? [] : [['Instructions', counterSentence(counters)]];

/** Where pairs ran at the same time. */
const duetRows = (duet: DuetCores | undefined): readonly (readonly [string, string])[] =>
  duet === undefined
    ? []
    : [
        [
          'Duet blocks',
          `three of four; cores ${duet.cores.join(' and ')}, ${
            duet.relation === 'siblings' ? 'two threads of one physical core' : 'two physical cores'
          }`,
        ],
      ];

/** How busy the machine was meanwhile. */
function conditionRows(conditions: RunConditions | undefined): readonly (readonly [string, string])[] {
  if (conditions === undefined) return [];
  const { loadBefore, loadAfter, othersShare, stolenShare, otherRuns } = conditions;
  const shown = (share: number | null): string => (share === null ? 'unknown' : `${(100 * share).toFixed(1)} %`);
  return [
    ['Load average before and after', `${loadBefore.toFixed(2)}, ${loadAfter.toFixed(2)}`],
    ['CPU time of other programs', shown(othersShare)],
    ['Time stolen during the run', shown(stolenShare)],
    ['Other runs of bench', otherRuns.length === 0 ? 'none' : otherRuns.join(', ')],
  ];
}

/** Facts about the machine, name and value. */
export function hostRows(host: HostFingerprint): readonly (readonly [string, string])[] {
  const share = host.stealShare === null ? 'unknown' : `${(100 * host.stealShare).toFixed(2)} %`;
  return [
    ['Host', `${host.hostname}, ${host.machine}, ${host.os}`],
    ['Kernel', host.kernel],
    ['CPU', `${host.cpuModel}, ${host.cpuCount} CPUs`],
    ['Memory', `${host.memoryMiB} MiB`],
    ['Governor', host.governor ?? 'unknown'],
    ['Virtualization', host.virtualization ?? 'none detected'],
    ['Emulation', emulationCell(host)],
    ['Time stolen since boot', share],
    ['Load average at start', host.loadAverage.join(' ')],
    ['cgroup', host.cgroup],
    ['libseccomp', host.libseccomp ?? 'not found'],
    ['Node.js, bench', `${host.node}, ${host.bench}`],
    ...Object.entries(host.mitigations).map(([name, state]): readonly [string, string] => [
      `Mitigation ${name}`,
      state,
    ]),
  ];
}
