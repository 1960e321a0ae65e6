import type { Dialect, SeccompArg, SeccompRule, SeccompSpec } from '../model/profile/seccomp.js';

/**
 * The names of a rule that has no list of names: moby writes `"names":null` for it, and `"names":[]` for an empty list.
 * Everyone else sees an empty list; it is recognised by its identity.
 */
export const NO_NAMES: readonly string[] = Object.freeze([]);

/**
 * The OCI JSON of a spec on one line, `null` where seccomp is disabled: exact 64-bit integers, keys in moby's order and
 * moby's escapes. iSulad's generator omits an index or a value of 0, which means the same.
 */
export function serialiseSpec(spec: SeccompSpec | null, dialect: Dialect = 'moby'): string {
  if (spec === null) return 'null';
  const text = specText(spec, dialect);
  return dialect === 'moby' ? escapeAsGo(text) : text;
}

function specText(spec: SeccompSpec, dialect: Dialect): string {
  let text = `{"defaultAction":${JSON.stringify(spec.defaultAction)}`;
  if (spec.defaultErrnoRet !== undefined) text += `,"defaultErrnoRet":${spec.defaultErrnoRet.toString()}`;
  if (isFilled(spec.architectures)) text += `,"architectures":${JSON.stringify(spec.architectures)}`;
  if (isFilled(spec.flags)) text += `,"flags":${JSON.stringify(spec.flags)}`;
  if (isFilled(spec.listenerPath)) text += `,"listenerPath":${JSON.stringify(spec.listenerPath)}`;
  if (isFilled(spec.listenerMetadata)) text += `,"listenerMetadata":${JSON.stringify(spec.listenerMetadata)}`;
  if (!isFilled(spec.syscalls)) return `${text}}`;
  let separator = ',"syscalls":[';
  for (const rule of spec.syscalls) {
    text += separator + ruleText(rule, dialect);
    separator = ',';
  }
  return `${text}]}`;
}

function ruleText(rule: SeccompRule, dialect: Dialect): string {
  const names = rule.names === NO_NAMES ? 'null' : JSON.stringify(rule.names);
  let text = `{"names":${names},"action":${JSON.stringify(rule.action)}`;
  if (rule.errnoRet !== undefined) text += `,"errnoRet":${rule.errnoRet.toString()}`;
  if (isFilled(rule.args)) text += `,"args":[${rule.args.map((arg) => argText(arg, dialect)).join(',')}]`;
  return `${text}}`;
}

function argText(arg: SeccompArg, dialect: Dialect): string {
  const zeros = dialect === 'moby';
  const index = zeros || arg.index !== 0 ? `"index":${arg.index.toString()},` : '';
  const value = zeros || arg.value !== 0 ? `"value":${arg.value.toString()},` : '';
  const valueTwo = (arg.valueTwo ?? 0) === 0 ? '' : `"valueTwo":${arg.valueTwo?.toString() ?? ''},`;
  return `{${index}${value}${valueTwo}"op":${JSON.stringify(arg.op)}}`;
}

const isFilled = <T extends { readonly length: number }>(list: T | undefined): list is T =>
  list !== undefined && list.length > 0;

/** What Go's json.Marshal escapes and JSON.stringify does not; these characters occur only within strings. */
const GO_ESCAPES: readonly string[] = ['<', '>', '&', '\u2028', '\u2029'];

function escapeAsGo(text: string): string {
  return GO_ESCAPES.reduce(
    (result, char) =>
      result.includes(char)
        ? result.replaceAll(char, `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
        : result,
    text,
  );
}
