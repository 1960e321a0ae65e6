import { FORM_NAMES } from '../../model/profile/source.js';
import { isAsPredicted, isSeenInside } from '../../model/run/evidence.js';
import type { PodSeccomp } from '../../model/container/pod.js';
import type { ArmEvidence, FilterFacts, GivenEvidence, ProbeResult, SeenVia } from '../../model/run/evidence.js';
import { makingWords } from '../words/filters.js';
import { instructionsOf } from '../../model/filter/instructions.js';
import { counted, DASH, formatCount } from '../text/format.js';

/** Marks of counts that were not read from the kernel. */
export interface InstructionMarks {
  readonly predicted: string;
  readonly unknown: string;
}

/** The count in a narrow column: `1,647`, `1,647 predicted`, `unknown`. */
export function instructionsShort(
  evidence: ArmEvidence | undefined,
  marks: InstructionMarks = { predicted: ' predicted', unknown: 'unknown' },
): string {
  if (evidence === undefined) return marks.unknown;
  const count = instructionsOf(evidence);
  switch (count.state) {
    case 'seen':
      return formatCount(count.instructions);
    case 'predicted':
      return `${formatCount(count.instructions)}${marks.predicted}`;
    case 'unknown':
      return marks.unknown;
    case 'notOurs':
      return DASH;
  }
}

const shortHash = (sha256: string): string => sha256.slice(0, 12);
const filterWords = ({ instructions, sha256 }: FilterFacts): string =>
  `${formatCount(instructions)} (${shortHash(sha256)})`;

const SEEN_WORDS: Readonly<Record<SeenVia, string>> = {
  ptrace: 'seen by ptrace',
  strace: 'seen by strace',
  cacheFile: 'seen in the file that the runtime loads it from',
};

/** Every loaded filter with its length and hash, and how it was read. */
export function loadedWords(evidence: ArmEvidence): string {
  const { loaded, predicted } = evidence;
  if (loaded.state === 'notSeen') {
    if (isSeenInside(evidence)) return 'none, by the mode inside';
    return `${predicted.state === 'unknown' ? 'not seen' : 'predicted, not seen'}: ${loaded.reason}`;
  }
  const programs = loaded.programs.length === 0 ? 'none' : loaded.programs.map(filterWords).join(' + ');
  return `${programs}, ${SEEN_WORDS[loaded.via]}`;
}

const POD_WORDS: Readonly<Record<PodSeccomp, string>> = {
  'runtime-default': "the runtime's own profile",
  arm: "the arm's",
  unconfined: 'no filter',
};

/** What the container that holds the arm's pods has as its filter. */
export function podWords({ pod }: ArmEvidence): string {
  if (pod === undefined) return DASH;
  const { seccomp, loaded } = pod;
  const programs =
    loaded.state === 'seen'
      ? loaded.programs.map(({ instructions }) => formatCount(instructions)).join(' + ') || 'none'
      : `not seen: ${loaded.reason}`;
  return `${POD_WORDS[seccomp]}: ${programs}`;
}

const AGREEMENT_WORDS = {
  same: 'the same bytes as loaded',
  afterStub: "the same bytes as loaded after the runtime's stub",
  different: 'not what was loaded',
} as const;

/** What is built here as the arm's runtime builds it, and whether it was loaded; of a raw filter the filter itself. */
export function predictedWords(evidence: ArmEvidence): string {
  const { predicted } = evidence;
  switch (predicted.state) {
    case 'built': {
      const agreement = isAsPredicted(evidence);
      return [
        filterWords(predicted),
        ...makingWords(predicted),
        ...givenFilterWords(evidence),
        ...(agreement === null ? [] : [AGREEMENT_WORDS[agreement]]),
        ...(agreement === null && predicted.stub === true ? ["without the runtime's stub"] : []),
      ].join(', ');
    }
    case 'none':
      return 'none';
    case 'unknown':
      return `unknown: ${predicted.reason}`;
  }
}

/** How a runtime that builds filters itself came to the one that the arm asks for. */
function givenFilterWords({ filterGiven }: ArmEvidence): readonly string[] {
  if (filterGiven === undefined) return [];
  return filterGiven.kind === 'annotation'
    ? [`built before the run and given by the annotation ${filterGiven.name}`]
    : [`by ${counted(filterGiven.names, 'name')} in the spec that no kernel knows`];
}

/** Whether the containers of an arm found the filter that their runtime had compiled before, and how many were seen. */
export function cacheWords({ cache }: ArmEvidence): string {
  if (cache === undefined) return DASH;
  const { state, shown, containers, file } = cache;
  const seen = `${state} in ${formatCount(shown)} of ${counted(containers, 'container')}`;
  return file === null ? seen : `${seen} (${shortHash(file.sha256)})`;
}

/** How all of it was seen. */
export const evidenceNote = (hasCache: boolean): string =>
  'Read from untimed containers, before timing starts. Hashes are cut to 12 digits; summary.json has them in full.' +
  (hasCache ? ` ${CACHE_NOTE}` : '');

const CACHE_NOTE =
  'Compiled filter: seen between the blocks of the run. Cold: each container had a new state folder and left a ' +
  'compiled filter in it. Warm: the file that the first container left did not change, and was linked into all later ' +
  'ones.';

/** `mine.bpf, a raw BPF filter`: what an arm without a spec loads. */
export const givenWords = ({ form, name }: GivenEvidence): string => `${name}, ${FORM_NAMES[form]}`;

/** The spec's architectures without their common prefix; an empty list is the runtime's native one. */
export function architectureWords({ architectures, given }: ArmEvidence): string {
  if (given !== undefined) return givenWords(given);
  if (architectures === null) return 'no seccomp';
  if (architectures.length === 0) return 'native';
  return architectures.map((name) => name.replace(/^SCMP_ARCH_/, '')).join(' ');
}

/** The answer of PR_GET_SECCOMP inside the container. */
export function modeWords({ seccompMode }: ArmEvidence): string {
  switch (seccompMode) {
    case null:
      return 'unknown';
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
    ran: 'ran',
    killed: 'killed',
    notProvable: 'cannot be tested here',
    failed: 'failed',
  };
  return detail === '' || detail === outcome ? words[outcome] : `${words[outcome]}: ${detail}`;
}

/** What the runtime cannot load and was left out, by reason. */
export function leftOutWords({ leftOut }: ArmEvidence): string {
  const byReason = new Map<string, readonly string[]>();
  for (const { what, reason } of leftOut)
    byReason.set(reason, [...(byReason.get(reason) ?? []), what.replace(/^SCMP_ARCH_/, '')]);
  if (byReason.size === 0) return 'nothing';
  return [...byReason].map(([reason, names]) => `${names.join(' ')} (${reason})`).join('; ');
}

/** Why filters have the form they have, one sentence for every runtime that builds trees. */
export function formSentences(evidence: readonly ArmEvidence[]): readonly string[] {
  const trees = evidence.flatMap(({ arm, predicted }) =>
    predicted.state === 'built' && predicted.plain !== undefined && predicted.runtime !== undefined
      ? [{ arm, runtime: predicted.runtime, plain: predicted.plain }]
      : [],
  );
  return [...new Set(trees.map(({ runtime }) => runtime))].map((runtime) => {
    const plain = trees
      .filter((tree) => tree.runtime === runtime)
      .map((tree) => `${formatCount(tree.plain)} (${tree.arm})`);
    return `${runtime} builds a binary tree; the plain form would have ${plain.join(', ')} instructions.`;
  });
}
