import { describe, expect, it } from 'vitest';
import { missing, ok, problem, warning } from '../../../src/model/host/checkup.js';
import type { Checkup, Finding } from '../../../src/model/host/checkup.js';
import { renderCheckup } from '../../../src/report/index.js';

const subject = (id: string, title = id): { readonly id: string; readonly title: string } => ({ id, title });

const checkup = (
  findings: readonly Finding[],
  engine: Checkup['mainJob']['engine'] = { name: 'runc', automatic: true, version: '1.1.5', path: '/usr/sbin/runc' },
): Checkup => ({
  bench: '1.2.3',
  os: 'Some Linux',
  kernel: '6.1.0',
  machine: 'x86_64',
  mainJob: { canRun: engine !== null, engine },
  findings,
});

const ALL = checkup([
  ok(subject('runc'), '1.1.5 (/usr/sbin/runc), starts a container'),
  missing(
    subject('docker', 'Docker'),
    'no program docker or dockerd',
    'apt-get install --no-install-recommends docker.io',
  ),
  warning(subject('load', 'load average'), '4.00 on 2 cores: others are at work, which widens intervals'),
  problem(
    subject('userNamespaces', 'user namespaces'),
    'this user may not make them: kernel.unprivileged_userns_clone is 0',
    'sudo sysctl -w kernel.unprivileged_userns_clone=1',
  ),
]);

describe('a checkup as text', () => {
  it('says first whether the main job can run, then the worst', () => {
    expect(renderCheckup(ALL, { columns: 80, colour: false })).toBe(`\
Ready: runc 1.1.5 will be used.

problem  user namespaces  this user may not make them:
                          kernel.unprivileged_userns_clone is 0
                          fix: sudo sysctl -w kernel.unprivileged_userns_clone=1
warning  load average     4.00 on 2 cores: others are at work, which widens
                          intervals
missing  Docker           no program docker or dockerd
                          fix: apt-get install --no-install-recommends docker.io
ok       runc             1.1.5 (/usr/sbin/runc), starts a container
`);
  });

  it('fits 60 columns', () => {
    expect(renderCheckup(ALL, { columns: 60, colour: false })).toBe(`\
Ready: runc 1.1.5 will be used.

problem  user namespaces  this user may not make them:
                          kernel.unprivileged_userns_clone
                          is 0
  fix: sudo sysctl -w kernel.unprivileged_userns_clone=1
warning  load average     4.00 on 2 cores: others are at
                          work, which widens intervals
missing  Docker           no program docker or dockerd
  fix: apt-get install --no-install-recommends docker.io
ok       runc             1.1.5 (/usr/sbin/runc), starts a
                          container
`);
  });

  it('breaks a long command between words alone, and lets no foreign control character through', () => {
    const path = `/${'x'.repeat(40)}`;
    const fix = `sudo install ${path} ${path}`;
    const text = renderCheckup(checkup([problem(subject('runc'), 'red \u001b[31mwords\nand more', fix)]), {
      columns: 60,
      colour: false,
    });
    expect(text).toBe(
      `Ready: runc 1.1.5 will be used.\n\nproblem  runc  red words and more\n  fix: sudo install\n       ${path}\n       ${path}\n`,
    );
  });

  it('names the option where the engine has to be asked for', () => {
    expect(
      renderCheckup(checkup([], { name: 'docker', automatic: false, version: '20.10.24', path: null }), {
        columns: 80,
        colour: false,
      }),
    ).toBe('Ready with --engine docker: docker 20.10.24 works.\n\n');
    const runsc = { name: 'oci', runtime: 'runsc', automatic: false, version: 'runsc 20240729.0', path: null };
    expect(renderCheckup(checkup([], runsc), { columns: 80, colour: false })).toBe(
      'Ready with --engine oci --runtime runsc: runsc 20240729.0 works.\n\n',
    );
  });

  it('has colours where they are wanted', () => {
    expect(renderCheckup(checkup([ok(subject('a'), 'b')], null), { columns: 80, colour: true })).toBe(
      '\u001b[1mContainers cannot be measured here: no engine can start one.\u001b[0m\n\n\u001b[32mok\u001b[0m       a  b\n',
    );
  });
});
