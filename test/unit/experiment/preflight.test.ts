import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkBeforeStart } from '../../../src/experiment/preflight/index.js';
import { missingUntil } from '../../../src/model/filter/since.js';
import { nobodyAt } from '../../../src/experiment/preflight/listener.js';
import { runExperiment } from '../../../src/experiment/index.js';
import type { EngineView } from '../../../src/model/container/container.js';
import type { SeccompSpec } from '../../../src/model/profile/seccomp.js';
import { callsRequest, countsRequest, startsRequest, sweepRequest, useBench, workloadRequest } from './fake-engine.js';

const NEEDED = ['read', 'write', 'exit', 'exit_group', 'execve', 'prctl', 'clock_gettime', 'ppoll'];
const NATIVE = process.arch === 'x64' ? 'x86_64' : 'aarch64';

const without = (...calls: readonly string[]): readonly string[] => NEEDED.filter((name) => !calls.includes(name));
const specOf = (names: readonly string[], more: Partial<SeccompSpec> = {}): SeccompSpec => ({
  defaultAction: 'SCMP_ACT_ERRNO',
  syscalls: [{ names, action: 'SCMP_ACT_ALLOW' }],
  ...more,
});
const engineOf = (name: string, more: Partial<EngineView> = {}): EngineView => ({
  facts: { name, version: `${name} version 1.1.5` },
  limits: {},
  ...more,
});
const check = (spec: SeccompSpec, engine = engineOf('runc')) =>
  checkBeforeStart(
    [{ definition: { name: 'mine', policy: 'host' }, source: null, spec, convert: () => spec }],
    engine,
    NATIVE,
  );

describe('what a program needs to start and to end', () => {
  it('is no obstacle where the filter allows it, whatever else it denies', async () => {
    await expect(check(specOf(NEEDED))).resolves.toEqual([]);
    await expect(check(specOf(without('prctl', 'exit', 'ppoll')))).resolves.toEqual([]);
    await expect(check(specOf([], { defaultAction: 'SCMP_ACT_LOG', syscalls: [] }))).resolves.toEqual([]);
  });

  it.each([
    [without('exit', 'exit_group'), 'exit and exit_group are not allowed, so no program can end'],
    [without('exit_group'), 'exit_group is not allowed, so no program can end with it'],
    [without('execve'), 'execve is not allowed, so no program can start: the filter is loaded before it'],
    [without('write'), 'write is not allowed, and the program that bench starts in every container needs it'],
  ])('is told by name', async (names, words) => {
    await expect(check(specOf(names))).rejects.toMatchObject({ code: 'input', message: `arm mine: ${words}` });
  });

  it('differs with what happens to a program that does it all the same', async () => {
    const defaultAction = 'SCMP_ACT_KILL_PROCESS';
    await expect(check(specOf(without('exit', 'exit_group'), { defaultAction }))).rejects.toThrow(
      'exit and exit_group are not allowed, so every program is killed when it ends',
    );
    // A call that may fail must still not kill.
    await expect(check(specOf(without('prctl'), { defaultAction }))).rejects.toThrow('prctl is not allowed');
    // Without a tracer, TRACE is an errno.
    await expect(check(specOf(without('exit', 'exit_group'), { defaultAction: 'SCMP_ACT_TRACE' }))).rejects.toThrow(
      'so no program can end',
    );
  });

  it('is decided by the arguments that are used', async () => {
    const rule = { names: ['exit_group'], action: 'SCMP_ACT_ALLOW' };
    const only = (value: number) => [{ index: 0, value, op: 'SCMP_CMP_EQ' }];
    const syscalls = (value: number) => [
      { names: without('exit', 'exit_group'), action: 'SCMP_ACT_ALLOW' },
      { ...rule, args: only(value) },
    ];
    await expect(check(specOf([], { syscalls: syscalls(0) }))).resolves.toEqual([]);
    await expect(check(specOf([], { syscalls: syscalls(1) }))).rejects.toThrow('so no program can end');
  });

  it('is not asked of a kernel that is not this one, as gVisor applies filters in its own', async () => {
    await expect(check(specOf([]), engineOf('runsc', { ownKernel: true }))).resolves.toEqual([]);
  });

  it('may be started by another call where the engine is not known to use execve', async () => {
    const spec = specOf([...without('execve'), 'execveat']);
    await expect(check(spec, engineOf('crun'))).resolves.toEqual([]);
    await expect(check(spec, engineOf('namespaces'))).rejects.toThrow('execve is not allowed');
  });
});

