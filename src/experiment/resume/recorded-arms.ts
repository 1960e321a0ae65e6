import { NO_NAMES, serialiseSpec } from '../../convert/index.js';
import { BenchError } from '../../errors.js';
import type { Profile } from '../../model/profile/profile.js';
import type { SeccompSpec } from '../../model/profile/seccomp.js';
import { RUNTIME_DEFAULT } from '../../model/profile/source.js';
import type { ArmSource, FilterSource } from '../../model/profile/source.js';
import type { ArmEvidence, GivenEvidence } from '../../model/run/evidence.js';
import type { ArmDefinition } from '../../model/run/scenario.js';
import { lxcSource, sourceOf } from '../../profile/index.js';
import { readUsedSpec } from '../../results/index.js';
import type { ArmSources, ConvertedArm } from '../arms/convert.js';

/** The arms of a run that is resumed, from the results folder itself: the files they were made of may be gone. */
export interface RecordedArms {
  readonly sources: ArmSources;
  readonly converted: readonly ConvertedArm[];
}

/** Reads specs/ of a results folder. Throws `input` where a file is missing or is not what the evidence tells. */
export function recordedArms(
  folder: string,
  arms: readonly ArmDefinition[],
  evidence: readonly ArmEvidence[],
): RecordedArms {
  const sources = new Map<string, FilterSource>();
  const converted = arms.map((definition): ConvertedArm => {
    const given = evidence.find(({ arm }) => arm === definition.name)?.given;
    const { source, spec } = given === undefined ? specIn(folder, definition) : givenIn(folder, definition, given);
    if (source !== null && source.kind !== 'runtimeDefault') sources.set(definition.name, source);
    return { definition, source, spec, convert: () => spec };
  });
  return { sources, converted };
}

type Treatment = Pick<ConvertedArm, 'source' | 'spec'>;

function specIn(folder: string, { name }: ArmDefinition): Treatment {
  const { path, bytes } = readUsedSpec(folder, { arm: name, kind: 'spec' });
  if (bytes.toString() === 'null') return { source: null, spec: null };
  const source = sourceOf(bytes, path, { form: 'oci', lenient: true });
  const spec = source.kind === 'profile' ? specOf(source.profile) : null;
  if (source.kind === 'profile' && serialiseSpec(spec) === bytes.toString()) return { source, spec };
  throw new BenchError('input', `${path} is not a spec as this version of bench writes it`, {
    hint: 'Use the version that wrote these results, or restore the file from a copy.',
  });
}

/** The same spec: what is in a spec that a runtime was given applies as it is. */
const specOf = (profile: Profile): SeccompSpec => ({
  defaultAction: profile.defaultAction ?? '',
  ...(profile.defaultErrnoRet === null ? {} : { defaultErrnoRet: profile.defaultErrnoRet }),
  ...(profile.architectures.length === 0 ? {} : { architectures: profile.architectures }),
  ...(profile.flags.length === 0 ? {} : { flags: profile.flags }),
  ...(profile.listenerPath === '' ? {} : { listenerPath: profile.listenerPath }),
  ...(profile.listenerMetadata === '' ? {} : { listenerMetadata: profile.listenerMetadata }),
  syscalls: profile.syscalls.map(({ names, action, errnoRet, args }) => ({
    names: names ?? NO_NAMES,
    action: action ?? '',
    ...(errnoRet === null ? {} : { errnoRet }),
    args: args.map(({ op, ...own }) => ({ ...own, op: op ?? '' })),
  })),
});

function givenIn(folder: string, { name }: ArmDefinition, { kind, form, name: file }: GivenEvidence): Treatment {
  if (kind === 'runtimeDefault') return { source: { kind, form: RUNTIME_DEFAULT, name: RUNTIME_DEFAULT }, spec: null };
  const { bytes } = readUsedSpec(folder, { arm: name, kind });
  const source: ArmSource =
    kind === 'lxc'
      ? lxcSource(bytes.toString(), file)
      : { kind, form: form === 'bpf-base64' ? form : 'bpf', name: file, filter: bytes };
  return { source, spec: null };
}
