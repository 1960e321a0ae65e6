import { BenchError } from '../../errors.js';

/** What a file is that has none of the forms: `x is a shell script`, and what to do. */
export interface Mistaken {
  /** With its article: `a shell script`. */
  readonly what: string;
  readonly hint: string;
}

export const FORMS_HINT =
  'Forms: Docker or OCI JSON, config.json, Kubernetes SeccompProfile, LXC policy, raw BPF filter (also in base64).';

/** A profile that lies inside of another document. */
export const wrapped = (name: string, path: string): BenchError =>
  new BenchError('input', `${name} is no profile, but has one inside, at ${path}`, {
    hint: `Take it out, for example: jq '.${path}' ${name}`,
  });

/** `x.json is a Firecracker filter, not a seccomp profile or filter`. */
export const notOurs = (name: string, { what, hint }: Mistaken): BenchError =>
  new BenchError('input', `${name} is ${what}, not a seccomp profile or filter`, { hint });

/** A profile that switches seccomp off, where that was not asked for. */
export const disabling = (name: string, why: string): BenchError =>
  new BenchError('input', `${name} disables seccomp: ${why}`, {
    hint: 'If that is what you want: --lenient takes it as "no seccomp", and the arm unconfined has none.',
  });