describe('flags and actions', () => {
  const FLAG = 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV';
  const flagged = specOf(NEEDED, { flags: [FLAG] });

  it('that a runtime does not load are refused, with the version that does', async () => {
    const runc = engineOf('runc', { limits: { loadableFlags: new Set() } });
    await expect(check(flagged, runc)).rejects.toMatchObject({
      code: 'input',
      message:
        'arm mine: runc 1.1.5 does not load the flag SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV; ' +
        'runc 1.5 (with libseccomp 2.6) or newer does',
      hint: 'Use --engine crun (1.7 or newer), or remove the flag from the profile.',
    });
    const unheard = specOf(NEEDED, { flags: ['SECCOMP_FILTER_FLAG_NOBODY'] });
    await expect(check(unheard, runc)).rejects.toMatchObject({ hint: 'Remove the flag from the profile.' });
    const actions = engineOf('runc', { limits: { knownActions: new Set(['SCMP_ACT_ALLOW']) } });
    await expect(check(specOf(NEEDED), actions)).rejects.toThrow('runc 1.1.5 does not know the action SCMP_ACT_ERRNO');
  });

  it('are a note where it is not known, and where crun drops them', async () => {
    await expect(check(flagged, engineOf('oci'))).resolves.toEqual([
      { code: 'flagsUnknown', arm: 'mine', flags: [FLAG], engine: 'oci' },
    ]);
    const TSYNC = 'SECCOMP_FILTER_FLAG_TSYNC';
    const crun = engineOf('crun', { limits: { loadableFlags: new Set([FLAG, TSYNC]) } });
    await expect(check(flagged, crun)).resolves.toEqual([{ code: 'flagsDropped', arm: 'mine', flag: FLAG }]);
    const synced = specOf(NEEDED, { flags: [TSYNC] });
    await expect(check(synced, crun)).resolves.toEqual([]);
    await expect(check({ ...synced, listenerPath: '/l' }, crun)).rejects.toMatchObject({
      message:
        'arm mine: Linux refuses SECCOMP_FILTER_FLAG_TSYNC for a filter with a listener, ' +
        'as crun 1.1.5 loads it for listenerPath',
    });
  });

  it('are refused by name where the built-in engine cannot load them', async () => {
    const own = engineOf('namespaces', { limits: { loadableFlags: new Set(['SECCOMP_FILTER_FLAG_LOG']) } });
    await expect(check(flagged, own)).rejects.toThrow(`the built-in engine does not load the flag ${FLAG}`);
    await expect(check(specOf(NEEDED, { flags: ['SECCOMP_FILTER_FLAG_LOG'] }), own)).resolves.toEqual([]);
  });

  it('that came with a later kernel are refused, by release and by what this kernel lists', async () => {
    const old = { machine: NATIVE, kernelRelease: '5.10.0-1-cloud', os: null, cpuCount: null };
    await expect(check(flagged, engineOf('docker', { host: old }))).rejects.toThrow(
      `Linux 5.10.0-1-cloud does not know the flag ${FLAG}; Linux 5.19 or newer does`,
    );
    expect(missingUntil('SCMP_ACT_LOG', { release: '4.9.0', actions: null })).toBe('4.14');
    expect(missingUntil('SCMP_ACT_LOG', { release: '9.9', actions: ['allow'] })).toBe('4.14');
    expect(missingUntil('SCMP_ACT_LOG', { release: '', actions: null })).toBeUndefined();
    expect(missingUntil('SCMP_ACT_ERRNO', { release: '3.5', actions: null })).toBeUndefined();
  });
});

