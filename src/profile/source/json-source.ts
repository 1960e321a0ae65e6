import { BenchError } from '../../errors.js';
import type { OddKey } from '../../model/profile/profile.js';
import type { Dialect } from '../../model/profile/seccomp.js';
import type { ProfileSource } from '../../model/profile/source.js';
import { decodeText } from '../decode.js';
import { readExact } from '../exact.js';
import { readAsIsulad } from '../isulad/read.js';
import { ISULAD_GRAMMAR, isuladText } from '../isulad/text.js';
import { parseJson } from '../json.js';
import type { JsonNode } from '../json.js';
import { foldKey } from '../strings.js';
import { isKubernetes, kubernetesJson } from './kubernetes.js';
import type { Choice } from './kubernetes.js';
import { hasRules, member, step } from './members.js';
import { withoutDockerKeys } from './oci.js';
import { isPackedFilter } from './raw.js';
import { disabling, FORMS_HINT, notOurs, wrapped } from './refuse.js';
import type { Mistaken } from './refuse.js';

type JsonForm = 'docker' | 'oci' | 'oci-config' | 'kubernetes';

interface JsonReading extends Choice {
  readonly lenient: boolean;
  /** Whose reader a profile goes through. */
  readonly dialect?: Dialect;
  readonly form?: JsonForm;
}

/** How each dialect parses a file, and reads a profile in it. */
const PARSERS: Readonly<Record<Dialect, (bytes: Uint8Array, name: string) => JsonNode>> = {
  moby: (bytes, name) => parseJson(decodeText(bytes), name),
  isulad: (bytes, name) => parseJson(isuladText(bytes, name), name, ISULAD_GRAMMAR),
};
const READERS = { moby: readExact, isulad: readAsIsulad } as const;

interface Parsed {
  readonly bytes: Uint8Array;
  readonly document: JsonNode;
  readonly read: typeof readExact;
}

/** Reads a JSON text in one of the forms of a profile. Throws `input`, by the name of what it is instead. */
export function jsonSource(bytes: Uint8Array, name: string, reading: JsonReading): ProfileSource {
  const { dialect = 'moby' } = reading;
  const document = PARSERS[dialect](bytes, name);
  const read = READERS[dialect];
  const form = reading.form ?? formOf(document, name, reading.lenient);
  if (form === 'kubernetes') return kubernetesJson(document, name, reading);
  if (form === 'oci-config') return configSource({ bytes, document, read }, name, reading.lenient);
  if (document.kind !== 'object' && document.kind !== 'null') throw otherValue(document, name);
  if (!hasRules(document) && reading.form !== undefined) assertEmpty(document, name, reading.lenient);
  return bareSource({ bytes, document, read }, name, form);
}

/** A profile that stands alone. With keys of Docker's it is Docker's; without them both forms mean the same. */
function bareSource(
  { bytes, document, read }: Parsed,
  name: string,
  form: 'docker' | 'oci' | undefined,
): ProfileSource {
  const { ignored, names } = withoutDockerKeys(document, '');
  if (form === 'docker' || (form === undefined && names.length > 0)) {
    const profile = read(bytes, name);
    return { kind: 'profile', form: 'docker', name, profile, ignored: [], dockerKeys: names };
  }
  const profile = read(bytes, name, (node) => withoutDockerKeys(node, '').node);
  return { kind: 'profile', form: 'oci', name, profile, ignored };
}

const CONFIG_PATH = 'linux.seccomp';
/** Source: crun(1), "run.oci.seccomp_bpf_data". */
const ANNOTATION = 'run.oci.seccomp_bpf_data';

const GIVEN_FILTER: OddKey = {
  path: `annotations.${JSON.stringify(ANNOTATION)}`,
  reason: `only crun reads it, and loads that filter instead of ${CONFIG_PATH}`,
};

/** The profile of a whole config.json, null where it has none. */
function configSource({ bytes, document, read }: Parsed, name: string, lenient: boolean): ProfileSource {
  const seccomp = (node: JsonNode): JsonNode => member(member(node, 'linux'), 'seccomp') ?? { kind: 'null' };
  if (!lenient && seccomp(document).kind === 'null') throw disabling(name, `it has no ${CONFIG_PATH}`);
  const base = `${CONFIG_PATH}.`;
  const profile = read(bytes, name, (node) => withoutDockerKeys(seccomp(node), base).node, CONFIG_PATH);
  const { ignored } = withoutDockerKeys(seccomp(document), base);
  const given = member(member(document, 'annotations'), ANNOTATION) === undefined ? [] : [GIVEN_FILTER];
  return { kind: 'profile', form: 'oci-config', name, profile, ignored: [...ignored, ...given] };
}

