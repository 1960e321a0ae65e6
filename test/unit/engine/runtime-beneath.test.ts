import { createServer, type Server } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runtimeBeneath, runtimeWords, type RuntimeWish } from '../../../src/engine/beneath.js';

const folder = mkdtempSync(join(tmpdir(), 'bench-beneath-'));
const socket = join(folder, 'S');
const program = join(folder, 'runtime');
let server: Server;
beforeAll(async () => {
  writeFileSync(
    program,
    '#!/bin/sh\n[ "$1" = --version ] && printf "runc version 1.1.5+ds1\\nspec: 1.0.2\\nlibseccomp: 2.5.4\\n"\n',
    { mode: 0o755 },
  );
  server = createServer();
  await new Promise<void>((resolve) => server.listen(socket, resolve));
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const wish = (change: Partial<RuntimeWish>): RuntimeWish => ({
  name: 'own',
  program,
  version: null,
  features: null,
  socket,
  env: {},
  ...change,
});
const UNKNOWN = { name: 'own', version: null, libseccomp: null };

describe('the runtime beneath a daemon', () => {
  it('is asked itself where the daemon listens on this machine', async () => {
    const facts = await runtimeBeneath(wish({}));
    expect(facts).toEqual({ name: 'runc', version: '1.1.5+ds1', path: program, libseccomp: '2.5.4' });
    expect(runtimeWords(facts)).toBe('runc 1.1.5+ds1');
  });

  it('is what the daemon tells where its program has another version by now', async () => {
    expect(await runtimeBeneath(wish({ version: 'crun version 1.21\ncommit: x' }))).toEqual({
      name: 'crun',
      version: '1.21',
      path: program,
      libseccomp: null,
    });
  });

  it('is what the daemon passes on where it is elsewhere, and otherwise unknown', async () => {
    const features = JSON.stringify({
      annotations: { 'run.oci.crun.version': '1.28', 'io.github.seccomp.libseccomp.version': '2.6.1' },
    });
    const far = { socket: null, program: '/usr/bin/crun' };
    expect(await runtimeBeneath(wish({ ...far, features }))).toEqual({
      name: 'crun',
      version: '1.28',
      path: '/usr/bin/crun',
      libseccomp: '2.6.1',
    });
    expect(await runtimeBeneath(wish(far))).toEqual({ ...UNKNOWN, path: '/usr/bin/crun' });
    expect(await runtimeBeneath(wish({ program: 'crun', socket: join(folder, 'nobody') }))).toEqual({
      ...UNKNOWN,
      path: null,
    });
    expect(runtimeWords({ ...UNKNOWN, path: null })).toBe('own');
  });

  it('stays unknown where its program cannot be run', async () => {
    const broken = join(folder, 'broken');
    writeFileSync(broken, 'not a program', { mode: 0o755 });
    expect(await runtimeBeneath(wish({ program: broken }))).toMatchObject(UNKNOWN);
  });
});
