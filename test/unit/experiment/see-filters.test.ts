import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { machine, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PLAIN_BUILDER } from '../../../src/engine/filter-builder.js';
import { numbered, simulateArms } from '../../../src/experiment/percall/simulate.js';
import { seeFilters } from '../../../src/experiment/arms/see-filters.js';
import type { Session } from '../../../src/experiment/session/session.js';
import type { FittedArm } from '../../../src/experiment/arms/fit.js';
import type { SeccompSpec } from '../../../src/model/profile/seccomp.js';

const MACHINE = machine() === 'aarch64' ? 'aarch64' : 'x86_64';
/** No process has it: ptrace is refused, as it is to an ordinary user. */
const NO_PID = 4_194_303;
const REFUSED = `could not attach to process ${NO_PID}: no such process (ESRCH)`;
const LOADED =
  'prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, {len=1, filter=[BPF_STMT(BPF_RET|BPF_K, SECCOMP_RET_ERRNO|0x26)]}) = 0';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'see-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A session whose containers nobody may trace by ptrace; `command` false: a daemon starts them. */
function blindSession(command = true): Session {
  const nothing = { [Symbol.asyncDispose]: () => Promise.resolve() };
  const exited = { ...nothing, remove: () => Promise.resolve() };
  const created = {
    ...nothing,
    start: () => Promise.resolve({ ...nothing, pid: NO_PID, kill: () => Promise.resolve(exited) }),
  };
  const engine = {
    create: () => Promise.resolve(created),
    command: () => (command ? { file: '/bin/true', args: [], env: [`PATH=${folder}`] } : null),
  };
  return { runId: 'sb-test', machine: MACHINE, engine } as unknown as Session;
}

function fakeStrace(script: string): void {
  const file = join(folder, 'strace');
  // The session's PATH holds only this program; the trace goes to what follows -o.
  writeFileSync(file, `#!/bin/sh\nwhile [ "$1" != -o ]; do shift; done\nout=$2\n${script}\n`);
  chmodSync(file, 0o755);
}

describe("what a container's filter is read by", () => {
  it('is a trace of our own child where ptrace is refused', async () => {
    fakeStrace(`echo '${LOADED}' > "$out"`);
    expect(await seeFilters('native', blindSession())).toMatchObject({
      state: 'seen',
      via: 'strace',
      programs: [Buffer.from([6, 0, 0, 0, 0x26, 0, 5, 0])],
    });
  });

  it('tells the reasons of both where neither can', async () => {
    const reason = async (session = blindSession()): Promise<string> => {
      const seen = await seeFilters('native', session);
      return seen.state === 'notSeen' ? seen.reason : '';
    };
    expect(await reason(blindSession(false))).toBe(REFUSED);
    expect(await reason()).toBe(`${REFUSED}; by strace: strace not found in PATH`);
    fakeStrace('echo "strace: ptrace(PTRACE_SEIZE): Operation not permitted" >&2; exit 1');
    expect(await reason()).toBe(
      `${REFUSED}; by strace: strace wrote no trace (exit code 1): strace: ptrace(PTRACE_SEIZE): Operation not permitted`,
    );
    fakeStrace('echo "1 +++ exited with 1 +++" > "$out"; echo "runc: no rights" >&2; exit 1');
    expect(await reason()).toBe(`${REFUSED}; by strace: its trace shows no filter, exit code 1: runc: no rights`);
    fakeStrace('echo "1 +++ exited with 0 +++" > "$out"');
    expect(await reason()).toBe(`${REFUSED}; by strace: its trace shows no filter`);
  });

  it("is what calls are simulated under, and libseccomp's filter only where nothing was seen", async () => {
    const spec: SeccompSpec = {
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [{ names: ['kexec_load'], action: 'SCMP_ACT_ERRNO', errnoRet: 1 }],
    };
    const arms = [{ name: 'native', arm: { spec } }] as unknown as FittedArm[];
    const calls = numbered([{ name: 'kexec_load', args: [] }], MACHINE);
    const builders = new Map([['native', PLAIN_BUILDER]]);
    const simulated = async () => {
      const session = { ...blindSession(), kernel: '6.18.1' };
      return simulateArms(
        { arms, session, builders, filters: new Map([['native', await seeFilters('native', session)]]) },
        calls,
      );
    };
    expect(await simulated()).toMatchObject([{ from: 'predicted', errno: 1 }]);
    fakeStrace(`echo '${LOADED}' > "$out"`);
    expect(await simulated()).toMatchObject([{ from: 'loaded', errno: 38, instructions: 1 }]);
  });
});
