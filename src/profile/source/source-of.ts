import { isUtf8 } from 'node:buffer';
import { BenchError } from '../../errors.js';
import { isDisabled } from '../../model/profile/profile.js';
import { FORM_NAMES } from '../../model/profile/source.js';
import type { FilterSource, ProfileSource, SourceForm } from '../../model/profile/source.js';
import { decodeText } from '../decode.js';
import { readPlain } from '../plain.js';
import { checkStrictly } from '../strict.js';
import { jsonSource } from './json-source.js';
import { kindsIn, kubernetesYaml } from './kubernetes.js';
import { looksLikePolicy, lxcSource } from './lxc.js';
import { base64Source, isPackedFilter, isUrlBase64Filter, looksLikeFilter, rawSource } from './raw.js';
import { disabling, FORMS_HINT, notOurs } from './refuse.js';
import { magicOf, textKind } from './sniff.js';
import type { Dialect } from '../../model/profile/seccomp.js';
import { formatCount } from '../../model/numbers.js';

/** How a file is read. */
export interface SourceOptions {
  /** As in {@link LoadOptions}; also takes `null` and `{}` as an explicit "no seccomp". */
  readonly lenient: boolean;
  /** The form that the user says it has; absent: told from the bytes. */
  readonly form?: SourceForm;
  /** Larger files are refused; absent: 16 MiB. */
  readonly maxBytes?: number;
  /** Which of several Kubernetes SeccompProfiles is meant, by `metadata.name`. */
  readonly profileName?: string;
  /** Whose reader a profile goes through, as in {@link LoadOptions}; absent: `moby`. */
  readonly dialect?: Dialect;
}

/** How a request reads its files, without what else it has. */
export const sourceOptions = ({ lenient, form, maxBytes, dialect }: SourceOptions): SourceOptions => ({
  lenient,
  ...(dialect === undefined ? {} : { dialect }),
  ...(form === undefined ? {} : { form }),
  ...(maxBytes === undefined ? {} : { maxBytes }),
});

/**
 * Tells the form of a file and reads it by that form's own rules. Throws `input` with one line: the file, the form it
 * has or seems to have, and in the hint what to do.
 */
export function sourceOf(bytes: Uint8Array, name: string, options: SourceOptions = { lenient: false }): FilterSource {
  const source = plainSource(bytes, name, options) ?? otherSource(bytes, name, options);
  if (source.kind !== 'profile') {
    assertOnly(source, options);
    return source;
  }
  if (source.form !== 'kubernetes') assertOnly(source, options);
  if (!options.lenient) assertEnabled(source);
  if (!options.lenient) checkStrictly(source.profile, options.dialect, BASES[source.form]);
  return source;
}

/** The profile of a source. Throws `input` for a filter that is built already, and for a policy of LXC's. */
export function profileIn(source: FilterSource): ProfileSource {
  if (source.kind === 'profile') return source;
  throw new BenchError('input', `${source.name} is ${FORM_NAMES[source.form]}, not a profile`, {
    hint: 'Give a profile, or use bench inspect, bench diff or bench percall, which also take filters.',
  });
}

/** Where a form has the profile, for the paths of faults. */
const BASES: Readonly<Record<ProfileSource['form'], string>> = {
  docker: '',
  oci: '',
  'oci-config': 'linux.seccomp.',
  kubernetes: 'spec.',
};

/** An ordinary profile, which most files are; `null` for every other file, and where another form is asked for. */
function plainSource(bytes: Uint8Array, name: string, { form }: SourceOptions): ProfileSource | null {
  if (form !== undefined && form !== 'docker' && form !== 'oci') return null;
  assertFewValues(bytes, name);
  const keys = new Set<string>();
  const profile = readPlain(bytes, name, keys);
  if (profile === null || isDisabled(profile)) return null;
  if (form === 'docker' || (form === undefined && keys.size > 0))
    return { kind: 'profile', form: 'docker', name, profile, ignored: [], dockerKeys: [...keys] };
  return keys.size > 0 ? null : { kind: 'profile', form: 'oci', name, profile, ignored: [] };
}

function otherSource(bytes: Uint8Array, name: string, options: SourceOptions): FilterSource {
  const { form } = options;
  if (form === 'bpf') return rawSource(bytes, name, 'bpf');
  const magic = magicOf(bytes);
  if (magic !== null) throw notOurs(name, magic);
  if (bytes.length === 0 || isBlank(bytes)) throw new BenchError('input', `${name} is empty`, { hint: FORMS_HINT });
  if (form === undefined && bytes.includes(0) && !beginsAsJson(bytes)) return binarySource(bytes, name);
  assertText(bytes, name);
  const text = decodeText(bytes);
  if (form === undefined) return textSource({ bytes, text }, name, options);
  if (form === 'bpf-base64') return base64Source(text, name);
  if (form === 'lxc-1' || form === 'lxc-2') return lxcAs(form, text, name);
  if (form === 'kubernetes' && !beginsAsJson(bytes)) return kubernetesYaml(text, name, options);
  return jsonSource(bytes, name, { ...options, form });
}

