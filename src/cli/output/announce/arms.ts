import type { ExperimentEvent } from '../../../model/experiment/events.js';
import type { Io } from '../../../model/io.js';
import type { LeftOut } from '../../../model/profile/seccomp.js';
import { FORM_NAMES } from '../../../model/profile/source.js';
import { isAsPredicted } from '../../../model/run/evidence.js';
import type { ArmEvidence } from '../../../model/run/evidence.js';
import type { FilterCache } from '../../../model/run/scenario.js';
import { counted, formatCount, leftOutSentence } from '../../../report/index.js';
import { bound, say } from './say.js';

/** Which arms find a compiled filter in the runtime's cache. */
export function announceCache(
  { arms, coldLeftOut }: Extract<ExperimentEvent, { readonly kind: 'cacheStates' }>,
  io: Io,
): void {
  const named = (state: FilterCache): string =>
    arms
      .filter(({ cache }) => cache === state)
      .map(({ name }) => name)
      .join(', ');
  const [warm, cold] = [named('warm'), named('cold')];
  const lines = [
    ...(warm === '' ? [] : [`warm (the runtime's cache holds the compiled filter): ${warm}`]),
    ...(cold === '' ? [] : [`cold (every start compiles it): ${cold}`]),
    ...(coldLeftOut ? [`cold starts are left out, they would make too many arms: use --cache cold`] : []),
  ];
  for (const line of lines) say(io, '  ', line);
}

/** What each arm really loads, and what was left out of its spec. */
export function announceArms(evidence: readonly ArmEvidence[], io: Io): void {
  const width = Math.max(...evidence.map((arm) => arm.arm.length));
  for (const arm of evidence) say(io, `  ${arm.arm.padEnd(width)}  `, describe(arm, sameSpec(arm, evidence)));
  const unseen = evidence.flatMap(({ loaded, policy }) =>
    loaded.state === 'notSeen' && policy !== 'command' ? [loaded.reason] : [],
  );
  // It is the same for all arms but for the container's process id.
  if (unseen[0] !== undefined) say(io, '  not seen: ', unseen[0]);
  const seen = new Set<string>();
  for (const arm of evidence) {
    for (const [reason, names] of byReason(arm.leftOut)) {
      const words = `${names.join(', ')} (${reason})`;
      if (!seen.has(words)) say(io, '  left out: ', words);
      seen.add(words);
    }
  }
}

function describe(evidence: ArmEvidence, original: string | undefined): string {
  const { architectures, given, policy, specBytes, probe32, written } = evidence;
  if (policy === 'command') return 'a command, not inspected';
  if (architectures === null && given === undefined) return 'no seccomp';
  const own =
    given === undefined ? (architectures ?? []).map(shortName).join(' ') || 'native only' : FORM_NAMES[given.form];
  const spec = original === undefined ? own : `the ${given === undefined ? 'spec' : 'bytes'} of ${original}`;
  const loads = loadsWords(evidence);
  const writes =
    written === undefined
      ? ''
      : ` · ${bound(`${counted(written.bytes, 'byte')} in ${counted(written.sections, 'section')} written`)}`;
  const probe = bound(`32-bit ${PROBE_WORDS[probe32.outcome]}`);
  return `${spec} · ${bound(counted(specBytes, 'byte'))}${writes} · ${loads} · ${probe}`;
}

function loadsWords(evidence: ArmEvidence): string {
  const { loaded, predicted } = evidence;
  if (loaded.state === 'notSeen')
    return predicted.state === 'built'
      ? `${counted(predicted.instructions, 'instruction')} predicted, not seen`
      : 'the loaded filter is not known';
  const count = bound(
    `${loaded.programs.map((program) => formatCount(program.instructions)).join(' + ') || '0'} instructions loaded`,
  );
  return isAsPredicted(evidence) === 'different' ? `${count}, not as predicted` : count;
}

const PROBE_WORDS = { ran: 'runs', killed: 'dies', notProvable: 'not provable here', failed: 'probe failed' } as const;

/** The first arm with exactly the spec of this one, where that is another. */
function sameSpec(own: ArmEvidence, evidence: readonly ArmEvidence[]): string | undefined {
  const first = evidence.find(({ specSha256 }) => specSha256 === own.specSha256);
  return first === own ? undefined : first?.arm;
}

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

/** Answers to calls that the kernel of the containers has not got, or that the machine refuses. */
export function announceAnswers(
  { leftOut, kernel }: Extract<ExperimentEvent, { readonly kind: 'answersLeftOut' }>,
  io: Io,
): void {
  for (const one of leftOut) say(io, '', leftOutSentence(one, kernel));
}
