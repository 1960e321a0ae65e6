import { BenchError } from '../../errors.js';
import { FORM_NAMES } from '../../model/profile/source.js';
import type { FilterSource, ProfileSource, SourceForm } from '../../model/profile/source.js';
import type { Dialect } from '../../model/profile/seccomp.js';
import { loadProfile } from '../load.js';

/** How a file is read. */
export interface SourceOptions {
  /** As in {@link LoadOptions}; also takes `null` and `{}` as an explicit "no seccomp". */
  readonly lenient: boolean;
  /** The form that the user says it has; absent: told from the bytes. */
  readonly form?: SourceForm;
  /** Whose reader a profile goes through, as in {@link LoadOptions}; absent: `moby`. */
  readonly dialect?: Dialect;
}

const INSTRUCTION_BYTES = 8;

/**
 * Tells the form of a file and reads it by that form's own rules. Throws `input` with one line: the file, the form it
 * has or seems to have, and in the hint what to do.
 */
export function sourceOf(bytes: Uint8Array, name: string, options: SourceOptions = { lenient: false }): FilterSource {
  if (options.form === 'bpf' || (options.form === undefined && looksRaw(bytes))) return rawSource(bytes, name);
  const profile = loadProfile(bytes, name, { ...options, config: true });
  return { kind: 'profile', form: 'docker', name, profile, ignored: [] };
}

/** The profile of a source. Throws `input` for a filter that is built already, and for a policy of LXC's. */
export function profileIn(source: FilterSource): ProfileSource {
  if (source.kind === 'profile') return source;
  throw new BenchError('input', `${source.name} is ${FORM_NAMES[source.form]}, not a profile`, {
    hint: 'Give a profile, or use bench inspect, bench diff or bench percall, which also take filters.',
  });
}

/** A text has no bytes of 0. */
const looksRaw = (bytes: Uint8Array): boolean => bytes.length >= INSTRUCTION_BYTES && bytes.includes(0);

function rawSource(bytes: Uint8Array, name: string): FilterSource {
  if (bytes.length % INSTRUCTION_BYTES !== 0)
    throw new BenchError(
      'input',
      `${name}: a raw BPF filter has 8 bytes an instruction, and ${bytes.length} bytes are not a multiple of 8`,
      { hint: 'The file is cut off or not a filter.' },
    );
  return { kind: 'raw', form: 'bpf', name, filter: Buffer.from(bytes) };
}
