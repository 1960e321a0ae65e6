import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { findProgram } from '../../src/process/files/find.js';
import { runTool } from '../../src/process/run-tool.js';
import type { ArmEvidence } from '../../src/model/run/evidence.js';
import { CLI, needs, needsRoot, Sandbox } from './bench.js';

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
const NOBODY = 65534;

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

  it('are loaded byte for byte for an ordinary user, too', (context) => {
    needsRoot(context);
    needs(context, 'crun', 'setpriv');
    const own = join(sandbox.folder, 'user');
    mkdirSync(own);
    chownSync(own, NOBODY, NOBODY);
    chmodSync(sandbox.folder, 0o755);
    const { status, stderr } = spawnSync(
      'setpriv',
      [
        ...[`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', process.execPath, CLI],
        ...['sequential', '--engine', 'crun', '--arms', 'after', '--arm', 'tree=form=tree,build=before'],
        ...['--blocks', '1', '--results', own, ...QUICK],
      ],
      { cwd: own, encoding: 'utf8', env: { ...process.env, HOME: own, TMPDIR: own } },
    );
    const folder = readdirSync(own).find((name) => existsSync(join(own, name, 'evidence.json')));
    const text = folder === undefined ? '[]' : readFileSync(join(own, folder, 'evidence.json'), 'utf8');
    rmSync(own, { recursive: true });
    if (/user namespace|without root|cgroup|Operation not permitted|EPERM/.test(status === 0 ? '' : stderr))
      context.skip(`no rootless crun here: ${stderr.trim().split('\n').slice(-2)[0] ?? ''}`);
    expect([status, stderr]).toEqual([0, expect.any(String)]);
    const tree = (JSON.parse(text) as ArmEvidence[]).find(({ arm }) => arm === 'tree');
    const sha256 = tree?.filterGiven?.kind === 'annotation' ? tree.filterGiven.sha256 : '';
    expect(tree?.loaded).toMatchObject({ state: 'seen', programs: [{ sha256 }] });
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

describe('what crun takes from the spec beside a finished filter', () => {
  const PROFILE = { defaultAction: 'SCMP_ACT_ALLOW', architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_AARCH64'] };
  const rule = (action: string) => ({ syscalls: [{ names: ['mknodat'], action }] });
  const SOCKET = join(sandbox.folder, 'listener.sock');

  /** The flags of seccomp(2) where a measured container loads its filter: one that crun builds, and the given one. */
  const flagsOf = (profile: object) => {
    writeFileSync(join(sandbox.folder, 'mine.json'), JSON.stringify(profile));
    const traces = join(sandbox.folder, 'traces');
    mkdirSync(traces);
    const crun = findProgram('crun', process.env['PATH']) ?? '';
    // Only what ends by itself: a tracer would be in the way of bench's own look at a container that sleeps.
    writeFileSync(
      join(sandbox.folder, 'crun'),
      [
        '#!/bin/sh',
        'config=/dev/null',
        'for word; do [ "$last" = --bundle ] && config=$word/config.json; last=$word; done',
        `grep -q '"args":\\["/payload"\\]' "$config" || exec ${crun} "$@"`,
        'kind=',
        'grep -q mknodat "$config" && kind=built',
        'grep -q seccomp_bpf_data "$config" && kind=given',
        `[ -z "$kind" ] && exec ${crun} "$@"`,
        `exec strace -f -qq -e trace=seccomp -o ${traces}/$kind.$$ ${crun} "$@"`,
        '',
      ].join('\n'),
    );
    chmodSync(join(sandbox.folder, 'crun'), 0o755);
    const { status, stderr } = sandbox.bench([
      ...['sequential', '--engine', 'crun', '--runtime', join(sandbox.folder, 'crun'), '--arms', 'unconfined'],
      ...[
        '--arm',
        'mine=profile=mine.json',
        '--arm',
        'given=profile=mine.json,build=before',
        '--blocks',
        '1',
        ...QUICK,
      ],
    ]);
    expect([status, stderr]).toEqual([0, expect.any(String)]);
    const flags = readdirSync(traces).flatMap((name) =>
      readFileSync(join(traces, name), 'utf8')
        .split('\n')
        .flatMap((line) => {
          const loaded = /SECCOMP_SET_MODE_FILTER, (\S+), \{len=/.exec(line)?.[1];
          return loaded === undefined ? [] : [`${name.split('.')[0] ?? ''} ${loaded}`];
        }),
    );
    rmSync(traces, { recursive: true });
    return [...new Set(flags)].sort();
  };
  const SPEC_ALLOW = 'SECCOMP_FILTER_FLAG_SPEC_ALLOW';
  const LOG = 'SECCOMP_FILTER_FLAG_LOG';
  const TSYNC = 'SECCOMP_FILTER_FLAG_TSYNC';
  const LISTENER = 'SECCOMP_FILTER_FLAG_NEW_LISTENER';

  it('are its flags, as of a filter that it builds', (context) => {
    needsRoot(context);
    needs(context, 'crun', 'strace');
    for (const [flags, loaded] of [
      [undefined, SPEC_ALLOW],
      [[LOG], LOG],
      [[TSYNC, SPEC_ALLOW], `${TSYNC}|${SPEC_ALLOW}`],
    ] as const)
      expect(flagsOf({ ...PROFILE, ...rule('SCMP_ACT_ERRNO'), flags })).toEqual([`built ${loaded}`, `given ${loaded}`]);
  });

  it('is its listener, who is handed that of the given filter, too', async (context) => {
    needsRoot(context);
    needs(context, 'crun', 'strace');
    // crun ends a start whose listener cannot be handed over.
    const server = createServer((socket) => socket.resume()).listen(SOCKET);
    await once(server, 'listening');
    const own = { ...PROFILE, ...rule('SCMP_ACT_NOTIFY'), listenerPath: SOCKET };
    const seen = flagsOf({ ...own, flags: [LOG] });
    await new Promise((settle) => server.close(settle));
    expect(seen).toEqual([`built ${LOG}|${LISTENER}`, `given ${LOG}|${LISTENER}`]);
  });

  it('are not its flags where Linux refuses them together with a listener', (context) => {
    needs(context, 'crun');
    needsRoot(context);
    const own = { ...PROFILE, ...rule('SCMP_ACT_NOTIFY'), listenerPath: SOCKET, flags: [TSYNC] };
    writeFileSync(join(sandbox.folder, 'mine.json'), JSON.stringify(own));
    const arm = ['--arms', 'unconfined', '--arm', 'given=profile=mine.json,build=before'];
    expect(sandbox.bench(['sequential', '--engine', 'crun', ...arm])).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(
        /bench: arm given: Linux refuses SECCOMP_FILTER_FLAG_TSYNC for a filter with/,
      ) as string,
    });
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
