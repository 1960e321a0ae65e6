import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { TestContext } from 'vitest';
import { isAsPredicted } from '../../src/model/run/evidence.js';
import type { ArmEvidence } from '../../src/model/run/evidence.js';
import { findProgram } from '../../src/process/files/find.js';
import { CLI, needs, needsRoot, Sandbox } from './bench.js';

const sandbox = new Sandbox();
beforeEach(() => {
  sandbox.clear();
});
afterAll(() => {
  sandbox[Symbol.dispose]();
});

const RUN = ['--count', '1', '--warmup', '0', '--no-report', '--arms', 'after,unconfined'] as const;
const evidence = (): ArmEvidence[] =>
  JSON.parse(readFileSync(join(sandbox.results(), 'evidence.json'), 'utf8')) as ArmEvidence[];
const after = (): ArmEvidence => {
  const found = evidence().find(({ arm }) => arm === 'after');
  if (found === undefined) throw new Error('there is no arm after');
  return found;
};
const run = (...engine: readonly string[]) => sandbox.bench(['sequential', '--engine', ...engine, ...RUN]);
/** Without the line breaks of a terminal. */
const flat = (text: string): string => text.replace(/\s+/g, ' ');

/** runc by another name or version: a script, so nobody can tell which libseccomp it is linked with. */
function disguised(version: string): string {
  const file = join(sandbox.folder, 'disguised');
  const runc = findProgram('runc', process.env['PATH']) ?? 'runc';
  const script = `case $1 in --version) echo "${version}"; exit;; features) exit 1;; esac\nexec ${runc} "$@"\n`;
  writeFileSync(file, `#!/bin/sh\n${script}`);
  chmodSync(file, 0o755);
  return file;
}

const ofRoot = (context: TestContext, ...programs: readonly string[]): void => {
  needsRoot(context);
  needs(context, ...programs);
};

describe('what is predicted of a runtime', () => {
  it('is the filter that runc loads after its stub, byte for byte, also in bench inspect', (context) => {
    ofRoot(context, 'runc');
    expect(run('runc').status).toBe(0);
    const { predicted, loaded } = after();
    expect([isAsPredicted(after()), predicted]).toEqual([
      'afterStub',
      expect.objectContaining({ state: 'built', learnt: 'version', stub: true }),
    ]);
    expect(loaded.state === 'seen' && loaded.programs[0]?.afterStub?.instructions).toBe(
      predicted.state === 'built' && predicted.instructions,
    );
    const { stdout } = sandbox.bench(['inspect', '--runtime', 'runc', '--limit', '1']);
    expect(flat(stdout)).toMatch(/predicted as runc [\d.]+ builds it: libseccomp [\d.]+, (?:plain|binary tree), for /);
    expect(flat(stdout)).toContain('After the stub, the loaded filter matches the prediction byte for byte.');
  });

  it('is the filter that crun loads, byte for byte', (context) => {
    ofRoot(context, 'crun');
    const { status, stderr } = run('crun');
    if (status === 2) context.skip(stderr.split('\n')[0] ?? '');
    expect([status, isAsPredicted(after())]).toEqual([0, 'same']);
    expect(after().predicted).toMatchObject({ form: 'plain', learnt: 'version' });
  });

  it('is learnt from the filter of a runtime that tells nothing', (context) => {
    ofRoot(context, 'runc');
    expect(run('oci', '--runtime', disguised('somebody 1.0')).status).toBe(0);
    expect([after().predicted, isAsPredicted(after())]).toEqual([
      expect.objectContaining({ state: 'built', learnt: 'filter', stub: true }),
      'afterStub',
    ]);
  });

  it('follows the loaded filter where the version tells another form, and that is a warning', (context) => {
    ofRoot(context, 'runc');
    const isNew = /runc version 1\.[01]\./.exec(spawnSync('runc', ['--version'], { encoding: 'utf8' }).stdout) === null;
    if (isNew) context.skip('this runc builds trees itself');
    const { status, stdout } = run('oci', '--runtime', disguised('runc version 1.3.6'));
    expect(status).toBe(0);
    expect(after().predicted).toMatchObject({ form: 'plain', learnt: 'filter', expected: 'tree' });
    expect(flat(stdout)).toContain(
      'after: runc 1.3.6 loads a filter of the plain form, which its version does not tell. What is predicted follows ' +
        'the loaded filter.',
    );
  });

  it('is not a number of BPF instructions for gVisor', (context) => {
    ofRoot(context, 'runsc');
    const { status, stdout, stderr } = run('oci', '--runtime', 'runsc');
    expect([status, after().predicted]).toEqual([
      0,
      { state: 'unknown', reason: 'gVisor has a filter program of its own' },
    ]);
    expect(flat(stderr)).toContain('the loaded filter is not known');
    expect(flat(stdout)).toContain('it is not known which filter is loaded');
    expect(stdout).toMatch(/^x86_64 sequential · runsc |^arm64 sequential · runsc /);
    expect(stdout).not.toMatch(/runc/);
  });
});

