import { createHash } from 'node:crypto';
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { BenchError } from '../../errors.js';
import type { BuiltRevisions } from '../../experiment/index.js';
import type { Io } from '../../model/io.js';
import { CONTROL } from '../../model/run/arms.js';
import type { ArmDefinition } from '../../model/run/scenario.js';
import { announcing } from '../context.js';
import type { MeasuringPlan } from '../measure.js';
import { treatmentOf } from '../options/arm-keys.js';
import type { KeyedValues } from '../options/arm-keys.js';
import type { RevisionOptions } from '../options/revisions.js';

type Tree = BuiltRevisions['trees'][number];

/** The arms of two revisions, by the names that they have where they were built. */
export interface RevisionNames {
  readonly a: string;
  readonly b: string;
}

/** Runtimes that are looked for where --built names none, and where their own builds put them. */
const RUNTIMES = ['runc', 'crun', 'youki', 'runsc'];
const PLACES = ['', 'bin', 'build', 'build/bin', 'target/release'];

/**
 * Builds two revisions and compares what they made; their trees are gone once it ends, however that is. `planOf` makes
 * the plan of the arms.
 */
export async function measureRevisions(
  options: RevisionOptions,
  names: RevisionNames,
  planOf: (arms: readonly ArmDefinition[]) => Promise<MeasuringPlan>,
  io: Io,
): Promise<number> {
  // What is wrong with other options is told before a build, which may take long.
  const draft = await planOf(draftArms(names));
  const { measure, measuringOutput } = await import('../measure.js');
  await measuringOutput(draft, io);
  const { resultsFolder, quiet } = draft.options.output;
  const told = announcing(io, { quiet });
  const [{ buildRevisions }, { say }] = await Promise.all([
    import('../../experiment/index.js'),
    import('../output/announce/say.js'),
  ]);
  await using built = await buildRevisions({
    revisions: options.revisions,
    command: options.command,
    cwd: io.cwd,
    logs: resolve(io.cwd, resultsFolder),
    env: io.env,
    signal: io.signal,
    notify: ({ given, commit, build }) => {
      if (build !== null) say(told, '', `building git:${given} (commit ${commit.slice(0, 10)}): ${build}`);
    },
  });
  const [first, second] = built.trees;
  if (first === undefined || second === undefined) throw new RangeError('two revisions give two trees');
  const values = [first, second].map((tree) => valuesIn(tree, options.built));
  if (isSame(values[0] ?? {}, values[1] ?? {}))
    say(io, '', 'both builds made the same bytes: a difference between them can only be noise');
  return await measure(await planOf(armsOf(names, [first, second], values)), io);
}

const draftArms = ({ a, b }: RevisionNames): readonly ArmDefinition[] => [
  { name: a, policy: 'host' },
  { name: b, policy: 'host' },
  { name: CONTROL, policy: 'host', copyOf: a },
];

function armsOf(
  { a, b }: RevisionNames,
  [first, second]: readonly [Tree, Tree],
  values: readonly KeyedValues[],
): readonly ArmDefinition[] {
  const treatments = [
    { ...treatmentOf('--built', values[0] ?? {}), revision: first.revision },
    { ...treatmentOf('--built', values[1] ?? {}), revision: second.revision },
  ] as const;
  return [
    { name: a, ...treatments[0] },
    { name: b, ...treatments[1] },
    { name: CONTROL, ...treatments[0], copyOf: a },
  ];
}

/** The keys of an arm with the paths in its tree. Throws `runFailed` where the build did not make them. */
function valuesIn(tree: Tree, built: KeyedValues | null): KeyedValues {
  if (built === null) return { runtime: runtimeIn(tree) };
  const { runtime, profile, libseccomp } = built;
  return {
    ...built,
    ...(runtime === undefined ? {} : { runtime: madeIn(tree, runtime, 'program') }),
    ...(libseccomp === undefined ? {} : { libseccomp: madeIn(tree, libseccomp, 'file') }),
    ...(profile === undefined ? {} : { profile: profileIn(tree, profile) }),
  };
}

/** The policy after the last colon stays. */
function profileIn(tree: Tree, value: string): string {
  const colon = value.lastIndexOf(':');
  return colon < 0
    ? madeIn(tree, value, 'file')
    : `${madeIn(tree, value.slice(0, colon), 'file')}${value.slice(colon)}`;
}

function madeIn({ folder, revision }: Tree, path: string, what: 'file' | 'program'): string {
  const made = join(folder, path);
  if (what === 'program' ? isProgram(made) : isFile(made)) return made;
  const { given, commit, build } = revision;
  const where = `git:${given} (commit ${commit.slice(0, 10)})`;
  const message = build === null ? `${where} has no ${what} ${path}` : `the build of ${where} made no ${what} ${path}`;
  throw new BenchError('runFailed', message, { hint: 'Give the path from the folder in which the build runs.' });
}

function runtimeIn({ folder, revision }: Tree): string {
  const found = PLACES.flatMap((place) => RUNTIMES.map((name) => join(folder, place, name))).filter(isProgram);
  const [one] = found;
  if (one !== undefined && found.length === 1) return one;
  const { given, commit } = revision;
  const names = found.map((path) => relative(folder, path)).join(', ');
  throw new BenchError(
    'runFailed',
    one === undefined
      ? `the build of git:${given} (commit ${commit.slice(0, 10)}) made none of ${RUNTIMES.join(', ')}`
      : `the build of git:${given} (commit ${commit.slice(0, 10)}) made several runtimes: ${names}`,
    { hint: 'Name what it makes: --built runtime=PATH, with the path from the folder in which the build runs.' },
  );
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

function isProgram(path: string): boolean {
  if (!isFile(path)) return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whether all files of both sides are the same, byte for byte. */
const isSame = (a: KeyedValues, b: KeyedValues): boolean =>
  (['runtime', 'libseccomp', 'profile'] as const).every((key) => hashOf(a[key]) === hashOf(b[key]));

function hashOf(path: string | undefined): string | null {
  if (path === undefined) return null;
  const file = isFile(path) ? path : path.slice(0, path.lastIndexOf(':'));
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
