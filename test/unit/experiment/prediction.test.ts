import { machine } from 'node:os';
import { describe, expect, it } from 'vitest';
import { PLAIN_BUILDER } from '../../../src/engine/filter-builder.js';
import {
  buildPlan,
  callsNamed,
  learnt,
  learntBuilders,
  predictedFilter,
} from '../../../src/experiment/arms/prediction.js';
import { buildFilter, encodeFilter, libseccompVersion, RETURN } from '../../../src/filter/index.js';
import type { FilterForm, LoadedPrograms } from '../../../src/filter/index.js';
import { formOf, OWN_LIBRARY } from '../../../src/model/filter/builder.js';
import type { FilterBuilder, LibseccompBuilder } from '../../../src/model/filter/builder.js';
import type { SeccompSpec } from '../../../src/model/profile/seccomp.js';

const MACHINE = machine();
const NAMES = (
  'accept bind close connect dup dup3 exit fchdir fchmod fchown fcntl fstat ftruncate getcwd getgid getpgid getpid ' +
  'getuid ioctl kill listen lseek madvise mmap mprotect munmap nanosleep openat pipe2 ppoll pread64 pwrite64 read recvfrom ' +
  'sendto setgid setuid shutdown socket sync umask uname wait4 write'
).split(' ');
const specOf = (count: number): SeccompSpec => ({
  defaultAction: 'SCMP_ACT_ERRNO',
  syscalls: [{ names: NAMES.slice(0, count), action: 'SCMP_ACT_ALLOW' }],
});
const [SMALL, LARGE] = [specOf(32), specOf(33)];

const RUNC: LibseccompBuilder = { ...PLAIN_BUILDER, runtime: 'runc 1.3.6', treeAbove: 32, stub: true };
const STATIC: LibseccompBuilder = {
  kind: 'libseccomp',
  runtime: 'runc 1.4.0',
  treeAbove: 32,
  version: '2.6.0',
  unavailable: 'runc 1.4.0 brings its own libseccomp 2.6.0',
  stub: true,
  learnt: 'version',
};
const UNKNOWN: FilterBuilder = { kind: 'unknown', reason: 'nobody tells' };
const NOT_SEEN: LoadedPrograms = { state: 'notSeen', reason: 'no rights' };

/** As runc's: for another architecture ENOSYS, else on to the filter. */
const STUB = encodeFilter([
  { code: 0x20, ifTrue: 0, ifFalse: 0, k: 4 },
  { code: 0x15, ifTrue: 1, ifFalse: 0, k: 0xc000003e },
  { code: 0x06, ifTrue: 0, ifFalse: 0, k: RETURN.ERRNO + 38 },
]);
const seen = (spec: SeccompSpec, form: FilterForm, stub: Buffer = Buffer.alloc(0)): LoadedPrograms => ({
  state: 'seen',
  via: 'ptrace',
  programs: [Buffer.concat([stub, buildFilter(spec, MACHINE, { form }).program])],
});
const predictable = (spec: SeccompSpec) => ({ arm: { spec }, machine: MACHINE });
const predicted = (spec: SeccompSpec, builder: FilterBuilder, loaded = NOT_SEEN) =>
  predictedFilter(predictable(spec), builder, loaded);

