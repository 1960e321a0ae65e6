import type { OddKey, Profile } from './profile.js';

/** The forms in which people have a filter, or the rules for one. Each is read by its own rules. */
export const SOURCE_FORMS = [
  'docker',
  'oci',
  'oci-config',
  'kubernetes',
  'lxc-1',
  'lxc-2',
  'bpf',
  'bpf-base64',
] as const;
/** A form, by its short name. */
export type SourceForm = (typeof SOURCE_FORMS)[number];

/** The policy of arms with the runtime's own profile, and the name of that treatment. */
export const RUNTIME_DEFAULT = 'runtime-default';

/** What a form is called in a sentence: `read as a Docker profile`. */
export const FORM_NAMES: Readonly<Record<SourceForm | typeof RUNTIME_DEFAULT, string>> = {
  docker: 'a Docker profile',
  oci: 'an OCI linux.seccomp object',
  'oci-config': 'an OCI config.json',
  kubernetes: 'a Kubernetes SeccompProfile',
  'lxc-1': 'an LXC policy, version 1',
  'lxc-2': 'an LXC policy, version 2',
  bpf: 'a raw BPF filter',
  'bpf-base64': 'a raw BPF filter in base64',
  [RUNTIME_DEFAULT]: "the runtime's own profile",
};

/** Rules as JSON or YAML. */
export interface ProfileSource {
  readonly kind: 'profile';
  readonly form: 'docker' | 'oci' | 'oci-config' | 'kubernetes';
  /** As the user named it, for messages. */
  readonly name: string;
  /**
   * What that form's reader makes of the file: in an OCI form or Kubernetes' there is no `archMap`, no `includes` and
   * no `excludes`, even where the file has such keys.
   */
  readonly profile: Profile;
  /** Keys that this form's reader ignores although another form knows them, with the reason. */
  readonly ignored: readonly OddKey[];
  /** Of a Docker profile: the names of its keys that an OCI runtime would ignore. */
  readonly dockerKeys?: readonly string[];
}

/** An action of an LXC policy. */
export interface LxcAction {
  /** As in an OCI spec, SCMP_ACT_ERRNO. */
  readonly action: string;
  /** Of `errno N`. */
  readonly errnoRet?: number;
}

/** One rule line of an LXC policy. */
export interface LxcRule {
  /** The line in the file, from 1. */
  readonly line: number;
  /**
   * The section it stands in, as written: `all`, `x86_64`. Before the first section: `all`. In version 1, which has no
   * sections and is for the native architecture: the empty text.
   */
  readonly section: string;
  /** A call's name as written; in version 1 its number in digits. */
  readonly call: string;
  /** As written; without one: what the policy's kind gives a rule (`allow`: ALLOW, `deny`: KILL). */
  readonly action: LxcAction;
  /** `[index,value,op]` or `[index,value,op,mask]`, as an OCI spec has them: of a MASKED_EQ, `value` is the mask. */
  readonly args: readonly {
    readonly index: number;
    readonly value: bigint;
    readonly valueTwo: bigint;
    readonly op: string;
  }[];
}

/** An LXC policy file (lxc.seccomp.profile). */
export interface LxcPolicy {
  readonly version: 1 | 2;
  readonly kind: 'allow' | 'deny';
  /** What a call gets that is not listed: as written; without one KILL (`allow`) or ALLOW (`deny`). */
  readonly defaultAction: LxcAction;
  readonly rules: readonly LxcRule[];
  /** Lines with a word of their own, such as `reject_force_umount`. */
  readonly words: readonly { readonly line: number; readonly section: string; readonly word: string }[];
}

/** An LXC policy, which only LXC loads. */
export interface LxcSource {
  readonly kind: 'lxc';
  readonly form: 'lxc-1' | 'lxc-2';
  readonly name: string;
  readonly policy: LxcPolicy;
  /** The file, byte for byte. */
  readonly text: string;
}

/** A filter that is built already. */
export interface RawSource {
  readonly kind: 'raw';
  readonly form: 'bpf' | 'bpf-base64';
  readonly name: string;
  /**
   * struct sock_filter, 8 bytes each, in the byte order of the machine it is for. Whether a kernel accepts it is not
   * yet checked.
   */
  readonly filter: Buffer;
}

/** The profile that a runtime has of its own, which only it knows (Kubernetes' RuntimeDefault). */
export interface RuntimeDefaultSource {
  readonly kind: 'runtimeDefault';
  readonly form: typeof RUNTIME_DEFAULT;
  readonly name: string;
}

/** What an engine gets as it is: there is no spec to convert. */
export type GivenSource = LxcSource | RawSource | RuntimeDefaultSource;

/** What an arm loads: what a file holds, or the runtime's own profile. */
export type ArmSource = FilterSource | RuntimeDefaultSource;

/** The form of what an engine gets as it is. */
export type GivenForm = GivenSource['form'];

/** A filter, or the rules for one, in one of the forms. */
export type FilterSource = ProfileSource | LxcSource | RawSource;

/** Whether readers of two forms make different things of a file, so that its form is worth a line. */
export const isTold = (source: FilterSource): boolean =>
  source.kind !== 'profile' ||
  (source.form !== 'docker' && source.form !== 'oci') ||
  source.ignored.length + (source.dockerKeys ?? []).length > 0;