/** Options for setpriv that make an ordinary user. */
const USER = ['--reuid', '65534', '--regid', '65534', '--clear-groups', '--inh-caps=-all'];

/** As an ordinary user, whose PATH has only the folders given. */
function runAsUser(context: TestContext, engine: readonly string[], path = process.env['PATH'] ?? '') {
  needs(context, 'setpriv', 'unshare');
  if (spawnSync('setpriv', [...USER, 'unshare', '--user', '--map-root-user', 'true']).status !== 0)
    context.skip('this kernel gives ordinary users no user namespaces');
  chmodSync(sandbox.folder, 0o777);
  if (spawnSync('setpriv', [...USER, 'test', '-w', sandbox.folder]).status !== 0)
    context.skip(`an ordinary user cannot reach ${tmpdir()}`);
  const setpriv = findProgram('setpriv', process.env['PATH']) ?? 'setpriv';
  return spawnSync(setpriv, [...USER, process.execPath, CLI, 'sequential', '--engine', ...engine, ...RUN], {
    cwd: sandbox.folder,
    encoding: 'utf8',
    env: { ...process.env, PATH: path, XDG_RUNTIME_DIR: sandbox.folder, HOME: sandbox.folder, TMPDIR: sandbox.folder },
  });
}

describe('an ordinary user', () => {
  it('sees the filter of runc by strace, and that nothing is loaded without seccomp', (context) => {
    ofRoot(context, 'runc', 'strace');
    const { status, stdout, stderr } = runAsUser(context, ['runc']);
    if (status === 2) context.skip(stderr.split('\n')[0] ?? '');
    expect([status, after().loaded]).toEqual([0, expect.objectContaining({ state: 'seen', via: 'strace' })]);
    expect(isAsPredicted(after())).toBe('afterStub');
    expect(flat(stdout)).not.toMatch(/predicted, not seen|not known which filter/);
  });

  it('sees the filter of crun in the file that it loads it from', (context) => {
    ofRoot(context, 'crun');
    const { status, stderr } = runAsUser(context, ['crun', '--cache', 'cold']);
    if (status === 2) context.skip(stderr.split('\n')[0] ?? '');
    expect([status, after().loaded]).toEqual([0, expect.objectContaining({ state: 'seen', via: 'cacheFile' })]);
    expect(isAsPredicted(after())).toBe('same');
  });

  it('gets no number where nothing is seen and nothing tells what the runtime builds', (context) => {
    ofRoot(context, 'runc');
    const disguise = disguised('somebody 1.0');
    const { status, stdout, stderr } = runAsUser(context, ['oci', '--runtime', disguise], '/nowhere');
    if (status === 2) context.skip(stderr.split('\n')[0] ?? '');
    expect([status, after().loaded.state, after().predicted]).toEqual([
      0,
      'notSeen',
      { state: 'unknown', reason: 'it is not known how somebody 1.0 builds filters' },
    ]);
    expect(flat(stdout)).toContain('after: it is not known which filter is loaded (');
    expect(flat(stderr)).toContain('the loaded filter is not known');
  });
});