/** Bytes of 0 are in every filter, and in no text. */
function binarySource(bytes: Uint8Array, name: string): FilterSource {
  // In which byte order it may be read depends on the machine that it is for.
  if (looksLikeFilter(bytes) !== null) return rawSource(bytes, name, 'bpf');
  throw notOurs(name, { what: 'binary data of an unknown kind', hint: FORMS_HINT });
}

const HEAD = 16 * 1024;
const JSON_START = /^\s*(?:[{["/]|-?\d+\s*$|true\b|false\b|null\b)/;
const YAML_LINE = /^(?:---|%YAML|[A-Za-z_][\w.-]*:)(?:\s|$)/m;

function textSource(
  { bytes, text }: { readonly bytes: Uint8Array; readonly text: string },
  name: string,
  options: SourceOptions,
): FilterSource {
  const head = text.slice(0, HEAD);
  if (looksLikePolicy(head)) return lxcSource(text, name);
  const kind = textKind(head);
  if (kind !== null) throw notOurs(name, kind);
  if (JSON_START.test(head)) {
    const { form: _, ...reading } = options;
    return jsonSource(bytes, name, reading);
  }
  if (kindsIn(head).length > 0 || YAML_LINE.test(head)) return kubernetesYaml(text, name, options);
  if (isPackedFilter(text)) return base64Source(text, name);
  if (isUrlBase64Filter(text))
    throw notOurs(name, {
      what: 'a raw BPF filter in base64 for URLs',
      isOurs: true,
      hint: "crun reads the other alphabet only. Convert it, for example: tr -- '-_' '+/'",
    });
  if (/^\s*(?:[\da-f]{16}\s*)+$/i.test(text))
    throw notOurs(name, { what: 'hexadecimal text', hint: 'If it is a raw filter: xxd -r -p makes bytes of it.' });
  throw notOurs(name, { what: 'text of an unknown kind', hint: FORMS_HINT });
}

function lxcAs(form: 'lxc-1' | 'lxc-2', text: string, name: string): FilterSource {
  const source = lxcSource(text, name);
  if (source.form === form) return source;
  throw new BenchError('input', `${name} is ${FORM_NAMES[source.form]}, and --read-as says ${form}`, {
    hint: `Use --read-as ${source.form}, or leave it out.`,
  });
}

/** A name after # chooses among the profiles of a file that has several. */
function assertOnly({ name, form }: FilterSource, { profileName }: SourceOptions): void {
  if (profileName === undefined) return;
  throw new BenchError('input', `${name}: # chooses a Kubernetes SeccompProfile, and the file is ${FORM_NAMES[form]}`, {
    hint: 'Leave out # and the name.',
  });
}

function assertEnabled({ name, form, profile }: ProfileSource): void {
  if (!isDisabled(profile)) return;
  const place = form === 'oci-config' ? 'linux.seccomp' : form === 'kubernetes' ? 'spec' : 'it';
  throw disabling(name, `${place} has no default action and no rules`);
}

/** Text of that size is no profile, and would need many times its size in memory. */
const MOST_INVALID_BYTES = 1 << 20;

function assertText(bytes: Uint8Array, name: string): void {
  if (bytes.length <= MOST_INVALID_BYTES || isUtf8(bytes)) return;
  throw notOurs(name, { what: 'no UTF-8 text', hint: FORMS_HINT });
}

const MANY_BYTES = 1 << 20;
const MOST_VALUES = 500_000;

/** Bounds the memory that parsing takes: by the characters that begin values. */
function assertFewValues(bytes: Uint8Array, name: string): void {
  if (bytes.length <= MANY_BYTES) return;
  let count = 0;
  for (const octet of bytes) if (octet === 0x2c || octet === 0x5b || octet === 0x7b) count += 1;
  if (count <= MOST_VALUES) return;
  throw new BenchError('input', `${name} has more than ${formatCount(MOST_VALUES)} values`, {
    hint: 'No profile has that many.',
  });
}

const isSpace = (octet: number): boolean => octet === 0x20 || (octet >= 0x09 && octet <= 0x0d);
const isBlank = (bytes: Uint8Array): boolean => bytes.every(isSpace);

function beginsAsJson(bytes: Uint8Array): boolean {
  const first = bytes.find((octet) => !isSpace(octet));
  return first === 0x7b || first === 0x5b;
}
