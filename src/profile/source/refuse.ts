import { BenchError } from '../../errors.js';
import { shellQuote } from '../../model/shell-quote.js';

/** What a file is that has none of the forms: `x is a shell script`, and what to do. */
export interface Mistaken {
  /** With its article: `a shell script`. */
  readonly what: string;
  readonly hint: string;
  /** It is a profile or a filter, but not as readers take it. */
  readonly isOurs?: true;
}

export const FORMS_HINT =
  'Forms: Docker or OCI JSON, config.json, Kubernetes SeccompProfile, LXC policy, raw BPF filter (also in base64).';

/** What standard input is called in messages. */
export const STANDARD_INPUT = 'standard input';

/** A profile that lies inside of another document. */
export const wrapped = (name: string, path: string): BenchError =>
  new BenchError('input', `${name} is no profile, but has one inside, at ${path}`, {
    hint: `Take it out, for example: ${shellQuote(['jq', `.${path}`, ...(name === STANDARD_INPUT ? [] : [name])])}`,
  });

/** `x.json is a Firecracker filter, not a seccomp profile or filter`. */
export const notOurs = (name: string, { what, hint, isOurs }: Mistaken): BenchError =>
  new BenchError('input', `${name} is ${what}${isOurs === true ? '' : ', not a seccomp profile or filter'}`, { hint });

/** A profile that switches seccomp off, where that was not asked for. */
export const disabling = (name: string, why: string): BenchError =>
  new BenchError('input', `${name} disables seccomp: ${why}`, {
    hint: 'If that is what you want: --lenient takes it as "no seccomp", and the arm unconfined has none.',
  });
