import { BenchError, conflict, invalidValue, unknownName } from '../../errors.js';
import type { FilterForm } from '../../model/filter/form.js';
import type { FilterMaking } from '../../model/filter/filter-making.js';
import { ARM_POLICIES, contradictionIn } from '../../model/run/arms.js';
import type { Treatment } from '../../model/run/arms.js';
import type { ArmPolicy } from '../../model/run/scenario.js';

/** The keys of an arm, in the order in which they are told. */
const ARM_KEYS = ['profile', 'policy', 'runtime', 'libseccomp', 'form', 'build', 'first'] as const;
export type ArmKey = (typeof ARM_KEYS)[number];

const KEYS_HINT =
  `Keys are ${ARM_KEYS.slice(0, -1).join('=, ')}= and ${ARM_KEYS.at(-1) ?? ''}=, separated by commas; ` +
  'a file whose name looks like a key is written ./NAME.';
const FORMS: readonly FilterForm[] = ['plain', 'tree'];
const BUILDS = ['start', 'before'] as const;

/** Whether a text begins like `KEY=VALUE`, which no file does that is written with its folder. */
export const isKeyed = (text: string): boolean => /^[a-z]+=/i.test(text);

/** An arm's keys and values, each key once, no value empty. */
export type KeyedValues = Readonly<Partial<Record<ArmKey, string>>>;

/** `KEY=VALUE,KEY=VALUE`; a comma that no key follows belongs to the value. Throws `usage` that names `subject`. */
export function keyedValues(subject: string, text: string): KeyedValues {
  const values: Partial<Record<ArmKey, string>> = {};
  for (const piece of text.split(/,(?=[a-z]+=)/i)) {
    const equals = piece.indexOf('=');
    const [word, value] = [piece.slice(0, equals), piece.slice(equals + 1)];
    const key = ARM_KEYS.find((known) => known === word);
    if (key === undefined) throw unknownName(word, `a key of an arm (${subject})`, ARM_KEYS, { hint: KEYS_HINT });
    if (values[key] !== undefined) throw invalidValue(subject, 'every key once', `${key}= twice`, { hint: KEYS_HINT });
    if (value === '') throw invalidValue(subject, `a value after ${key}=`, `nothing in "${text}"`, { hint: KEYS_HINT });
    values[key] = value;
  }
  return values;
}

/** The treatment that keys stand for. Throws `usage` for wrong values, and for keys that contradict each other. */
export function treatmentOf(subject: string, values: KeyedValues): Treatment {
  const { runtime, libseccomp } = values;
  const making = makingOf(subject, values);
  const profile = values.profile === undefined ? undefined : profileWithPolicy(subject, values.profile);
  if (profile?.policy !== undefined && values.policy !== undefined)
    throw conflict(`${subject}: profile=FILE:POLICY`, 'policy=', { hint: 'Give the policy once.' });
  const policy = values.policy === undefined ? profile?.policy : policyOf(subject, values.policy, 'policy=');
  const isImplied = policy === undefined && (runtime === undefined || profile !== undefined);
  const treatment: Treatment = {
    policy: policy ?? 'host',
    ...(isImplied ? { impliedPolicy: true as const } : {}),
    ...(profile === undefined ? {} : { profile: profile.file }),
    ...(runtime === undefined ? {} : { runtime }),
    ...(making === undefined ? {} : { making }),
    ...(libseccomp === undefined ? {} : { libseccomp }),
  };
  refuseContradictions(subject, treatment);
  return treatment;
}

/** `FILE` or `FILE:POLICY`; the last colon counts. Throws `usage`. */
export function profileWithPolicy(
  subject: string,
  value: string,
): { readonly file: string; readonly policy?: ArmPolicy } {
  const colon = value.lastIndexOf(':');
  if (colon < 0) return { file: value };
  return { file: value.slice(0, colon), policy: policyOf(subject, value.slice(colon + 1), 'after the last colon') };
}

function policyOf(subject: string, given: string, place: string): ArmPolicy {
  const policy = ARM_POLICIES.find((known) => known === given);
  if (policy !== undefined) return policy;
  const wanted = `a policy of ${ARM_POLICIES.join(', ')}`;
  throw place === 'policy='
    ? invalidValue(`${subject}: ${place}`, wanted, `"${given}"`)
    : invalidValue(subject, `${wanted} ${place}`, `"${given}"`, {
        hint: 'The form is NAME=FILE[:POLICY], for example mine=my-profile.json:host.',
      });
}

function makingOf(subject: string, { form, build, first }: KeyedValues): FilterMaking | undefined {
  if (form === undefined && build === undefined && first === undefined) return undefined;
  const ownForm = form === undefined ? undefined : oneOf(`${subject}: form=`, FORMS, form);
  const ownBuild = build === undefined ? undefined : oneOf(`${subject}: build=`, BUILDS, build);
  return {
    ...(ownForm === undefined ? {} : { form: ownForm }),
    ...(ownBuild === 'before' ? { prebuilt: true as const } : {}),
    ...(first === undefined ? {} : { first: callsIn(`${subject}: first=`, first) }),
  };
}

/** `CALL,CALL`, each once. */
function callsIn(subject: string, list: string): readonly string[] {
  const names = list.split(',').map((name) => name.trim());
  const wrong = names.find((name, index) => !/^\w+$/.test(name) || names.indexOf(name) !== index);
  if (wrong === undefined) return names;
  throw invalidValue(subject, 'names of system calls, each once', `"${list}"`, { hint: 'first=futex,read,write' });
}

function oneOf<Word extends string>(subject: string, words: readonly Word[], given: string): Word {
  const word = words.find((known) => known === given);
  if (word !== undefined) return word;
  throw invalidValue(subject, words.join(' or '), `"${given}"`);
}

function refuseContradictions(subject: string, treatment: Treatment): void {
  const [one, other = ''] = contradictionIn(treatment) ?? [];
  if (one === undefined) return;
  throw conflict(`${subject}: ${one}=`, other, {
    hint:
      one === 'first'
        ? 'libseccomp sorts a tree by number and ignores priorities.'
        : 'Without seccomp no filter is built.',
  });
}

/** Two treatments as they were written; the same keys and values are no comparison. */
export function assertDifferent(a: KeyedValues, b: KeyedValues): void {
  // The same runtime twice is a comparison with itself on purpose.
  if (a.runtime !== undefined || ARM_KEYS.some((key) => a[key] !== b[key])) return;
  const text = ARM_KEYS.flatMap((key) => (a[key] === undefined ? [] : [`${key}=${a[key]}`])).join(',');
  throw new BenchError('usage', `--a and --b are the same: ${text}`, {
    hint: 'Give another value to one of them.',
  });
}
