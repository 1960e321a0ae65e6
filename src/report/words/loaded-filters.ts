import { isCacheShown } from '../../model/run/cache-evidence.js';
import { isAsPredicted, loadSameFilter } from '../../model/run/evidence.js';
import type { ArmEvidence, BuiltPrediction } from '../../model/run/evidence.js';
import type { FilterGiven } from '../../model/filter/filter-making.js';
import type { ArmDefinition } from '../../model/run/scenario.js';
import { counted, formatCount } from '../text/format.js';

/** The arms of a run, and what was seen of them. */
interface Proof {
  readonly arms: readonly ArmDefinition[];
  readonly evidence: readonly ArmEvidence[];
}

/** An arm with what was seen in one of its containers. */
interface SeenArm {
  readonly definition: ArmDefinition;
  readonly evidence: ArmEvidence;
  /** Of all its filters. */
  readonly instructions: number;
  /** How the loaded filter is built, where it was shown to be the one that bench builds so. */
  readonly shown: BuiltPrediction | undefined;
}

/**
 * What the containers of an arm and of its baseline were seen to load, where the arms differ in their runtime, their
 * library or the way their filters are made; `null` where that is not so, or was not seen of both: "runc 1.3.6 loads a
 * binary tree of 1,290 instructions, runc 1.1.5 the plain form of 1,039."
 */
export function loadedSentence({ arms, evidence }: Proof, arm: string, baseline: string): string | null {
  const definitions = [arm, baseline].map((name) => arms.find((one) => one.name === name));
  if (!definitions.some(isMadeOtherwise)) return null;
  const [own, other] = definitions.map((one) => seenArm(one, evidence));
  if (own === undefined || other === undefined) return null;
  const differing = differingOf(own, other);
  if (loadSameFilter(own.evidence, other.evidence) === true) return sameSentence(own, other, differing);
  const [first, second] = [filterOf(own, differing), filterOf(other, differing)];
  const loads = `${subject(own, other)} loads ${first}, ${subject(other, own)} ${second.replace(' instructions', '')}.`;
  return [loads, ...[own, other].flatMap(paddingSentence)].join(' ');
}

/** How a runtime was brought to build a tree of a spec that is too short for one. */
function paddingSentence({ definition: { name }, evidence: { filterGiven }, shown }: SeenArm): readonly string[] {
  return filterGiven?.kind === 'padding' ? [paddingWords(`The spec of ${name}`, filterGiven, shown?.runtime)] : [];
}

/** `It names 1 more call that no kernel knows: runc 1.3.6 builds a tree only of a spec that names more than 32.` */
export const paddingWords = (
  spec: string,
  { names, treeAbove }: Extract<FilterGiven, { readonly kind: 'padding' }>,
  runtime = 'the runtime',
): string =>
  `${spec} names ${counted(names, 'more call')} that no kernel knows: ` +
  `${runtime} builds a tree only of a spec that names more than ${treeAbove}.`;

const isMadeOtherwise = (arm: ArmDefinition | undefined): boolean =>
  arm?.runtime !== undefined || arm?.libseccomp !== undefined || arm?.making !== undefined;

function seenArm(definition: ArmDefinition | undefined, all: readonly ArmEvidence[]): SeenArm | undefined {
  const evidence = all.find(({ arm }) => arm === definition?.name);
  if (definition === undefined || evidence?.loaded.state !== 'seen') return undefined;
  const { loaded, predicted } = evidence;
  const isShown = ['same', 'afterStub'].includes(isAsPredicted(evidence) ?? '') && loaded.programs.length === 1;
  return {
    definition,
    evidence,
    instructions: loaded.programs.reduce((sum, { instructions }) => sum + instructions, 0),
    shown: isShown && predicted.state === 'built' ? predicted : undefined,
  };
}

/** What is told of each side because it is not the same on both. */
interface Differing {
  readonly libseccomp: boolean;
  readonly build: boolean;
  readonly cache: boolean;
}

const differingOf = (own: SeenArm, other: SeenArm): Differing => ({
  libseccomp: own.shown?.libseccomp !== other.shown?.libseccomp,
  build: own.definition.making?.prebuilt !== other.definition.making?.prebuilt,
  cache: foundCompiled(own) !== foundCompiled(other),
});

/** `runc 1.3.6`, `new (runc 1.3.6)` for an arm with another name; only the arm's name where both have one runtime. */
function subject({ definition: { name }, evidence, shown }: SeenArm, other: SeenArm): string {
  const runtime = shown?.runtime;
  const isFinished = [evidence, other.evidence].some(({ filterGiven }) => filterGiven?.kind === 'annotation');
  if (runtime === undefined || runtime === other.shown?.runtime || isFinished) return name;
  return runtime.startsWith(`${name} `) ? runtime : `${name} (${runtime})`;
}

function filterOf(arm: SeenArm, differing: Differing): string {
  const { instructions, shown, evidence } = arm;
  if (evidence.loaded.state === 'seen' && evidence.loaded.programs.length === 0) return 'no filter';
  return [`${formWords(shown)} of ${formatCount(instructions)} instructions`, ...madeBy(arm, differing)].join(', ');
}

function formWords(shown: BuiltPrediction | undefined): string {
  if (shown?.form === undefined) return 'a filter';
  return shown.form === 'tree' ? 'a binary tree' : 'the plain form';
}

function madeBy(arm: SeenArm, { libseccomp, build, cache }: Differing): readonly string[] {
  const { shown } = arm;
  return [
    ...(libseccomp && shown?.libseccomp !== undefined ? [`built by libseccomp ${shown.libseccomp}`] : []),
    ...(build && !foundCompiled(arm) ? [buildWords(arm)] : []),
    ...((cache || build) && foundCompiled(arm) ? ['found compiled in its cache'] : []),
  ];
}

/** Every container of a warm arm was shown to start with the filter of an earlier one. */
const foundCompiled = ({ evidence: { cache } }: SeenArm): boolean => cache?.state === 'warm' && isCacheShown(cache);

function buildWords({ definition: { making }, evidence: { filterGiven } }: SeenArm): string {
  if (making?.prebuilt !== true) return 'built at every start';
  return filterGiven?.kind === 'annotation'
    ? 'built before the run and given to the runtime by annotation'
    : 'built before the run';
}

function sameSentence(own: SeenArm, other: SeenArm, { libseccomp, build, cache }: Differing): string {
  const filter = filterOf(own, NOTHING);
  if (filter === 'no filter') return 'Both load no filter.';
  const [newer, older] = [own.shown?.libseccomp, other.shown?.libseccomp];
  const alike =
    libseccomp && newer !== undefined && older !== undefined
      ? `, which libseccomp ${older} and ${newer} build alike`
      : '';
  const when = build ? `; ${builtWhen(own)} and ${builtWhen(other)}` : '';
  const found = [own, other].find(foundCompiled)?.definition.name;
  const cached = cache && !build && found !== undefined ? `; ${found} finds it compiled in its cache` : '';
  return `Both load the same filter, ${filter}${alike}${when}${cached}.`;
}

const builtWhen = (arm: SeenArm): string => `that of ${arm.definition.name} is ${foundOrBuilt(arm)}`;

const foundOrBuilt = (arm: SeenArm): string => (foundCompiled(arm) ? 'found compiled in its cache' : buildWords(arm));

const NOTHING: Differing = { libseccomp: false, build: false, cache: false };
