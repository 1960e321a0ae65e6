import { basename } from 'node:path';
import { OWN_LIBRARY } from '../model/filter/builder.js';
import type { FilterBuilder, LibseccompBuilder } from '../model/filter/builder.js';
import { linkedLibrary } from '../process/library/linked.js';
import type { RuntimeDescription } from './oci/features.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the libseccomp of a runtime is. */
export type LibraryPlace = Pick<LibseccompBuilder, 'library' | 'unavailable'>;

/** A runtime, as far as its version tells how it builds filters. */
export type VersionedRuntime = Pick<RuntimeDescription, 'version' | 'libseccomp'>;

/**
 * runc asks libseccomp for a binary tree where a spec names more calls than this, each rule's counted, since 1.2
 * (its pull request 3405; libcontainer/seccomp/seccomp_linux.go).
 */
const RUNC_TREE = { above: 32, since: 1.2 } as const;
/** libseccomp builds trees since 2.5; runc goes on without where that fails. */
const FIRST_WITH_TREE = 2.5;

/** What this machine's libseccomp builds where it is asked for nothing special. */
export const PLAIN_BUILDER: LibseccompBuilder = {
  kind: 'libseccomp',
  treeAbove: null,
  version: null,
  library: OWN_LIBRARY,
  stub: false,
  learnt: 'version',
};

/** gVisor compiles a program of its own from a spec and ignores its architectures (its runsc/specutils/seccomp). */
export const GVISOR_BUILDER: FilterBuilder = { kind: 'own', name: 'gVisor' };

/** How a runtime builds filters, by the version it reports; crun and youki leave libseccomp's default, the plain form. */
export function builderByVersion({ version, libseccomp }: VersionedRuntime, place: LibraryPlace): FilterBuilder {
  if (/^runsc\b/.test(version)) return GVISOR_BUILDER;
  const [, name, number, minor] = /^(runc|crun|youki)(?: version)?:? v?((\d+\.\d+)\S*)/.exec(version) ?? [];
  if (name === undefined || number === undefined || minor === undefined)
    return {
      kind: 'unknown',
      reason: `it is not known how ${version === '' ? 'this runtime' : version} builds filters`,
    };
  return {
    kind: 'libseccomp',
    runtime: `${name} ${shortVersion(number)}`,
    treeAbove:
      name === 'runc' && asNumber(minor) >= asNumber(RUNC_TREE.since) && knowsTrees(libseccomp)
        ? RUNC_TREE.above
        : null,
    version: libseccomp,
    stub: name === 'runc',
    learnt: 'version',
    ...place,
  };
}

/** Without what a distribution adds: 1.3.6+ds1 is 1.3.6. */
const shortVersion = (version: string): string => /^\d+(?:\.\d+)*(?:-rc\.?\d+)?/.exec(version)?.[0] ?? version;

/** 1.10 is newer than 1.9. */
function asNumber(version: string | number): number {
  const [major = 0, minor = 0] = String(version).split('.').map(Number);
  return major * 1000 + minor;
}

const knowsTrees = (libseccomp: string | null): boolean =>
  libseccomp === null || asNumber(libseccomp) >= asNumber(FIRST_WITH_TREE);

/** How a runtime on this machine builds filters. */
export async function builderOfRuntime(
  path: string,
  described: VersionedRuntime,
  env: Environment,
): Promise<FilterBuilder> {
  const byVersion = builderByVersion(described, {});
  if (byVersion.kind !== 'libseccomp') return byVersion;
  const place = await placeOfLibrary(path, byVersion, env);
  const version = byVersion.version ?? versionInName(place.library);
  return builderByVersion({ version: described.version, libseccomp: version }, place);
}

async function placeOfLibrary(
  path: string,
  { runtime = path, version }: LibseccompBuilder,
  env: Environment,
): Promise<LibraryPlace> {
  const linked = await linkedLibrary(path, 'libseccomp.so', env);
  switch (linked.kind) {
    case 'shared':
      return { library: linked.path };
    case 'notLinked':
      return { unavailable: `${runtime} brings its own libseccomp${version === null ? '' : ` ${version}`}` };
    case 'unknown':
      return { unavailable: `the libseccomp of ${runtime} was not found: ${linked.reason}` };
  }
}

/** libseccomp.so.2.5.4 */
const versionInName = (library = ''): string | null => /\.so\.(\d+\.\d+\.\d+)$/.exec(basename(library))?.[1] ?? null;

/** The same engine whose arm brings a library of its own. */
export const withLibrary = (builder: FilterBuilder, library: string | undefined): FilterBuilder =>
  library === undefined || builder.kind !== 'libseccomp'
    ? builder
    : { ...without(builder, 'unavailable'), library, version: versionInName(library) };

function without<Whole, Key extends keyof Whole>(whole: Whole, key: Key): Omit<Whole, Key> {
  const { [key]: _, ...rest } = whole;
  return rest;
}
