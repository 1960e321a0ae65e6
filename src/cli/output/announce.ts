import type { ArmEvidence } from '../../model/run/evidence.js';
import type { Io } from '../../model/io.js';
import type { LeftOut } from '../../model/profile/seccomp.js';
import { wrapped } from '../../report/index.js';
import type { Session } from '../../experiment/session/session.js';

/** Which engine was taken, which were not and why, and how it was adapted to this host. */
export function announceEngine({ engine, refusals }: Pick<Session, 'engine' | 'refusals'>, io: Io): void {
  for (const refusal of refusals) say(io, 'not used: ', refusal);
  const { name, version, rootless, notes } = engine.facts;
  say(io, '', `engine ${name} (${version}${rootless ? ', rootless' : ''})`);
  for (const note of notes) say(io, '  ', note);
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

/** What will be run, and where its samples go. */
export function announcePlan(plan: string, seed: number, folder: string, io: Io): void {
  for (const line of plan.split('\n')) say(io, '', line);
  const [first, second] = [`seed ${seed}`, `samples in ${folder}`];
  // A path that is broken cannot be copied.
  io.err(
    first.length + second.length + 3 <= (io.columns ?? Infinity) ? `${first} · ${second}\n` : `${first}\n${second}\n`,
  );
}

/** Blank within a phrase that stays on one line. */
const BOUND = '\u00a0';

/** Text after its lead; on a terminal its lines are broken between words and start below each other. */
export function say({ err, columns }: Io, lead: string, text: string): void {
  const lines = columns === null ? [text] : wrapped(text, Math.max(20, columns - lead.length));
  err(
    lines
      .map((line, index) => `${index === 0 ? lead : ' '.repeat(lead.length)}${line.replaceAll(BOUND, ' ')}\n`)
      .join(''),
  );
}

function describe(
  { architectures, loaded, predicted, policy, specBytes, probe32, written }: ArmEvidence,
  original: string | undefined,
): string {
  if (policy === 'command') return 'a command, not looked into';
  if (architectures === null) return 'no seccomp';
  const spec =
    original === undefined ? architectures.map(shortName).join(' ') || 'native only' : `the spec of ${original}`;
  const loads =
    loaded.state === 'seen'
      ? bound(`${loaded.programs.map((program) => program.instructions).join(' + ') || '0'} instructions loaded`)
      : `${predicted.state === 'built' ? predicted.instructions : '?'} instructions predicted, not seen`;
  const writes =
    written === undefined ? '' : ` · ${bound(`${written.bytes} bytes in ${written.sections} sections written`)}`;
  return `${spec} · ${bound(`${specBytes} bytes`)}${writes} · ${loads} · ${bound(`32-bit ${PROBE_WORDS[probe32.outcome]}`)}`;
}

const bound = (phrase: string): string => phrase.replaceAll(' ', BOUND);

const PROBE_WORDS = { ran: 'runs', killed: 'dies', notProvable: 'not provable here', failed: 'probe failed' } as const;

/** The first arm with the very spec of this one, where that is another. */
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
