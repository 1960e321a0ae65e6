import type { TaskState } from '../../model/run/evidence.js';
import type { HostFingerprint, RunResult } from '../../model/results/result.js';
import { baselineOf } from '../../model/run/scenario.js';
import { left } from './tables.js';
import type { Table } from './tables.js';

/** The first kernel on which a seccomp filter no longer switches speculation mitigations on by itself. */
const CHANGED_IN = [5, 16] as const;

/** The mitigations of each arm's payload; `null` where none were read. */
export function mitigationTable({ evidence, host, plan }: RunResult): Table | null {
  const seen = evidence.flatMap(({ arm, task }) => (task === undefined ? [] : [{ arm, task }]));
  if (seen.length === 0) return null;
  return {
    title: 'Speculation mitigations of each arm',
    columns: [left('Arm'), left('Speculation_Store_Bypass'), left('SpeculationIndirectBranch'), left('Filters')],
    rows: seen.map(({ arm, task }) => [
      arm,
      task.speculationStoreBypass ?? 'unknown',
      task.speculationIndirectBranch ?? 'unknown',
      task.seccompFilters === null ? 'unknown' : String(task.seccompFilters),
    ]),
    note: mitigationWords({ evidence, host, plan }),
    folded: plan.scenario.program === undefined,
  };
}

/** Whether the arms differ in them, what that means, and the reason on this kernel. */
export function mitigationWords({ evidence, host, plan }: Pick<RunResult, 'evidence' | 'host' | 'plan'>): string {
  const baseline = evidence.find(({ arm }) => arm === baselineOf(plan.scenario.arms))?.task;
  const differing = evidence
    .filter(({ task }) => task !== undefined && baseline !== undefined && !sameState(task, baseline))
    .map(({ arm }) => arm);
  const found =
    differing.length === 0
      ? 'All arms run with the same mitigations, so mitigations cause no difference. Slowdowns of 1.5 to 2 ' +
        'times, as in old reports, are not expected here.'
      : `${differing.join(', ')} ${differing.length === 1 ? 'runs' : 'run'} with other mitigations than the baseline. \
Where \
computing without system calls is slower there, the mitigations cause it and not the filter, as in old reports of \
1.5 to 2 \
times.`;
  return `${found} ${kernelWords(host)}`;
}

const sameState = (a: TaskState, b: TaskState): boolean =>
  a.speculationStoreBypass === b.speculationStoreBypass && a.speculationIndirectBranch === b.speculationIndirectBranch;

/** What is usual for the kernel's version, and its own list of mitigations. */
function kernelWords({ kernel, mitigations }: HostFingerprint): string {
  const says = mitigations['spec_store_bypass'];
  const quoted = says === undefined ? '' : ` This kernel reports spec_store_bypass: "${says}".`;
  const usual =
    isSince(kernel) === null
      ? ''
      : isSince(kernel) === true
        ? `Kernel ${kernel}: since 5.16 a filter no longer switches them on.`
        : `Kernel ${kernel}: before 5.16 a filter switches them on, unless it is loaded with \
SECCOMP_FILTER_FLAG_SPEC_ALLOW or the kernel runs with spec_store_bypass_disable=prctl.`;
  return `${usual}${quoted}`.trim();
}

function isSince(kernel: string): boolean | null {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(kernel) ?? [];
  if (major === undefined || minor === undefined) return null;
  return Number(major) > CHANGED_IN[0] || (Number(major) === CHANGED_IN[0] && Number(minor) >= CHANGED_IN[1]);
}

/** Whether the kernel hides its own pages from programs (against Meltdown), so that every entry costs more. */
export function isolationWords({ mitigations }: HostFingerprint): string {
  const meltdown = mitigations['meltdown'];
  return meltdown === undefined
    ? 'page-table isolation is unknown'
    : `page-table isolation is ${meltdown.includes('PTI') ? 'on' : 'off'} (meltdown: ${meltdown})`;
}

/** The host's mitigations, page-table isolation first; prices of calls include them. */
export function hostMitigationWords(host: HostFingerprint): string {
  const others = Object.entries(host.mitigations)
    .filter(([name, state]) => name !== 'meltdown' && state.startsWith('Mitigation'))
    .map(([name, state]) => `${name}: ${state.replace(/^Mitigation: /, '')}`);
  return [isolationWords(host), ...others].join('; ');
}
