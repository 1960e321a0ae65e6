import { BenchError } from '../../errors.js';
import type { Profile } from '../../model/profile/profile.js';
import type { ProfileSource } from '../../model/profile/source.js';
import { readNode } from '../exact.js';
import type { JsonMember, JsonNode } from '../json.js';
import { member, textOf } from './members.js';
import { withoutDockerKeys } from './oci.js';
import { disabling, notOurs, STANDARD_INPUT } from './refuse.js';
import { assertParsable, parseYaml, yamlParts } from './yaml.js';

/** Of the Security Profiles Operator; the versions differ in nothing that is read here. */
const GROUP = 'security-profiles-operator.x-k8s.io/';
const KIND = 'SeccompProfile';
const KIND_LINE = /^[ \t-]*["']?kind["']?[ \t]*:[ \t]*["']?([A-Za-z]+)["']?[ \t]*(?:#.*)?\r?$/gm;

/** How one of several profiles is chosen. */
export interface Choice {
  /** `metadata.name`; absent: the only one. */
  readonly profileName?: string;
  /** Takes a disabled one as "no seccomp". */
  readonly lenient: boolean;
}

/** A SeccompProfile object in its file. */
interface Found {
  readonly node: JsonNode;
  /** The path of the object in its document, with a dot at the end, or the empty text. */
  readonly path: string;
}

/** The kinds of the Kubernetes objects in a YAML text, as far as they can be told without parsing it. */
export const kindsIn = (text: string): readonly string[] => [...text.matchAll(KIND_LINE)].map(([, kind = '']) => kind);

/** In a message. */
const MOST_NAMED = 8;

const isProfileKind = (kind: string): boolean => kind === KIND || kind === `${KIND}List`;

/** The profile in a YAML stream of Kubernetes objects. Throws `input`. */
export function kubernetesYaml(text: string, name: string, choice: Choice): ProfileSource {
  const parts = yamlParts(text, name).filter((part) => kindsIn(part.text).some(isProfileKind));
  if (parts.length === 0) throw notOurs(name, /^defaultAction:/m.test(text) ? BARE : otherKind(kindsIn(text)[0]));
  assertParsable(parts, name);
  const documents = parts.map((part) => parseYaml(part, name));
  const found = documents.flatMap((document) => profilesIn(document, ''));
  // Of a ProfileRecording, the kind of the profile is a field of its spec.
  if (found.length === 0) throw notOurs(name, otherKind(documents.map((one) => textOf(one, 'kind'))[0]));
  return chosen(found, name, choice);
}

const BARE = { what: 'YAML without a Kubernetes object', hint: 'A profile alone is JSON: yq -o json converts it.' };

/** The profile in a Kubernetes object, which may be a list of them. Throws `input`. */
export function kubernetesJson(document: JsonNode, name: string, choice: Choice): ProfileSource {
  const found = profilesIn(document, '');
  if (found.length === 0) throw notOurs(name, otherKind(textOf(document, 'kind')));
  return chosen(found, name, choice);
}

/** Whether a document is a Kubernetes object of any kind. */
export const isKubernetes = (document: JsonNode): boolean =>
  textOf(document, 'apiVersion') !== undefined && textOf(document, 'kind') !== undefined;

function profilesIn(document: JsonNode, path: string): readonly Found[] {
  const kind = textOf(document, 'kind') ?? '';
  if (kind === KIND && (textOf(document, 'apiVersion') ?? '').startsWith(GROUP)) return [{ node: document, path }];
  const items = member(document, 'items');
  if (!kind.endsWith('List') || items?.kind !== 'array') return [];
  return items.items.flatMap((item, index) => profilesIn(item, `${path}items[${index}].`));
}

function otherKind(kind: string | undefined): { readonly what: string; readonly hint: string } {
  if (kind === undefined || kind === '')
    return { what: 'YAML without a Kubernetes object', hint: 'A profile is JSON, or a Kubernetes SeccompProfile.' };
  if (isProfileKind(kind))
    return {
      what: 'a SeccompProfile of an unknown group',
      hint: `Its apiVersion must begin with ${GROUP}`,
    };
  if (kind === 'ConfigMap')
    return { what: 'a Kubernetes ConfigMap', hint: 'If a profile is under its data, save that as a file of its own.' };
  const names = /^(?:Pod|Deployment|DaemonSet|StatefulSet|Job|CronJob|ReplicaSet)$/.test(kind);
  return {
    what: `a Kubernetes ${kind}`,
    hint: names
      ? 'It only names a profile (securityContext.seccompProfile); give that profile.'
      : `Of Kubernetes objects only a ${KIND} holds a profile.`,
  };
}

const nameOf = ({ node }: Found): string => textOf(member(node, 'metadata'), 'name') ?? '';

function chosen(found: readonly Found[], name: string, choice: Choice): ProfileSource {
  const { profileName } = choice;
  const matching = profileName === undefined ? found : found.filter((one) => nameOf(one) === profileName);
  const [one, another] = matching;
  if (one !== undefined && another === undefined) return sourceIn(one, name, choice.lenient);
  const names = found.slice(0, MOST_NAMED).map(nameOf).join(', ') + (found.length > MOST_NAMED ? ', ...' : '');
  if (one === undefined)
    throw new BenchError('input', `${name}: no SeccompProfile is named ${JSON.stringify(profileName)}`, {
      hint: `The file has: ${names}.`,
    });
  const file = profileName === undefined ? name : name.slice(0, name.lastIndexOf('#'));
  throw new BenchError('input', `${file} has ${found.length} SeccompProfiles: ${names}`, {
    hint: choiceHint(matching, file),
  });
}

/** How to choose one of several that `#NAME`, or nothing, leaves. */
function choiceHint(matching: readonly Found[], file: string): string {
  const named = matching.map(nameOf);
  const single = named.find((one) => one !== '' && named.indexOf(one) === named.lastIndexOf(one));
  if (single === undefined) return 'They have the same name: give one of them as a file of its own.';
  return `Choose one: ${file === STANDARD_INPUT ? 'save them as FILE, and give FILE' : file}#${single}`;
}

function sourceIn({ node, path }: Found, name: string, lenient: boolean): ProfileSource {
  const spec = member(node, 'spec') ?? { kind: 'null' };
  const base = `${path}spec`;
  if (!lenient && spec.kind === 'null') throw disabling(name, `it has no ${base}`);
  const parent = textOf(spec, 'baseProfileName');
  if (parent !== undefined && parent !== '')
    throw new BenchError(
      'input',
      `${name}: ${base}.baseProfileName is ${JSON.stringify(parent)}, a profile in a cluster that bench cannot see`,
      { hint: 'Add the rules of that profile to this file, and remove the key.' },
    );
  const disabled = member(spec, 'disabled');
  const isDisabled = disabled?.kind === 'boolean' && disabled.value;
  if (isDisabled && !lenient) throw disabling(name, `${base}.disabled is true, so the operator installs no profile`);
  const { node: stripped, ignored } = withoutDockerKeys(isDisabled ? { kind: 'null' } : spec, `${base}.`);
  const profile: Profile = readNode(withNumbers(stripped), name, base);
  return { kind: 'profile', form: 'kubernetes', name, profile, ignored };
}

/** The operator's type of `errnoRet` is a text; in a profile it is a number. */
function withNumbers(spec: JsonNode): JsonNode {
  const errno = ({ key, value }: JsonMember): JsonMember =>
    key === 'errnoRet' && value.kind === 'string' && /^\d+$/.test(value.value)
      ? { key, value: { kind: 'number', text: value.value } }
      : { key, value };
  const rule = (node: JsonNode): JsonNode =>
    node.kind === 'object' ? { kind: 'object', members: node.members.map(errno) } : node;
  const rules = ({ key, value }: JsonMember): JsonMember =>
    key === 'syscalls' && value.kind === 'array'
      ? { key, value: { kind: 'array', items: value.items.map(rule) } }
      : { key, value };
  return spec.kind === 'object' ? { kind: 'object', members: spec.members.map(rules) } : spec;
}
