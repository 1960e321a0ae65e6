import type { ArmEvidence } from '../model/evidence.js';
import type { Io } from '../model/io.js';
import type { LeftOut } from '../model/seccomp.js';
import type { Session } from './session.js';

/** Which engine was taken, which were not and why, and how it was adapted to this host. */
export function announceEngine({ engine, refusals }: Session, io: Io): void {
  for (const refusal of refusals) io.err(`not used: ${refusal}\n`);
  const { name, version, rootless, notes } = engine.facts;
  io.err(`engine ${name} (${version}${rootless ? ', rootless' : ''})\n`);
  for (const note of notes) io.err(`  ${note}\n`);
}

/** What each arm really loads, and what was left out of its spec. */
export function announceArms(evidence: readonly ArmEvidence[], io: Io): void {
  const width = Math.max(...evidence.map((arm) => arm.arm.length));
  for (const arm of evidence) io.err(`  ${arm.arm.padEnd(width)}  ${describe(arm)}\n`);
  const seen = new Set<string>();
  for (const arm of evidence) {
    for (const [reason, names] of byReason(arm.leftOut)) {
      const line = `left out: ${names.join(', ')} (${reason})`;
      if (!seen.has(line)) io.err(`  ${line}\n`);
      seen.add(line);
    }
  }
}

function describe({ architectures, loaded, predicted, specBytes, probe32 }: ArmEvidence): string {
  if (architectures === null) return 'no seccomp';
  const loads = loaded.state === 'seen'
    ? `${loaded.programs.map((program) => program.instructions).join(' + ') || '0'} instructions loaded`
    : `${predicted.state === 'built' ? predicted.instructions : '?'} instructions predicted, not seen (${loaded.reason})`;
  return `${architectures.map(shortName).join(' ') || 'native only'} · ${specBytes} bytes · ${loads} · 32-bit ${PROBE_WORDS[probe32.outcome]}`;
}

const PROBE_WORDS = { ran: 'runs', killed: 'dies', notProvable: 'not provable here', failed: 'probe failed' } as const;

/** SCMP_ARCH_X86_64 -> x86_64 */
const shortName = (architecture: string): string => architecture.replace(/^SCMP_ARCH_/, '').toLowerCase();

/** What the runtime cannot load, by reason. */
function byReason(leftOut: readonly LeftOut[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, readonly string[]>();
  for (const { kind, what, reason } of leftOut) {
    groups.set(reason, [...(groups.get(reason) ?? []), kind === 'architecture' ? shortName(what) : what]);
  }
  return groups;
}
