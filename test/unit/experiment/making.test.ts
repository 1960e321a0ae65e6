import { describe, expect, it } from 'vitest';
import { builderByVersion, PLAIN_BUILDER } from '../../../src/engine/filter-builder.js';
import { assertMaking, finishedForCalls, made, makingWay } from '../../../src/experiment/arms/making.js';
import type { MakingEngine } from '../../../src/experiment/arms/making.js';
import { buildFilter, filterFacts } from '../../../src/filter/index.js';
import type { ConvertedArmSpec } from '../../../src/model/container/container.js';
import { OWN_LIBRARY } from '../../../src/model/filter/builder.js';
import type { FilterMaking } from '../../../src/model/filter/filter-making.js';
import type { SeccompSpec } from '../../../src/model/profile/seccomp.js';

const engine = (version: string, more: Partial<MakingEngine> = {}): MakingEngine => ({
  facts: { name: version.split(' ')[0] ?? '' },
  builderOf: () => builderByVersion({ version, libseccomp: null }, { library: OWN_LIBRARY }),
  ...more,
});
const RAW = { loads: new Set(['raw'] as const) };
const BUILT_IN: MakingEngine = { facts: { name: 'namespaces' }, makesFilters: true, builderOf: () => PLAIN_BUILDER };
const CRUN = engine('crun version 1.8.1', RAW);
const OLD_RUNC = engine('runc version 1.1.5');
const RUNC = engine('runc version 1.3.6');

const denying = (calls: number): SeccompSpec => ({
  defaultAction: 'SCMP_ACT_ALLOW',
  syscalls: [
    { names: ['acct', 'bpf', ...Array.from({ length: calls - 2 }, () => 'swapon')], action: 'SCMP_ACT_ERRNO' },
  ],
});
const SPEC = denying(3);

const refusalOf = (of: MakingEngine, making: FilterMaking, spec = SPEC): string => {
  const way = makingWay(of, 'a', making, spec);
  return way.kind === 'refused' ? way.words : way.kind;
};

describe('the filter that an arm asks for', () => {
  it('is what the built-in engines make, whatever it is', () => {
    const asked: readonly FilterMaking[] = [{ form: 'tree' }, { first: ['bpf'] }, { stacked: 2 }, { prebuilt: true }];
    expect(asked.map((making) => refusalOf(BUILT_IN, making))).toEqual(asked.map(() => 'itself'));
  });

  it('is given to crun finished, and is refused where crun would have to build it', () => {
    expect(refusalOf(CRUN, { prebuilt: true })).toBe('annotation');
    expect(refusalOf(CRUN, { prebuilt: true, form: 'tree' })).toBe('annotation');
    expect(refusalOf(CRUN, { prebuilt: true, first: ['bpf'] })).toBe('annotation');
    expect(refusalOf(CRUN, { form: 'plain' })).toBe('itself');
    expect(refusalOf(CRUN, {})).toBe('itself');
    expect(refusalOf(CRUN, { form: 'tree' })).toBe('crun 1.8.1 builds only the plain form');
    expect(refusalOf(CRUN, { first: ['bpf'] })).toBe('crun 1.8.1 tries rules in an order of its own');
    expect(refusalOf(CRUN, { prebuilt: true, stacked: 2 })).toBe('crun 1.8.1 loads one filter into a container');
  });

  it('is refused by runtimes that build every filter themselves and take none', () => {
    for (const runtime of [OLD_RUNC, RUNC, engine('crun version 0.17')])
      expect(refusalOf(runtime, { prebuilt: true })).toMatch(
        /^\S+ \S+ builds its filters itself and takes none that is built already$/,
      );
    expect(refusalOf(RUNC, { first: ['bpf'] })).toBe('runc 1.3.6 tries rules in an order of its own');
  });

  it('is a tree of runc from 1.2 on, where the spec names more than 32 calls or can be filled up', () => {
    expect(refusalOf(OLD_RUNC, { form: 'tree' })).toBe(
      'runc 1.1.5 builds only the plain form; runc builds trees from 1.2 on',
    );
    expect(makingWay(RUNC, 'a', { form: 'tree' }, denying(32))).toEqual({ kind: 'padding', names: 1, treeAbove: 32 });
    expect(makingWay(RUNC, 'a', { form: 'tree' }, denying(3))).toEqual({ kind: 'padding', names: 30, treeAbove: 32 });
    expect(refusalOf(RUNC, { form: 'tree' }, denying(33))).toBe('itself');
    expect(refusalOf(RUNC, { form: 'plain' }, denying(32))).toBe('itself');
    expect(refusalOf(RUNC, { form: 'plain' }, denying(33))).toBe(
      'runc 1.3.6 builds a binary tree of a spec that names 33 calls',
    );
  });

  it('is refused where nothing is known of the runtime', () => {
    expect(refusalOf(engine('kata-runtime 3.2'), { form: 'tree' })).toBe(
      'it is not known which form kata-runtime builds',
    );
  });

  it('is decided by the engine of the arm, where arms have engines of their own', () => {
    const both = engine('crun and runc', {
      loadsOf: (arm) => (arm === 'c' ? RAW.loads : new Set()),
      makesFiltersOf: () => false,
    });
    expect(() => {
      assertMaking(both, 'c', { prebuilt: true });
    }).not.toThrow();
    expect(() => {
      assertMaking(both, 'r', { prebuilt: true });
    }).toThrow(/^arm r: \S+ and runc builds|^arm r: /);
  });
});