describe('what an engine should load', () => {
  it('is a tree above 32 calls for runc 1.2 and newer, and says how long the plain form is', () => {
    expect(predicted(LARGE, RUNC)).toEqual({
      state: 'built',
      instructions: buildFilter(LARGE, MACHINE, { form: 'tree' }).instructions,
      sha256: buildFilter(LARGE, MACHINE, { form: 'tree' }).sha256,
      form: 'tree',
      libseccomp: libseccompVersion(),
      plain: buildFilter(LARGE, MACHINE).instructions,
      runtime: 'runc 1.3.6',
      learnt: 'version',
      stub: true,
    });
    expect(predicted(SMALL, RUNC)).toMatchObject({ form: 'plain', sha256: buildFilter(SMALL, MACHINE).sha256 });
    expect(predicted(LARGE, PLAIN_BUILDER)).toMatchObject({ form: 'plain' });
  });

  it('counts a call once for every rule that names it, also rules with the default action', () => {
    const spec: SeccompSpec = {
      ...SMALL,
      syscalls: [...(SMALL.syscalls ?? []), { names: ['read', 'ptrace'], action: 'SCMP_ACT_ERRNO' }],
    };
    expect([callsNamed(SMALL), callsNamed(LARGE), callsNamed(spec)]).toEqual([32, 33, 34]);
    expect(predicted(spec, RUNC)).toMatchObject({ form: 'tree' });
  });

  it('is unknown where bench cannot ask the library or does not know the form, and has the reason', () => {
    expect(predicted(LARGE, STATIC)).toEqual({ state: 'unknown', reason: STATIC.unavailable });
    expect(predicted(LARGE, UNKNOWN)).toEqual({ state: 'unknown', reason: 'nobody tells' });
    expect(predicted(LARGE, { kind: 'own', name: 'gVisor' })).toEqual({
      state: 'unknown',
      reason: 'gVisor has a filter program of its own',
    });
    expect(predicted(LARGE, { ...RUNC, version: '1.0.0' })).toEqual({
      state: 'unknown',
      reason: `runc 1.3.6 uses libseccomp 1.0.0, and bench finds ${libseccompVersion() ?? ''}`,
    });
  });

  it("is made in the arm's own way where the arm says how", () => {
    const arm = { spec: LARGE, making: { form: 'tree' } } as const;
    expect(predictedFilter({ arm, machine: MACHINE }, PLAIN_BUILDER, NOT_SEEN)).toMatchObject({ form: 'tree' });
  });
});

describe('what a loaded filter tells of its engine', () => {
  it('is nothing new where it is the one predicted, also after a stub', () => {
    expect(learnt(predictable(LARGE), RUNC, seen(LARGE, 'tree', STUB))).toBe(RUNC);
    expect(learnt(predictable(LARGE), PLAIN_BUILDER, seen(LARGE, 'plain'))).toBe(PLAIN_BUILDER);
    expect(learnt(predictable(LARGE), UNKNOWN, NOT_SEEN)).toBe(UNKNOWN);
  });

  it("is that this machine's library gives the same bytes as the one that is built in", () => {
    const builder = learnt(predictable(LARGE), STATIC, seen(LARGE, 'tree', STUB));
    expect(builder).toEqual({
      kind: 'libseccomp',
      runtime: 'runc 1.4.0',
      treeAbove: 32,
      version: libseccompVersion(),
      library: OWN_LIBRARY,
      stub: true,
      learnt: 'filter',
    });
    expect(predicted(SMALL, builder)).toMatchObject({ state: 'built', form: 'plain', learnt: 'filter' });
    const other: LoadedPrograms = { state: 'seen', via: 'ptrace', programs: [STUB] };
    expect(learnt(predictable(LARGE), STATIC, other)).toBe(STATIC);
  });

  it('is the form of an engine that tells nothing, but not of smaller trees or larger plain filters', () => {
    const tree = learnt(predictable(LARGE), UNKNOWN, seen(LARGE, 'tree')) as LibseccompBuilder;
    expect([formOf(tree, 33), formOf(tree, 300), formOf(tree, 32)]).toEqual(['tree', 'tree', null]);
    const plain = learnt(predictable(LARGE), UNKNOWN, seen(LARGE, 'plain')) as LibseccompBuilder;
    expect([formOf(plain, 33), formOf(plain, 1), formOf(plain, 34)]).toEqual(['plain', 'plain', null]);
    expect(buildPlan(specOf(34), plain)).toEqual({
      state: 'unknown',
      reason: 'no filter of 34 calls was seen, and the runtime may choose another form',
    });
  });

  it('shows a form that the version does not tell, which is said', () => {
    const builder = learnt(predictable(LARGE), { ...RUNC, treeAbove: null }, seen(LARGE, 'tree', STUB));
    expect(predicted(LARGE, builder)).toMatchObject({ form: 'tree', learnt: 'filter', expected: 'plain' });
  });

  it('holds for the arms of the same engine that were not seen, and for no others', () => {
    const builders = learntBuilders([
      { ...predictable(LARGE), name: 'seen', builder: STATIC, filters: seen(LARGE, 'tree', STUB) },
      { ...predictable(SMALL), name: 'same', builder: STATIC, filters: NOT_SEEN },
      { ...predictable(SMALL), name: 'other', builder: { ...STATIC }, filters: NOT_SEEN },
    ]);
    expect([...builders].map(([name, builder]) => [name, builder.kind === 'libseccomp' && builder.learnt])).toEqual([
      ['seen', 'filter'],
      ['same', 'filter'],
      ['other', 'version'],
    ]);
  });
});
