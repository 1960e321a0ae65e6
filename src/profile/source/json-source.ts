import type { ProfileSource } from '../../model/profile/source.js';
import { readExact } from '../exact.js';
import { parseJson } from '../json.js';
import type { JsonNode } from '../json.js';
import { foldKey } from '../strings.js';
import { isKubernetes, kubernetesJson } from './kubernetes.js';
import type { Choice } from './kubernetes.js';
import { hasRules, member, step } from './members.js';
import { withoutDockerKeys } from './oci.js';
import { disabling, notOurs } from './refuse.js';
import type { Mistaken } from './refuse.js';

type JsonForm = 'docker' | 'oci' | 'oci-config' | 'kubernetes';

interface JsonReading extends Choice {
  readonly lenient: boolean;
  readonly form?: JsonForm;
  /** The bytes of the text, for a reader that decodes them otherwise. */
  readonly bytes: Uint8Array;
}

/** Reads a JSON text in one of the forms of a profile. Throws `input`, by the name of what it is instead. */
export function jsonSource(text: string, name: string, reading: JsonReading): ProfileSource {
  const document = parseJson(text, name);
  const form = reading.form ?? formOf(document, name, reading.lenient);
  if (form === 'kubernetes') return kubernetesJson(document, name, reading);
  if (form === 'oci-config') return configSource(text, document, name);
  if (document.kind !== 'object' && document.kind !== 'null') throw notOurs(name, otherValue(document));
  if (!hasRules(document) && reading.form !== undefined) assertEmpty(document, name, reading.lenient);
  return bareSource(text, document, name, { ...reading, form });
}

/** A profile that stands alone. With keys of Docker's it is Docker's; without them both forms mean the same. */
function bareSource(
  text: string,
  document: JsonNode,
  name: string,
  { form, bytes }: { readonly form: 'docker' | 'oci' | undefined; readonly bytes: Uint8Array },
): ProfileSource {
  const { ignored, names } = withoutDockerKeys(document, '');
  if (form === 'docker' || (form === undefined && names.length > 0)) {
    const profile = readExact(text, name, (node) => node, '', bytes);
    return { kind: 'profile', form: 'docker', name, profile, ignored: [], dockerKeys: names };
  }
  const profile = readExact(text, name, (node) => withoutDockerKeys(node, '').node, '', bytes);
  return { kind: 'profile', form: 'oci', name, profile, ignored };
}

const CONFIG_PATH = 'linux.seccomp';

/** The profile of a whole config.json, null where it has none. */
function configSource(text: string, document: JsonNode, name: string): ProfileSource {
  const seccomp = (node: JsonNode): JsonNode => member(member(node, 'linux'), 'seccomp') ?? { kind: 'null' };
  const base = `${CONFIG_PATH}.`;
  const profile = readExact(text, name, (node) => withoutDockerKeys(seccomp(node), base).node, CONFIG_PATH);
  return {
    kind: 'profile',
    form: 'oci-config',
    name,
    profile,
    ignored: withoutDockerKeys(seccomp(document), base).ignored,
  };
}

/** `undefined`: a bare profile. Throws `input` for a document that is none of ours. */
function formOf(document: JsonNode, name: string, lenient: boolean): JsonForm | undefined {
  if (document.kind === 'object' && hasRules(document)) return undefined;
  if (isKubernetes(document)) return 'kubernetes';
  if (isConfig(document)) return 'oci-config';
  assertEmpty(document, name, lenient);
  return undefined;
}

const isConfig = (document: JsonNode): boolean =>
  member(document, 'ociVersion') !== undefined ||
  (member(document, 'process') !== undefined &&
    member(document, 'root') !== undefined &&
    member(document, 'linux') !== undefined);

const PROFILE_KEYS: ReadonlySet<string> = new Set(
  'defaultAction defaultErrnoRet architectures archMap flags listenerPath listenerMetadata syscalls'
    .split(' ')
    .map(foldKey),
);