describe('a listener', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'listener-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const notifying = (listenerPath?: string): SeccompSpec => ({
    ...specOf(NEEDED),
    syscalls: [
      { names: NEEDED, action: 'SCMP_ACT_ALLOW' },
      { names: ['fchownat'], action: 'SCMP_ACT_NOTIFY' },
    ],
    ...(listenerPath === undefined ? {} : { listenerPath }),
  });

  it('that nobody is, is told with the path', async () => {
    const path = join(folder, 'nobody.sock');
    await expect(check(notifying(path))).rejects.toMatchObject({
      code: 'input',
      message: `arm mine: nobody listens at ${path} (listenerPath): no such file or directory`,
    });
    writeFileSync(path, '');
    await expect(check(notifying(path))).rejects.toThrow(/nobody listens at .*nobody\.sock/);
  });

  it('that is there is not connected to', async () => {
    const path = join(folder, 'somebody.sock');
    let connections = 0;
    const server = createServer(() => (connections += 1)).listen(path);
    await new Promise((settle) => server.once('listening', settle));
    await expect(check(notifying(path))).resolves.toEqual([]);
    await expect(nobodyAt(path)).resolves.toBeUndefined();
    await new Promise((settle) => server.close(settle));
    expect(connections).toBe(0);
  });

  it('on another machine is not known', async () => {
    const host = { machine: NATIVE, kernelRelease: release(), os: null, cpuCount: null };
    await expect(check(notifying('/run/x.sock'), engineOf('docker', { host }))).resolves.toEqual([
      { code: 'listenerUnknown', arm: 'mine', path: '/run/x.sock', engine: 'docker' },
    ]);
  });

  it('that is not named is an error for runc, and ENOSYS in crun', async () => {
    await expect(check(notifying())).rejects.toThrow('SCMP_ACT_NOTIFY and no listenerPath, and runc refuses that');
    await expect(check(notifying(), engineOf('crun'))).resolves.toEqual([{ code: 'noListener', arm: 'mine' }]);
    await expect(check(notifying(), engineOf('namespaces'))).rejects.toThrow('the built-in engine has no listener');
  });

  it('is asked by crun even where nothing is notified, and by runc not', async () => {
    const spec = specOf(NEEDED, { listenerPath: join(folder, 'nobody.sock') });
    await expect(check(spec)).resolves.toEqual([]);
    await expect(check(spec, engineOf('crun'))).rejects.toThrow('nobody listens at');
  });

  it('may not be asked about every call, nor about write, in runc', async () => {
    const byDefault = { ...notifying('/run/x.sock'), defaultAction: 'SCMP_ACT_NOTIFY' };
    await expect(check(byDefault)).rejects.toThrow('runc refuses SCMP_ACT_NOTIFY as the default action');
    const write = { ...notifying('/run/x.sock'), syscalls: [{ names: ['write'], action: 'SCMP_ACT_NOTIFY' }] };
    await expect(check({ ...write, defaultAction: 'SCMP_ACT_ALLOW' })).rejects.toThrow(
      'runc refuses SCMP_ACT_NOTIFY for write',
    );
  });
});

describe('every experiment', () => {
  const bench = useBench();
  const CLOSED = {
    defaultAction: 'SCMP_ACT_ERRNO',
    archMap: [
      { architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] },
      { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: ['SCMP_ARCH_ARM'] },
    ],
    syscalls: [{ names: ['write', 'execve', 'clock_gettime'], action: 'SCMP_ACT_ALLOW' }],
  };

  it('refuses a filter under which nothing can end before its first container', async () => {
    const { context, folder, engine } = bench();
    writeFileSync(join(folder, 'profile.json'), JSON.stringify(CLOSED));
    for (const request of [startsRequest(), sweepRequest(), callsRequest(), countsRequest(), workloadRequest()]) {
      const fake = engine();
      await expect(runExperiment(request, context, fake.parts)).rejects.toThrow(
        'arm before: exit and exit_group are not allowed, so no program can end',
      );
      expect([fake.engine.started, fake.engine.seen]).toEqual([[], []]);
    }
  });
});

describe('calls to time', () => {
  const bench = useBench();
  const write = (more: object): void => {
    const profile = {
      defaultAction: 'SCMP_ACT_KILL_PROCESS',
      archMap: [
        { architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] },
        { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: ['SCMP_ARCH_ARM'] },
      ],
      syscalls: [{ names: [...NEEDED, 'getppid'], action: 'SCMP_ACT_ALLOW' }],
      ...more,
    };
    writeFileSync(join(bench().folder, 'profile.json'), JSON.stringify(profile));
  };

  it('that would end their caller are left out where nobody named them, and the others are timed', async () => {
    const { context, events, engine } = bench();
    write({});
    const { ended } = await runExperiment(callsRequest({ droppable: ['unknown'] }), context, engine().parts);
    expect(ended).toBe('complete');
    expect(events).toContainEqual({
      kind: 'callsLeftOut',
      calls: ['unknown'],
      arm: 'before',
      action: 'KILL_PROCESS',
    });
  });

  it('that were named are refused before the first container', async () => {
    const { context, engine } = bench();
    write({});
    const fake = engine();
    await expect(runExperiment(callsRequest(), context, fake.parts)).rejects.toThrow(
      'unknown cannot be timed under before: the filter answers KILL_PROCESS',
    );
    expect(fake.engine.started).toEqual([]);
  });

  it('cannot be timed at all where the program that does it has no clock', async () => {
    const { context, engine } = bench();
    write({
      defaultAction: 'SCMP_ACT_ERRNO',
      syscalls: [{ names: without('clock_gettime'), action: 'SCMP_ACT_ALLOW' }],
    });
    const fake = engine();
    await expect(runExperiment(callsRequest(), context, fake.parts)).rejects.toThrow(
      'arm before: clock_gettime is not allowed, and the program that times calls needs it',
    );
    expect(fake.engine.started).toEqual([]);
  });
});
