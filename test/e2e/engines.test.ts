import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { ArmEvidence } from '../../src/model/run/evidence.js';
import { needs, needsRoot, Sandbox, workspaces } from './bench.js';

const sandbox = new Sandbox();
beforeEach(() => {
  sandbox.clear();
});
afterAll(() => {
  sandbox[Symbol.dispose]();
});

const evidenceOf = (): ArmEvidence[] =>
  JSON.parse(readFileSync(join(sandbox.results(), 'evidence.json'), 'utf8')) as ArmEvidence[];
const instructions = (arm: ArmEvidence): number =>
  arm.loaded.state === 'seen' ? arm.loaded.programs.reduce((sum, program) => sum + program.instructions, 0) : -1;

describe.each(['runc', 'crun', 'namespaces', 'bwrap'] as const)('engine %s', (engine) => {
  it('starts real containers of every arm, proves their filters and leaves nothing behind', (context) => {
    needsRoot(context);
    needs(context, ...(engine === 'namespaces' ? ['unshare'] : [engine]));
    const { status, stdout, stderr } = sandbox.bench([
      'sequential',
      '--engine',
      engine,
      '--count',
      '3',
      '--warmup',
      '1',
      '--arms',
      'before,after,native,unconfined',
    ]);
    expect([status, stderr.includes('unexpected')]).toEqual([0, false]);
    expect(sandbox.containers().filter((sample) => sample.state === 'ok' && !sample.warmup)).toHaveLength(15);

    const arms = Object.fromEntries(evidenceOf().map((arm) => [arm.arm, arm]));
    const [before, after, native, unconfined, control] = ['before', 'after', 'native', 'unconfined', 'control'].map(
      (name) => arms[name]!,
    );
    expect(instructions(before!)).toBeGreaterThan(instructions(after!));
    expect(instructions(after!)).toBeGreaterThan(instructions(native!));
    expect([instructions(unconfined!), unconfined!.seccompMode]).toEqual([0, 0]);
    expect([before!.seccompMode, after!.seccompMode, native!.seccompMode]).toEqual([2, 2, 2]);
    expect(control!.predicted).toEqual(before!.predicted);
    expect(instructions(control!)).toBe(instructions(before!));
    // Whoever builds with libseccomp alone loads exactly what was predicted; runc puts a stub in front.
    for (const arm of [before!, after!, native!]) {
      if (arm.predicted.state !== 'built' || arm.loaded.state !== 'seen')
        throw new Error('expected a predicted and a seen filter');
      if (engine === 'runc') expect(instructions(arm)).toBeGreaterThan(arm.predicted.instructions);
      else
        expect(arm.loaded.programs).toEqual([
          { instructions: arm.predicted.instructions, sha256: arm.predicted.sha256 },
        ]);
    }
    if (before!.probe32.outcome !== 'notProvable') {
      expect([
        before!.probe32.outcome,
        after!.probe32.outcome,
        native!.probe32.outcome,
        unconfined!.probe32.outcome,
      ]).toEqual(['ran', 'ran', 'killed', 'ran']);
    }
    expect(stdout).toMatch(/3 of 3 blocks/);
    expect(existsSync(join(sandbox.folder, 'reports', basename(sandbox.results()), 'index.html'))).toBe(true);
    expect(workspaces().filter((name) => name === `sb-${sandbox.plan().id}`)).toEqual([]);
    expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain(sandbox.plan().id);
  });

  it('runs batches behind a start barrier, every container on its own clock', (context) => {
    needsRoot(context);
    needs(context, ...(engine === 'namespaces' ? ['unshare'] : [engine]));
    const { status } = sandbox.bench([
      'parallel',
      '--engine',
      engine,
      '--count',
      '8',
      '--concurrency',
      '4',
      '--rounds',
      '1',
      '--warmup',
      '0',
      '--no-report',
    ]);
    expect(status).toBe(0);
    for (const batch of sandbox.samples().filter((sample) => sample.kind === 'batch')) {
      const members = sandbox.containers().filter((sample) => sample.arm === batch.arm && sample.state === 'ok');
      expect(members).toHaveLength(8);
      // The first four passed the barrier at the same moment, the start of the batch; each of the others when one had
      // ended.
      expect(members.map((sample) => sample.startNs === batch.startNs)).toEqual([
        true,
        true,
        true,
        true,
        false,
        false,
        false,
        false,
      ]);
      const ends = members.map(
        (sample) => sample.startNs - batch.startNs + (sample.state === 'ok' ? sample.wallNs : NaN),
      );
      expect(Math.max(...ends)).toBe(batch.makespanNs);
    }
  });
});

describe('bench run by an ordinary user', () => {
  it.for([
    ['namespaces', 'unshare', 'built in, rootless'],
    ['bwrap', 'bwrap', 'bubblewrap [0-9.]+, rootless'],
  ] as const)('works with --engine %s where the kernel allows it', ([engine, program, described], context) => {
    needsRoot(context);
    needs(context, 'setpriv', 'unshare', program);
    const user = ['--reuid', '65534', '--regid', '65534', '--clear-groups', '--inh-caps=-all'];
    if (spawnSync('setpriv', [...user, 'unshare', '--user', '--map-root-user', 'true']).status !== 0)
      context.skip('this kernel gives ordinary users no user namespaces');
    const folder = sandbox.folder;
    spawnSync('chmod', ['777', folder]);
    if (spawnSync('setpriv', [...user, 'test', '-w', folder]).status !== 0)
      context.skip(`an ordinary user cannot reach ${tmpdir()}`);
    const args = ['sequential', '--engine', engine, '--count', '2', '--warmup', '0', '--no-report'];
    const { status, stderr } = spawnSync(
      'setpriv',
      [...user, process.execPath, join(import.meta.dirname, '../../dist/cli.js'), ...args],
      { cwd: folder, encoding: 'utf8' },
    );
    expect([status, stderr]).toEqual([
      0,
      expect.stringMatching(new RegExp(`^engine ${engine} \\(${described}\\)$`, 'm')),
    ]);
    expect(sandbox.containers().map((sample) => sample.state)).toEqual(Array.from({ length: 6 }, () => 'ok'));
    expect(evidenceOf().map((arm) => arm.seccompMode)).toEqual([2, 2, 2]);
    // What cannot be read off the process is read off its trace.
    for (const { loaded, predicted } of evidenceOf())
      if (loaded.state === 'seen' && predicted.state === 'built')
        expect(loaded).toMatchObject({ via: 'strace', programs: [{ sha256: predicted.sha256 }] });
    expect(workspaces().filter((name) => name === `sb-${sandbox.plan().id}`)).toEqual([]);
  });
});