describe('an arm of which only calls are timed', () => {
  const asked = (of: MakingEngine, making: FilterMaking): FilterMaking | undefined =>
    finishedForCalls(
      [{ definition: { name: 'a', policy: 'host', making }, source: null, spec: SPEC, convert: () => SPEC }],
      of,
    )[0]?.definition.making;

  it('gets its filter finished where the engine does not build it but takes it', () => {
    expect(asked(CRUN, { form: 'tree' })).toEqual({ form: 'tree', prebuilt: true });
    expect(asked(CRUN, { first: ['bpf'] })).toEqual({ first: ['bpf'], prebuilt: true });
  });

  it('is left as it was asked for where the engine builds it, and where nothing helps', () => {
    for (const [of, making] of [
      [CRUN, { form: 'plain' }],
      [CRUN, { stacked: 2 }],
      [RUNC, { form: 'tree' }],
      [OLD_RUNC, { form: 'tree' }],
      [BUILT_IN, { form: 'tree' }],
    ] as const)
      expect(asked(of, making)).toEqual(making);
  });
});

describe('an arm with its filter made', () => {
  const TEXT = JSON.stringify(SPEC);
  const arm: ConvertedArmSpec = {
    name: 'a',
    spec: SPEC,
    text: TEXT,
    remake: { convert: () => null, serialise: () => TEXT },
  };
  const withSpec = (spec: SeccompSpec): ConvertedArmSpec => ({ ...arm, spec, text: JSON.stringify(spec) });
  const make = (of: MakingEngine, making: FilterMaking): ConvertedArmSpec =>
    made(arm, making, { engine: of, machine: 'x86_64', builder: of.builderOf?.('a') }, withSpec);

  it('has the bytes that libseccomp builds in that form, and nothing to convert at a start', () => {
    const { program } = buildFilter(SPEC, 'x86_64', { form: 'tree' });
    const { prebuilt, filterGiven, remake, text } = make(CRUN, { form: 'tree', prebuilt: true });
    expect([Buffer.from(prebuilt ?? []).equals(program), remake, text]).toEqual([true, undefined, TEXT]);
    expect(filterGiven).toEqual({
      kind: 'annotation',
      name: 'run.oci.seccomp_bpf_data',
      bytes: program.length,
      sha256: filterFacts(program).sha256,
    });
    expect(make(BUILT_IN, { prebuilt: true })).not.toHaveProperty('filterGiven');
  });

  it('names calls that libseccomp does not know until runc builds a tree, which has the same rules', () => {
    const { spec, filterGiven } = make(RUNC, { form: 'tree' });
    expect(filterGiven).toEqual({ kind: 'padding', names: 30, treeAbove: 32 });
    expect(spec?.syscalls?.flatMap(({ names }) => names)).toHaveLength(33);
    const tree = { form: 'tree' } as const;
    expect(buildFilter(spec ?? SPEC, 'x86_64', tree).sha256).toBe(buildFilter(SPEC, 'x86_64', tree).sha256);
  });

  it('is refused where its order names a call without a rule', () => {
    expect(() => make(CRUN, { first: ['bpf', 'futex'], prebuilt: true })).toThrow(
      'arm a: the profile has no rule for futex, which first= names',
    );
  });
});