/** `undefined`: a bare profile. Throws `input` for a document that is none of ours. */
function formOf(document: JsonNode, name: string, lenient: boolean): JsonForm | undefined {
  if (document.kind === 'object' && hasRules(document)) {
    assertOne(document, name);
    return undefined;
  }
  if (isKubernetes(document)) return 'kubernetes';
  if (isConfig(document)) return 'oci-config';
  assertEmpty(document, name, lenient);
  return undefined;
}

/** Refuses a config.json or Kubernetes object that has rules of a profile beside its own. */
function assertOne(document: JsonNode, name: string): void {
  const inner =
    isKubernetes(document) && hasRules(member(document, 'spec') ?? { kind: 'null' })
      ? (['spec', 'kubernetes'] as const)
      : hasRules(member(member(document, 'linux'), 'seccomp') ?? { kind: 'null' })
        ? ([CONFIG_PATH, 'oci-config'] as const)
        : null;
  if (inner === null) return;
  throw new BenchError('input', `${name} has two profiles: one at its top level and one at ${inner[0]}`, {
    hint: `--read-as docker reads the first, --read-as ${inner[1]} the second.`,
  });
}

const isConfig = (document: JsonNode): boolean =>
  (member(document, 'ociVersion') !== undefined && !isState(document)) ||
  (member(document, 'process') !== undefined &&
    member(document, 'root') !== undefined &&
    member(document, 'linux') !== undefined);

/** What `runc state` prints, which has no rules. */
const isState = (document: JsonNode): boolean =>
  member(document, 'status') !== undefined && member(document, 'bundle') !== undefined;

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
  if (document.kind !== 'object') throw otherValue(document, name);
  if (document.members.every(({ key }) => PROFILE_KEYS.has(foldKey(key)))) {
    if (lenient) return;
    throw disabling(name, 'it has no default action and no rules');
  }
  throw otherObject(document, name);
}

/** The error for a JSON value that is no object. */
function otherValue(document: JsonNode, name: string): BenchError {
  if (document.kind === 'string' && isPackedFilter(document.value))
    return notOurs(name, {
      what: 'a raw BPF filter in base64 with quotes around it',
      isOurs: true,
      hint: 'Remove the quotes.',
    });
  if (document.kind !== 'array')
    return notOurs(name, { what: `a JSON ${document.kind}`, hint: 'A profile is a JSON object.' });
  const [first] = document.items;
  if (first?.kind === 'object' && member(first, 'HostConfig') !== undefined) return notOurs(name, DOCKER_INSPECT);
  const path = wrappedIn(document);
  if (path !== null) return wrapped(name, path);
  return notOurs(name, { what: 'a JSON array', hint: 'A profile is a JSON object.' });
}

const DOCKER_INSPECT: Mistaken = {
  what: 'the output of docker inspect',
  hint: 'To read the filter of a running container: bench inspect --engine docker --container ID',
};

/** The error for a JSON object that is none of ours. */
function otherObject(document: JsonNode & { readonly kind: 'object' }, name: string): BenchError {
  if (document.members.some(({ value }) => isFirecracker(value)) || isFirecracker(document))
    return notOurs(name, {
      what: "JSON for Firecracker's seccompiler",
      hint: 'Compile it with seccompiler-bin, and give bench one of the BPF filters that this makes.',
    });
  if (member(document, 'HostConfig') !== undefined && member(document, 'State') !== undefined)
    return notOurs(name, DOCKER_INSPECT);
  if (member(document, ANNOTATION) !== undefined)
    return notOurs(name, {
      what: `JSON with the annotation ${ANNOTATION}`,
      hint: `Give its value alone, for example: jq -r '.${JSON.stringify(ANNOTATION)}'`,
    });
  if (member(document, 'ociVersion') !== undefined && isState(document))
    return notOurs(name, {
      what: 'the state of a container',
      hint: "Give the config.json in its bundle, or read the container's filter: bench inspect --runtime runc \
--container ID",
    });
  const path = wrappedIn(document);
  if (path !== null) return wrapped(name, path);
  return new BenchError('input', `${name} is not a profile: it has neither "defaultAction" nor "syscalls"`, {
    hint: FORMS_HINT,
  });
}

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
