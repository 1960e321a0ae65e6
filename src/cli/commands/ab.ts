import { basename } from 'node:path';
import type { Command } from 'commander';
import { BenchError, conflict, invalidValue, missing } from '../../errors.js';
import { CONTROL } from '../../model/run/arms.js';
import type { Treatment } from '../../model/run/arms.js';
import type { ArmDefinition, ArmPolicy } from '../../model/run/scenario.js';
import type { Act } from '../act.js';
import type { MeasuringPlan } from '../measure.js';
import { declareProfile, parseProfile } from '../options/conversion.js';
import type { RawProfile } from '../options/conversion.js';
import { assertDifferent, isKeyed, keyedValues, treatmentOf } from '../options/arm-keys.js';
import type { ArmKey, KeyedValues } from '../options/arm-keys.js';
import { NO_FINDINGS } from '../options/findings.js';
import { declareMeasuring, parseMeasuring } from '../options/measuring.js';
import type { RawMeasuring } from '../options/measuring.js';
import { finish, option } from '../options/option.js';
import { declareRevisions, parseRevisions, refuseCommands } from '../options/revisions.js';
import type { RawRevisions } from '../options/revisions.js';
import { declareDuet, parseDuet } from '../options/run.js';
import type { RawDuet } from '../options/run.js';
import { declareBlocks, declareRhythm, parseBlocks, parseRhythm } from '../options/scenario.js';
import type { RawBlocks, RawRhythm } from '../options/scenario.js';

export interface RawTreatments {
  /** Keys of an arm: `runtime=PATH`, `profile=FILE[:POLICY]`, `libseccomp=PATH` and so on. */
  readonly a?: string;
  readonly b?: string;
  readonly labelA?: string;
  readonly labelB?: string;
}

type RawAb = RawMeasuring & RawBlocks & RawRhythm & RawDuet & RawProfile & RawTreatments & RawRevisions;

/** A side of the comparison, and a name for it taken from that. */
interface Side {
  readonly name: string;
  readonly differs: Treatment;
}

const FORMS_HINT =
  'bench ab --a runtime=PATH --b runtime=PATH, the same with profile=, libseccomp=, form=, build= or first=, ' +
  'git:REVISION with --build, or -- COMMAND A --- COMMAND B';
const TREATMENTS =
  'runtime=PATH, profile=FILE[:POLICY], libseccomp=PATH, form=plain|tree, build=start|before, first=CALL,... or ' +
  'git:REVISION';

/** `bench ab`: two runtimes, profiles, commands or revisions, interleaved in one run, with a control of the first. */
export function declareAb(cli: Command, act: Act): void {
  const command = cli
    .command('ab')
    .summary('compare two runtimes, profiles, libseccomps, revisions or commands')
    .description(
      'compare two runtimes, two profiles, two libseccomps, two forms of a filter, two revisions of a git ' +
        'repository or two whole commands, interleaved in one run',
    )
    .argument('[commands...]', 'COMMAND A --- COMMAND B, after --')
    .addOption(option('--a <treatment>', `${TREATMENTS}; several are separated by commas`, 'common'))
    .addOption(option('--b <treatment>', 'the same kind, with another value', 'common'))
    .addOption(option('--label-a <name>', 'name of A (default: from its file or program)', 'common'))
    .addOption(option('--label-b <name>', 'name of B', 'common'));
  declareRevisions(command);
  declareBlocks(command, { preset: '500' });
  declareProfile(command);
  declareMeasuring(command);
  declareDuet(declareRhythm(command));
  finish(command, [
    'bench ab --a runtime=/usr/bin/runc --b runtime=/usr/bin/crun',
    "bench ab --a git:main --b git:HEAD --build 'make runc'",
  ]).action((words: readonly string[], raw: RawAb) =>
    act(async (io) => {
      const revisions = parseRevisions(raw);
      if (revisions !== null) {
        refuseCommands(words);
        const [a, b] = revisions.revisions.map((name) => shortName(name.replaceAll('/', '-')));
        const { measureRevisions } = await import('./ab-revisions.js');
        return measureRevisions(revisions, namesOf([a ?? '', b ?? ''], raw), (arms) => abPlan(arms, raw), io);
      }
      const plan = await abPlan(abArms(words, raw), raw);
      const { measure } = await import('../measure.js');
      return measure(plan, io);
    }),
  );
}

async function abPlan(arms: readonly ArmDefinition[], raw: RawAb): Promise<MeasuringPlan> {
  const options = parseMeasuring(raw);
  const shape = {
    count: parseBlocks(raw, options.stopping),
    ...parseProfile(raw),
    ...parseRhythm(raw),
    ...parseDuet(raw),
  };
  const { makeScenario } = await import('../../scenario/index.js');
  const base = makeScenario({ kind: 'sequential', ...shape, arms });
  const scenario = { ...base, name: base.name.replace('sequential', 'ab') };
  return { kind: 'run', options, scenario, findings: NO_FINDINGS };
}

