import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { findProgram } from '../../src/process/files/find.js';
import { runTool } from '../../src/process/run-tool.js';
import type { ArmEvidence } from '../../src/model/run/evidence.js';
import { needs, needsRoot, Sandbox } from './bench.js';

const sandbox = new Sandbox();
beforeEach(() => {
  sandbox.clear();
});
afterAll(() => {
  sandbox[Symbol.dispose]();
});

const evidence = (): readonly ArmEvidence[] =>
  JSON.parse(readFileSync(join(sandbox.results(), 'evidence.json'), 'utf8')) as ArmEvidence[];
const QUICK = ['--warmup', '0', '--no-report'];

describe('filters that crun takes finished', () => {
  it('are loaded byte for byte, in the scenario of the package, and a start builds none of them', (context) => {
    needsRoot(context);
    needs(context, 'crun');
    const { status, stdout } = sandbox.bench([
      'run',
      'crun-filters',
      '--engine',
      'crun',
      '--blocks',
      '2',
      '--no-report',
    ]);
    expect(status).toBe(0);
    const given = evidence().filter(({ filterGiven }) => filterGiven?.kind === 'annotation');
    expect(given.map(({ arm }) => arm)).toEqual(['finished', 'tree', 'ordered', 'control']);
    for (const { loaded, predicted, filterGiven } of given) {
      const sha256 = filterGiven?.kind === 'annotation' ? filterGiven.sha256 : '';
      expect(loaded).toMatchObject({ state: 'seen', via: 'ptrace', programs: [{ sha256 }] });
      expect(predicted).toMatchObject({ state: 'built', sha256 });
    }
    expect(new Set(given.slice(0, 3).map(({ specSha256 }) => specSha256)).size).toBe(1);
    expect(given.map(({ predicted }) => (predicted.state === 'built' ? predicted.form : predicted.state))).toEqual([
      'plain',
      'tree',
      'plain',
      'plain',
    ]);
    expect(stdout.replace(/\s+/g, ' ')).toMatch(
      /tree loads a binary tree of [\d,]+ instructions, finished the plain form of [\d,]+\./,
    );
    expect(stdout.replace(/\s+/g, ' ')).toContain('built before the run and given to the runtime by annotation');
  });

  it('are what an exec in the container gets, and what its stages take', (context) => {
    needsRoot(context);
    needs(context, 'crun');
    const arm = ['--arms', 'after', '--arm', 'tree=form=tree,build=before', '--engine', 'crun'];
    expect(sandbox.bench(['exec', ...arm, '--blocks', '1', ...QUICK]).status).toBe(0);
    const tree = evidence().find((one) => one.arm === 'tree');
    const sha256 = tree?.filterGiven?.kind === 'annotation' ? tree.filterGiven.sha256 : '';
    expect(tree?.loaded).toMatchObject({ state: 'seen', programs: [{ sha256 }] });
    expect(tree?.exec?.container).toMatchObject({ state: 'seen', programs: [{ sha256 }] });
    sandbox.clear();
    expect(sandbox.bench(['sequential', ...arm, '--blocks', '1', '--stages', ...QUICK]).status).toBe(0);
    expect(evidence().find((one) => one.arm === 'tree')?.loaded).toMatchObject({ programs: [{ sha256 }] });
  });

  it('are refused where crun would have to build them, or the order names a call without a rule', (context) => {
    needsRoot(context);
    needs(context, 'crun');
    const refused = (arm: string) => sandbox.bench(['sequential', '--engine', 'crun', '--arms', 'after', '--arm', arm]);
    expect(refused('tree=form=tree')).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(
        /bench: arm tree: crun \S+ builds only the plain form\n {2}Add build=before/,
      ) as string,
    });
    expect(refused('o=first=nothing,build=before').stderr).toContain(
      'bench: arm o: the profile has no rule for nothing, which first= names',
    );
  });

  it('end the run where the runtime loads something else', (context) => {
    needsRoot(context);
    needs(context, 'crun');
    const crun = join(sandbox.folder, 'crun');
    // It ignores the annotation.
    writeFileSync(
      crun,
      [
        '#!/bin/sh',
        'bundle=',
        'for word; do [ "$last" = --bundle ] && bundle=$word; last=$word; done',
        '[ -z "$bundle" ] || sed -i s/run.oci.seccomp_bpf_data/run.oci.other/ "$bundle/config.json"',
        `exec ${findProgram('crun', process.env['PATH']) ?? ''} "$@"`,
        '',
      ].join('\n'),
    );
    chmodSync(crun, 0o755);
    const arm = ['--arms', 'unconfined', '--arm', 'tree=form=tree,build=before', '--blocks', '1'];
    const { status, stderr } = sandbox.bench(['sequential', '--engine', 'crun', '--runtime', crun, ...arm, ...QUICK]);
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/bench: a container of arm tree loaded no filter, not the one given: [\d,]+ \(/),
    ]);
  });
});

describe('the form of a filter that runc builds', () => {
  it('is the one that its version builds, and any other is refused', async (context) => {
    needsRoot(context);
    needs(context, 'runc');
    const version = (await runTool('runc', ['--version'])).stdout;
    const [, major = '', minor = ''] = /^runc version (\d+)\.(\d+)/.exec(version) ?? [];
    const { status, stdout, stderr } = sandbox.bench([
      'run',
      'runc-tree',
      '--engine',
      'runc',
      '--blocks',
      '2',
      '--no-report',
    ]);
    if (Number(major) * 1000 + Number(minor) < 1002) {
      expect([status, stderr]).toEqual([
        2,
        expect.stringMatching(
          /bench: arm tree: runc \S+ builds only the plain form; runc builds trees from 1\.2 on\n {2}Use --engine/,
        ),
      ]);
      return;
    }
    expect(status).toBe(0);
    const [plain, tree] = evidence();
    expect(tree?.filterGiven).toEqual({ kind: 'padding', names: 1, treeAbove: 32 });
    expect(plain).not.toHaveProperty('filterGiven');
    for (const [one, form] of [
      [plain, 'plain'],
      [tree, 'tree'],
    ] as const) {
      expect(one?.predicted).toMatchObject({ state: 'built', form });
      const core = one?.predicted.state === 'built' ? one.predicted.sha256 : '';
      expect(one?.loaded).toMatchObject({ state: 'seen', programs: [{ afterStub: { sha256: core } }] });
    }
    expect(stdout.replace(/\s+/g, ' ')).toContain('The spec of tree names 1 more call that no kernel knows: runc');
  });

  it('is for all engines of one run, each by its own rule', (context) => {
    needsRoot(context);
    needs(context, 'runc');
    needs(context, 'crun');
    const { status } = sandbox.bench([
      ...['ab', '--a', 'runtime=crun,form=tree,build=before', '--b', 'runtime=runc', '--blocks', '1', ...QUICK],
    ]);
    expect(status).toBe(0);
    expect(evidence().map(({ filterGiven }) => filterGiven?.kind)).toEqual(['annotation', undefined, 'annotation']);
    const other = sandbox.bench(['ab', '--a', 'runtime=crun', '--b', 'runtime=runc,form=tree,build=before']);
    expect([other.status, other.stderr]).toEqual([
      2,
      expect.stringMatching(/bench: arm \S+: runc \S+ builds its filters itself and takes none that is built already/),
    ]);
  });
});
