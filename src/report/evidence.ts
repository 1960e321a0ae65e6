import type { ArmEvidence, FilterFacts, ProbeResult } from '../model/evidence.js';

/** BPF instructions of all filters of an arm, and whether they were seen loaded or only computed. */
export type InstructionCount =
  | { readonly state: 'seen' | 'predicted'; readonly instructions: number }
  | { readonly state: 'unknown'; readonly reason: string }
  /** A command of the user's: what it loads, if anything, is its own affair. */
  | { readonly state: 'notOurs' };

/** Whether an arm is a command of the user's, which has no spec and no proof. */
export const isCommand = ({ policy }: ArmEvidence): boolean => policy === 'command';

const sum = (programs: readonly FilterFacts[]): number => programs.reduce((total, program) => total + program.instructions, 0);

/** The strongest that is known of the arm's filter: what is loaded goes before what was computed. */
export function instructionsOf(evidence: ArmEvidence): InstructionCount {
  if (isCommand(evidence)) return { state: 'notOurs' };
  const { loaded, predicted } = evidence;
  if (loaded.state === 'seen') return { state: 'seen', instructions: sum(loaded.programs) };
  switch (predicted.state) {
    case 'built':
      return { state: 'predicted', instructions: predicted.instructions };
    case 'none':
      return { state: 'predicted', instructions: 0 };
    case 'unknown':
      return { state: 'unknown', reason: predicted.reason };
  }
}

/** The count in a narrow column: `1647`, `1647 predicted`, `unknown`. */
export function instructionsShort(evidence: ArmEvidence | undefined): string {
  if (evidence === undefined) return 'unknown';
  const count = instructionsOf(evidence);
  switch (count.state) {
    case 'seen':
      return String(count.instructions);
    case 'predicted':
      return `${count.instructions} predicted`;
    case 'unknown':
      return 'unknown';
    case 'notOurs':
      return '\u2013';
  }
}

const shortHash = (sha256: string): string => sha256.slice(0, 12);
const programWords = ({ instructions, sha256 }: FilterFacts): string => `${instructions} (${shortHash(sha256)})`;

/** Every loaded program with its length and hash, and how it was seen. */
export function loadedWords({ loaded }: ArmEvidence): string {
  if (loaded.state === 'notSeen') return `predicted, not seen: ${loaded.reason}`;
  return loaded.programs.length === 0
    ? `none, seen by ${loaded.via}`
    : `${loaded.programs.map(programWords).join(' + ')}, seen by ${loaded.via}`;
}

/** What libseccomp makes of the arm's spec in this process. */
export function predictedWords({ predicted }: ArmEvidence): string {
  switch (predicted.state) {
    case 'built':
      return programWords(predicted);
    case 'none':
      return 'none';
    case 'unknown':
      return `unknown: ${predicted.reason}`;
  }
}

/** The spec's architectures without their common prefix; an empty list is the runtime's native one. */
export function architectureWords({ architectures }: ArmEvidence): string {
  if (architectures === null) return 'no seccomp';
  if (architectures.length === 0) return 'native';
  return architectures.map((name) => name.replace(/^SCMP_ARCH_/, '')).join(' ');
}

/** PR_GET_SECCOMP's answer from inside, in words. */
export function modeWords({ seccompMode }: ArmEvidence): string {
  switch (seccompMode) {
    case null:
      return 'not told';
    case 0:
      return '0 (none)';
    case 2:
      return '2 (filter)';
    default:
      return String(seccompMode);
  }
}

/** The 32-bit probe's outcome in words; the detail follows where there is one. */
export function probeWords({ outcome, detail }: ProbeResult): string {
  const words: Readonly<Record<ProbeResult['outcome'], string>> = {
    ran: 'ran', killed: 'killed', notProvable: 'not provable here', failed: 'failed',
  };
  return detail === '' || detail === outcome ? words[outcome] : `${words[outcome]}: ${detail}`;
}

/** What the runtime cannot load and was therefore left out, gathered by reason. */
export function leftOutWords({ leftOut }: ArmEvidence): string {
  const byReason = new Map<string, readonly string[]>();
  for (const { what, reason } of leftOut) byReason.set(reason, [...(byReason.get(reason) ?? []), what.replace(/^SCMP_ARCH_/, '')]);
  if (byReason.size === 0) return 'nothing';
  return [...byReason].map(([reason, names]) => `${names.join(' ')} (${reason})`).join('; ');
}