/** The arms A and B by their names, and a control of A. Throws `usage`. */
export function abArms(words: readonly string[], raw: RawTreatments): readonly ArmDefinition[] {
  const [a, b] = sides(words, raw);
  const { a: nameA, b: nameB } = namesOf([a.name, b.name], raw);
  return [
    { name: nameA, ...a.differs },
    { name: nameB, ...b.differs },
    { name: CONTROL, ...a.differs, copyOf: nameA },
  ];
}

/** The names that were given, or those of the sides. Throws `usage`. */
function namesOf(
  [a, b]: readonly [string, string],
  { labelA, labelB }: Pick<RawTreatments, 'labelA' | 'labelB'>,
): { readonly a: string; readonly b: string } {
  const [first, second] = distinct(a, b);
  const names = { a: label('--label-a', labelA) ?? first, b: label('--label-b', labelB) ?? second };
  if (names.a === names.b) throw invalidValue('--label-b', `a name other than "${names.a}"`, `"${names.b}"`);
  return names;
}

const LABEL = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

function label(flag: string, name: string | undefined): string | undefined {
  if (name === undefined || (LABEL.test(name) && name !== CONTROL)) return name;
  throw invalidValue(
    flag,
    'a name of at most 64 letters, digits, ".", "_" and "-" that begins with a letter or digit',
    `"${name}"`,
    name === CONTROL ? { hint: `"${CONTROL}" is the name of the arm that repeats A.` } : {},
  );
}

/** Names that differ: where two files have the same name, `runc-a` and `runc-b`. */
function distinct(a: string, b: string): readonly [string, string] {
  return a === b || a === CONTROL || b === CONTROL ? [`${a}-a`, `${b}-b`] : [a, b];
}

function sides(words: readonly string[], { a, b }: RawTreatments): readonly [Side, Side] {
  if (words.length > 0) {
    if (a !== undefined || b !== undefined) throw conflict('--a and --b', 'a command', { hint: FORMS_HINT });
    return twoCommands(words);
  }
  if (a === undefined && b === undefined)
    throw new BenchError('usage', 'two things to compare are required', { hint: FORMS_HINT });
  if (a === undefined || b === undefined) throw missing(a === undefined ? '--a' : '--b', { hint: FORMS_HINT });
  const values = [valuesOf('--a', a), valuesOf('--b', b)] as const;
  const differs = [treatmentOf('--a', values[0]), treatmentOf('--b', values[1])] as const;
  if (
    (['runtime', 'profile'] as const).some((key) => (values[0][key] === undefined) !== (values[1][key] === undefined))
  )
    throw new BenchError('usage', `--a and --b must be two runtimes or two profiles, got ${a} and ${b}`, {
      hint: FORMS_HINT,
    });
  assertDifferent(...values);
  return [side(differs[0], values[0], values[1]), side(differs[1], values[1], values[0])];
}

function twoCommands(words: readonly string[]): readonly [Side, Side] {
  const at = words.indexOf('---');
  const [first, second] = [words.slice(0, Math.max(at, 0)), words.slice(at + 1)];
  if (at < 0 || first.length === 0 || second.length === 0)
    throw invalidValue('-- COMMAND', 'two commands with --- between them', `"${words.join(' ')}"`, {
      hint: FORMS_HINT,
    });
  const policy: ArmPolicy = 'unconfined';
  return [
    { name: shortName(first[0] ?? ''), differs: { policy, command: first } },
    { name: shortName(second[0] ?? ''), differs: { policy, command: second } },
  ];
}

function valuesOf(flag: string, text: string): KeyedValues {
  if (isKeyed(text)) return keyedValues(flag, text);
  throw invalidValue(flag, TREATMENTS, `"${text}"`, { hint: FORMS_HINT });
}

function side(differs: Treatment, own: KeyedValues, other: KeyedValues): Side {
  const { profile, runtime, impliedPolicy, policy } = differs;
  const file = profile === undefined ? [] : [shortName(profile.replace(/\.json$/, ''))];
  const chosen = profile === undefined || impliedPolicy === true ? [] : [policy];
  const named = [...(runtime === undefined ? [] : [shortName(runtime)]), ...file, ...chosen];
  // What both have is told by the report.
  const apart = (['policy', 'libseccomp', 'form', 'build', 'first'] as const).flatMap((key) => {
    const value = own[key];
    if (value === undefined || value === other[key] || (key === 'policy' && profile !== undefined)) return [];
    return [wordOf(key, value)];
  });
  return { name: [...named, ...apart].join('-').slice(0, LONGEST_NAME) || 'default', differs };
}

function wordOf(key: ArmKey, value: string): string {
  if (key === 'libseccomp') return shortName(value);
  if (key === 'first') return 'ordered';
  return key === 'build' ? `built-${BUILT[value] ?? value}` : value;
}

const BUILT: Readonly<Record<string, string>> = { start: 'at-start', before: 'before' };
/** Room for -a and -b. */
const LONGEST_NAME = 60;

/** The name of a file as part of a folder's name. */
function shortName(path: string): string {
  const name = basename(path)
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 40);
  return name === '' ? 'command' : name;
}