/** Refuses a document without rules, by what it is; with `lenient` one that only says "no seccomp" is taken. */
function assertEmpty(document: JsonNode, name: string, lenient: boolean): void {
  if (document.kind === 'null') {
    if (lenient) return;
    throw disabling(name, 'it is null');
  }
  if (document.kind !== 'object') throw notOurs(name, otherValue(document));
  if (document.members.every(({ key }) => PROFILE_KEYS.has(foldKey(key)))) {
    if (lenient) return;
    throw disabling(name, 'it has no default action and no rules');
  }
  throw notOurs(name, otherObject(document));
}

function otherValue(document: JsonNode): Mistaken {
  if (document.kind !== 'array') return { what: `a JSON ${document.kind}`, hint: 'A profile is a JSON object.' };
  const [first] = document.items;
  if (first?.kind === 'object' && member(first, 'HostConfig') !== undefined)
    return {
      what: 'the output of docker inspect',
      hint: 'It names the profile of the container. bench inspect --engine docker --container ID reads its filter.',
    };
  const path = first === undefined ? null : wrappedIn(document);
  return path === null ? { what: 'a JSON array', hint: 'A profile is a JSON object.' } : wrapped('a JSON array', path);
}

function otherObject(document: JsonNode & { readonly kind: 'object' }): Mistaken {
  if (document.members.some(({ value }) => isFirecracker(value)) || isFirecracker(document))
    return {
      what: "a filter of Firecracker's seccompiler",
      hint: 'Compile it with seccompiler-bin, and give bench one of the BPF filters that this makes.',
    };
  if (member(document, 'HostConfig') !== undefined && member(document, 'State') !== undefined)
    return otherValue({ kind: 'array', items: [document] });
  const path = wrappedIn(document);
  if (path !== null) return wrapped('a JSON object around a profile', path);
  return {
    what: 'JSON with neither "defaultAction" nor "syscalls"',
    hint: 'A profile has both: see docs.docker.com/engine/security/seccomp or the OCI runtime specification.',
  };
}

const wrapped = (what: string, path: string): Mistaken => ({
  what: `${what}: the profile is at ${path}`,
  hint: `Take it out, for example with jq '.${path}' FILE`,
});

const isFirecracker = (node: JsonNode): boolean =>
  member(node, 'filter')?.kind === 'array' &&
  (member(node, 'default_action') !== undefined || member(node, 'filter_action') !== undefined);

const MOST_LEVELS = 8;
const MOST_LOOKED_AT = 10_000;

/** The path of the first profile inside a document, level by level. */
function wrappedIn(document: JsonNode): string | null {
  let level: readonly { readonly node: JsonNode; readonly path: string }[] = [{ node: document, path: '' }];
  let seen = 0;
  for (let depth = 0; depth < MOST_LEVELS && level.length > 0; depth += 1) {
    const found = level.find(({ node }) => node.kind === 'object' && isProfile(node));
    if (found !== undefined) return found.path;
    level = level.slice(0, MOST_LOOKED_AT).flatMap(({ node, path }) => inside(node, path));
    seen += level.length;
    if (seen > MOST_LOOKED_AT) return null;
  }
  return null;
}

/** More than a key of one name: other documents have a default action, too. */
const isProfile = (node: JsonNode): boolean => {
  const action = member(node, 'defaultAction');
  return (
    (action?.kind === 'string' && action.value.startsWith('SCMP_ACT_')) || member(node, 'syscalls')?.kind === 'array'
  );
};

function inside(node: JsonNode, path: string): readonly { readonly node: JsonNode; readonly path: string }[] {
  if (node.kind === 'array') return node.items.map((item, index) => ({ node: item, path: `${path}[${index}]` }));
  if (node.kind !== 'object') return [];
  return node.members.map(({ key, value }) => ({
    node: value,
    path: path === '' ? step(key) : `${path}.${step(key)}`,
  }));
}
