import type { Profile } from '../model/profile/profile.js';
import type { Uint64 } from '../model/profile/seccomp.js';
import { decodeText, REPLACEMENT } from './decode.js';
import { archMapSlice, finishArchMap, finishRules, ruleSlice, textSlice } from './fields.js';
import { readAsIsulad } from './isulad/read.js';
import { parseJson, type JsonNode, type Within } from './json.js';
import { fieldTable, mismatch, readMembers, readText, readUint64, type Reading } from './reading.js';
import type { Slice } from './slice.js';

interface ProfileDraft {
  defaultAction: string | null;
  defaultErrnoRet: Uint64 | null;
  readonly architectures: Slice<string>;
  readonly archMap: ReturnType<typeof archMapSlice>;
  readonly flags: Slice<string>;
  listenerPath: string;
  listenerMetadata: string;
  readonly syscalls: ReturnType<typeof ruleSlice>;
}

const PROFILE = fieldTable<ProfileDraft>({
  defaultAction: (draft, node, path, reading) => {
    draft.defaultAction = readText(node, path, draft.defaultAction, reading);
  },
  defaultErrnoRet: (draft, node, path, reading) => {
    draft.defaultErrnoRet = node.kind === 'null' ? null : readUint64(node, path, reading);
  },
  architectures: (draft, node, path, reading) => {
    draft.architectures.read(node, path, reading);
  },
  archMap: (draft, node, path, reading) => {
    draft.archMap.read(node, path, reading);
  },
  flags: (draft, node, path, reading) => {
    draft.flags.read(node, path, reading);
  },
  listenerPath: (draft, node, path, reading) => {
    draft.listenerPath = readText(node, path, draft.listenerPath, reading);
  },
  listenerMetadata: (draft, node, path, reading) => {
    draft.listenerMetadata = readText(node, path, draft.listenerMetadata, reading);
  },
  syscalls: (draft, node, path, reading) => {
    draft.syscalls.read(node, path, reading);
  },
});

/**
 * Reads a profile exactly as Go's encoding/json fills moby's structs: folded keys, repeated keys merging, nulls, exact
 * integers. `base` is the path of what `within` finds. Throws `input` with file and JSON path. Slower than
 * {@link readPlain}, but nothing is beyond it.
 */
export function readExact(
  bytes: Uint8Array,
  fileName: string,
  within: Within = (document) => document,
  base = '',
): Profile {
  const text = decodeText(bytes);
  const reading: Reading = { fileName, oddKeys: [], keysMatter: false };
  const profile = readDocument(within(parseJson(text, fileName)), reading, base);
  const readsAlike = !reading.keysMatter && !text.includes('\\u') && !text.includes(REPLACEMENT);
  return readsAlike ? profile : { ...profile, isuladReading: () => readAsIsulad(bytes, fileName, within) };
}

/** The same of a document that is parsed already. */
export const readNode = (document: JsonNode, fileName: string, base: string): Profile =>
  readDocument(document, { fileName, oddKeys: [], keysMatter: false }, base);

function readDocument(document: JsonNode, reading: Reading, base: string): Profile {
  const draft: ProfileDraft = {
    defaultAction: null,
    defaultErrnoRet: null,
    architectures: textSlice(reading),
    archMap: archMapSlice(reading),
    flags: textSlice(reading),
    listenerPath: '',
    listenerMetadata: '',
    syscalls: ruleSlice(reading),
  };
  // As in Go, a null document leaves everything unset: seccomp is disabled.
  if (document.kind === 'object') readMembers(PROFILE, draft, document, base, reading);
  else if (document.kind !== 'null') throw mismatch(reading, base, 'a JSON object', document);
  return {
    fileName: reading.fileName,
    defaultAction: draft.defaultAction,
    defaultErrnoRet: draft.defaultErrnoRet,
    architectures: draft.architectures.values() ?? [],
    archMap: finishArchMap(draft.archMap),
    flags: draft.flags.values() ?? [],
    listenerPath: draft.listenerPath,
    listenerMetadata: draft.listenerMetadata,
    syscalls: finishRules(draft.syscalls, reading),
    oddKeys: reading.oddKeys,
    isuladReading: null,
  };
}
