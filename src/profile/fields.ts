import type { ArchMapEntry, MinKernel, ProfileArg, ProfileRule, RuleFilter } from '../model/profile/profile.js';
import type { Uint64 } from '../model/profile/seccomp.js';
import type { JsonNode } from './json.js';
import { readMinKernel } from './min-kernel.js';
import { fieldTable, mismatch, readMembers, readText, readUint64, type FieldTable, type Reading } from './reading.js';
import { Slice } from './slice.js';

/** A list of strings; null elements keep the slot's earlier value. */
export const textSlice = (reading: Reading): Slice<string> =>
  new Slice(
    () => '',
    (node, path, old) => readText(node, path, old, reading),
  );

/** Null, or an object that is read over `old` (a new draft where there is none): Go's pointer to a struct. */
function readPointer<T>(
  table: FieldTable<T>,
  fresh: () => T,
  node: JsonNode,
  path: string,
  old: T | null,
  reading: Reading,
): T | null {
  if (node.kind === 'null') return null;
  return readStruct(table, node, path, old ?? fresh(), reading);
}

/** An object that is read over `old`; null leaves it unchanged: Go's struct by value. */
function readStruct<T>(table: FieldTable<T>, node: JsonNode, path: string, old: T, reading: Reading): T {
  if (node.kind === 'null') return old;
  if (node.kind !== 'object') throw mismatch(reading, path, 'an object', node);
  readMembers(table, old, node, path, reading);
  return old;
}

const readPointerToUint = (node: JsonNode, path: string, reading: Reading): Uint64 | null =>
  node.kind === 'null' ? null : readUint64(node, path, reading);

const readUint = (node: JsonNode, path: string, old: Uint64, reading: Reading): Uint64 =>
  node.kind === 'null' ? old : readUint64(node, path, reading);

interface ArgDraft {
  index: Uint64;
  value: Uint64;
  valueTwo: Uint64;
  op: string | null;
}

const ARG = fieldTable<ArgDraft>({
  index: (arg, node, path, reading) => {
    arg.index = readUint(node, path, arg.index, reading);
  },
  value: (arg, node, path, reading) => {
    arg.value = readUint(node, path, arg.value, reading);
  },
  valueTwo: (arg, node, path, reading) => {
    arg.valueTwo = readUint(node, path, arg.valueTwo, reading);
  },
  op: (arg, node, path, reading) => {
    arg.op = readText(node, path, arg.op, reading);
  },
});

interface FilterDraft {
  readonly caps: Slice<string>;
  readonly arches: Slice<string>;
  minKernel: MinKernel | null;
}

const FILTER = fieldTable<FilterDraft>({
  caps: (filter, node, path, reading) => {
    filter.caps.read(node, path, reading);
  },
  arches: (filter, node, path, reading) => {
    filter.arches.read(node, path, reading);
  },
  minKernel: (filter, node, path, reading) => {
    filter.minKernel = readMinKernel(node, path, filter.minKernel, reading);
  },
});

interface EntryDraft {
  architecture: string | null;
  readonly subArchitectures: Slice<string>;
}

const ENTRY = fieldTable<EntryDraft>({
  architecture: (entry, node, path, reading) => {
    entry.architecture = readText(node, path, entry.architecture, reading);
  },
  subArchitectures: (entry, node, path, reading) => {
    entry.subArchitectures.read(node, path, reading);
  },
});

interface RuleDraft {
  readonly names: Slice<string>;
  readonly args: Slice<ArgDraft>;
  name: string;
  action: string | null;
  errnoRet: Uint64 | null;
  includes: FilterDraft | null;
  excludes: FilterDraft | null;
}

const RULE = fieldTable<RuleDraft>({
  names: (rule, node, path, reading) => {
    rule.names.read(node, path, reading);
  },
  name: (rule, node, path, reading) => {
    rule.name = readText(node, path, rule.name, reading);
  },
  action: (rule, node, path, reading) => {
    rule.action = readText(node, path, rule.action, reading);
  },
  errnoRet: (rule, node, path, reading) => {
    rule.errnoRet = readPointerToUint(node, path, reading);
  },
  args: (rule, node, path, reading) => {
    rule.args.read(node, path, reading);
  },
  // Has no effect, but moby requires a string.
  comment: (_rule, node, path, reading) => {
    readText(node, path, '', reading);
  },
  includes: (rule, node, path, reading) => {
    rule.includes = readFilter(node, path, rule.includes, reading);
  },
  excludes: (rule, node, path, reading) => {
    rule.excludes = readFilter(node, path, rule.excludes, reading);
  },
});

const readFilter = (node: JsonNode, path: string, old: FilterDraft | null, reading: Reading): FilterDraft | null =>
  readPointer(
    FILTER,
    () => ({ caps: textSlice(reading), arches: textSlice(reading), minKernel: null }),
    node,
    path,
    old,
    reading,
  );

/** `archMap`: structs by value, so a null element is an empty entry. */
export const archMapSlice = (reading: Reading): Slice<EntryDraft> =>
  new Slice<EntryDraft>(
    () => ({ architecture: null, subArchitectures: textSlice(reading) }),
    (node, path, old) => readStruct(ENTRY, node, path, old, reading),
  );

/** `syscalls`: pointers, so a null element drops the earlier one. */
export const ruleSlice = (reading: Reading): Slice<RuleDraft | null> =>
  new Slice<RuleDraft | null>(
    () => null,
    (node, path, old) => readPointer(RULE, () => emptyRule(reading), node, path, old, reading),
  );

const emptyRule = (reading: Reading): RuleDraft => ({
  names: textSlice(reading),
  args: argSlice(reading),
  name: '',
  action: null,
  errnoRet: null,
  includes: null,
  excludes: null,
});

const argSlice = (reading: Reading): Slice<ArgDraft> =>
  new Slice<ArgDraft>(
    () => ({ index: 0, value: 0, valueTwo: 0, op: null }),
    (node, path, old) => readStruct(ARG, node, path, old, reading),
  );

/** The finished `archMap`. */
export const finishArchMap = (slice: Slice<EntryDraft>): readonly ArchMapEntry[] =>
  (slice.values() ?? []).map((entry) => ({
    architecture: entry.architecture,
    subArchitectures: entry.subArchitectures.values() ?? [],
  }));

/** The finished `syscalls`; a null element is refused here (moby's Go code panics on it). */
export function finishRules(slice: Slice<RuleDraft | null>, reading: Reading): readonly ProfileRule[] {
  return (slice.values() ?? []).map((rule, index) => {
    if (rule === null) throw mismatch(reading, `syscalls[${index}]`, 'an object', { kind: 'null' });
    return {
      names: rule.names.values(),
      name: rule.name,
      action: rule.action,
      errnoRet: rule.errnoRet,
      args: (rule.args.values() ?? []).map((arg): ProfileArg => ({ ...arg })),
      includes: finishFilter(rule.includes),
      excludes: finishFilter(rule.excludes),
    };
  });
}

const finishFilter = (filter: FilterDraft | null): RuleFilter | null =>
  filter && { caps: filter.caps.values() ?? [], arches: filter.arches.values() ?? [], minKernel: filter.minKernel };
