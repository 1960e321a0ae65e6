import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { machine } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BenchError } from '../../../src/errors.js';
import { engineFor } from '../../../src/experiment/arms/engine-for.js';
import type { ConvertedArm } from '../../../src/experiment/arms/convert.js';
import { runExperiment } from '../../../src/experiment/index.js';
import { AUDIT_ARCH, filterFacts, RETURN } from '../../../src/filter/index.js';
import { encodeFilter } from '../../../src/filter/inspect/instructions.js';
import type { EngineRequest, StartsRequest } from '../../../src/model/experiment/request.js';
import type { GivenSource } from '../../../src/model/profile/source.js';
import { verifyChecksums } from '../../../src/results/index.js';
import { readResultFolder } from '../../../src/results/index.js';
import { sourceOf } from '../../../src/profile/index.js';
import { startsRequest, useBench } from './fake-engine.js';

const RAW = encodeFilter([
  { code: 0x20, k: 0, ifTrue: 0, ifFalse: 0 },
  { code: 0x15, k: 175, ifTrue: 0, ifFalse: 1 },
  { code: 0x06, k: RETURN.ERRNO + 1, ifTrue: 0, ifFalse: 0 },
  { code: 0x06, k: RETURN.ALLOW, ifTrue: 0, ifFalse: 0 },
]);
const POLICY = '2\ndenylist\n# a comment\n[all]\nmount errno 1\n';

const given = (name: string, bytes: string | Buffer): GivenSource => {
  const source = sourceOf(Buffer.from(bytes), name);
  if (source.kind === 'profile') throw new Error('read as a profile');
  return source;
};
const armOf = (name: string, source: GivenSource, more: Partial<ConvertedArm['definition']> = {}): ConvertedArm => ({
  definition: { name, policy: 'host', impliedPolicy: true, ...more },
  source,
  spec: null,
  convert: () => null,
});
const raw = armOf('mine', given('mine.bpf', RAW));
const lxc = armOf('deny', given('deny.seccomp', POLICY));

function refusalOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof BenchError) return `${error.code}: ${error.message} | ${error.hint ?? ''}`;
    throw error;
  }
  return 'accepted';
}

describe('the engine of arms that are loaded as they are', () => {
  const auto: EngineRequest = { choice: 'auto' };

  it('is one that can load them where any will do', () => {
    expect(engineFor(auto, [raw])).toEqual({ choice: 'namespaces' });
    expect(engineFor(auto, [raw], { staged: true })).toEqual({ choice: 'crun' });
    expect(engineFor(auto, [lxc])).toEqual({ choice: 'lxc' });
    expect(engineFor({ choice: 'auto', runtime: '/opt/crun' }, [raw])).toEqual({
      choice: 'auto',
      runtime: '/opt/crun',
    });
    expect(engineFor({ choice: 'runc' }, [])).toEqual({ choice: 'runc' });
  });

  it.each(['runc', 'docker', 'podman', 'containerd', 'isulad', 'lxc'] as const)(
    '%s refuses a raw filter before it is opened, with what to do',
    (choice) => {
      expect(refusalOf(() => engineFor({ choice }, [raw]))).toBe(
        `usage: --engine ${choice} cannot load mine.bpf, a raw BPF filter | Use --engine namespaces or bwrap, \
or crun 0.18 or newer, which has an annotation for it (run.oci.seccomp_bpf_data).`,
      );
    },
  );

  it('does not exist for a filter and a policy together, nor for a filter that the kernel would refuse', () => {
    expect(refusalOf(() => engineFor(auto, [raw, lxc]))).toMatch(
      /^usage: no engine can load both arm mine and arm deny/,
    );
    expect(refusalOf(() => engineFor({ choice: 'crun' }, [lxc]))).toBe(
      'usage: --engine crun cannot load deny.seccomp, an LXC policy, version 2 | Use --engine lxc.',
    );
    expect(refusalOf(() => engineFor(auto, [lxc], { programs: true }))).toBe(
      'usage: arm deny: an LXC policy is loaded by LXC, and bench runs no programs there | ' +
        'Build its filter with bench build deny.seccomp -o filter.bpf, and give that.',
    );
    const foreign = encodeFilter([
      { code: 0x20, k: 4, ifTrue: 0, ifFalse: 0 },
      { code: 0x15, k: machine() === 'x86_64' ? AUDIT_ARCH.AARCH64 : AUDIT_ARCH.X86_64, ifTrue: 0, ifFalse: 1 },
      { code: 0x06, k: RETURN.ALLOW, ifTrue: 0, ifFalse: 0 },
      { code: 0x06, k: RETURN.KILL_PROCESS, ifTrue: 0, ifFalse: 0 },
    ]);
    expect(refusalOf(() => engineFor(auto, [armOf('foreign', given('foreign.bpf', foreign))]))).toMatch(
      /^input: arm foreign: foreign\.bpf is a filter for (?:aarch64|x86_64.*), not for (?:x86_64|aarch64) \| Build it/,
    );
    const cut = armOf('cut', given('cut.bpf', RAW.subarray(0, 16)));
    expect(refusalOf(() => engineFor(auto, [cut]))).toMatch(
      /^input: cut\.bpf: BPF instruction 1: expected a jump within/,
    );
  });
});

describe('an experiment with a raw filter as an arm', () => {
  const bench = useBench();
  const request = (): StartsRequest => {
    const { scenario } = startsRequest();
    const arms = [
      { name: 'none', policy: 'unconfined' },
      { name: 'mine', policy: 'host', impliedPolicy: true, profile: 'mine.bpf' },
      { name: 'control', policy: 'unconfined', copyOf: 'none' },
    ] as const;
    return startsRequest({ scenario: { ...scenario, arms } });
  };

  it('keeps its bytes with the results, and proves it as a treatment of its own', async () => {
    const { context, folder, engine } = bench();
    writeFileSync(join(folder, 'mine.bpf'), RAW);
    const { parts } = engine({ loads: new Set(['raw'] as const) });
    const { folders } = await runExperiment(request(), context, parts);
    const path = join(folder, folders[0] ?? '');
    expect(readFileSync(join(path, 'specs/mine.bpf')).equals(RAW)).toBe(true);
    expect(readFileSync(join(path, 'SHA256SUMS'), 'utf8')).toContain('specs/mine.bpf');
    verifyChecksums(path);
    const { sha256 } = filterFacts(RAW);
    const own = readResultFolder(path).evidence.find(({ arm }) => arm === 'mine');
    expect(own).toMatchObject({
      policy: 'given',
      architectures: null,
      given: { kind: 'raw', form: 'bpf', name: 'mine.bpf' },
      specBytes: RAW.length,
      specSha256: sha256,
      predicted: { state: 'built', instructions: 4, sha256 },
    });
  });

  it('is refused by an engine that cannot load it before any container of an arm', async () => {
    const { context, folder, engine } = bench();
    writeFileSync(join(folder, 'mine.bpf'), RAW);
    const fake = engine();
    await expect(runExperiment(request(), context, fake.parts)).rejects.toThrow(
      '--engine fake cannot load mine.bpf, a raw BPF filter',
    );
    expect([fake.engine.started, existsSync(join(folder, 'results'))]).toEqual([[], false]);
  });
});
