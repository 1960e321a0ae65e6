import { describe, expect, it } from 'vitest';
import { ociConfig, payloadArgs } from '../../../src/engine/oci/config.js';
import { contained, limitsByCgroup } from '../../../src/model/container/containment.js';
import type { ConfigOptions } from '../../../src/engine/oci/config.js';
import { loadsRawFilters } from '../../../src/engine/oci/open.js';
import type { ArmSpec } from '../../../src/model/container/container.js';

const containment = contained(limitsByCgroup(2 ** 32));
const options: ConfigOptions = { rootfs: '/r', mode: 'exit', env: [], rootless: null, containment };
const unconfined: ArmSpec = { name: 'unconfined', spec: null, text: 'null' };

interface Config {
  readonly process: { readonly args: string[]; readonly env: string[]; readonly noNewPrivileges: boolean };
  readonly root: { readonly path: string };
  readonly mounts: { readonly destination: string; readonly options: string[] }[];
  readonly linux: Readonly<Record<string, unknown>> & { readonly namespaces: { readonly type: string }[] };
}

const parsed = (arm: ArmSpec, changes: Partial<ConfigOptions> = {}): Config =>
  JSON.parse(ociConfig(arm, { ...options, ...changes })) as Config;

describe('the OCI configuration of an arm', () => {
  it("holds the spec's text byte for byte, integers beyond 2^53 and replacement patterns included", () => {
    const text =
      '{"defaultAction":"SCMP_ACT_ALLOW",\n "syscalls":[{"names":["$&","$1"],"action":"SCMP_ACT_ERRNO","args":[{"index":0,"value":18446744073709551615,"op":"SCMP_CMP_EQ"}]}]}';
    const config = ociConfig({ name: 'a', spec: { defaultAction: 'SCMP_ACT_ALLOW' }, text: `${text}\n` }, options);
    expect(config.endsWith(`,"seccomp":${text}}}`)).toBe(true);
    expect(config.split('seccomp')).toHaveLength(2);
  });

  it('has no seccomp at all where there is no spec', () => {
    expect(parsed(unconfined).linux).not.toHaveProperty('seccomp');
  });

  it('hands crun a raw filter in base64 by annotation, without a spec', () => {
    const filter = Buffer.from('0600000000000000', 'hex');
    const given = { kind: 'raw', form: 'bpf', name: 'mine.bpf', filter } as const;
    const config = parsed({ name: 'mine', spec: null, given, text: filter.toString('base64') });
    expect(config).toMatchObject({ annotations: { 'run.oci.seccomp_bpf_data': 'BgAAAAAAAAA=' } });
    expect(config.linux).not.toHaveProperty('seccomp');
    expect(parsed(unconfined)).not.toHaveProperty('annotations');
  });

  it('hands crun a filter that was built of a spec in the same way, with the flags and the listener of that spec', () => {
    const prebuilt = Buffer.from('0600000000000000', 'hex');
    const syscalls = [{ names: ['reboot'], action: 'SCMP_ACT_ERRNO' }];
    const arm = (more: object): ArmSpec => {
      const spec = { defaultAction: 'SCMP_ACT_ALLOW', syscalls, ...more };
      return { name: 'built', spec, text: JSON.stringify(spec), making: { prebuilt: true }, prebuilt };
    };
    const annotations = { 'run.oci.seccomp_bpf_data': 'BgAAAAAAAAA=' };
    expect(parsed(arm({}))).toMatchObject({ annotations });
    expect(parsed(arm({})).linux).not.toHaveProperty('seccomp');
    const flags = ['SECCOMP_FILTER_FLAG_LOG'];
    expect(parsed(arm({ flags }))).toMatchObject({ annotations });
    expect(parsed(arm({ flags })).linux['seccomp']).toEqual({ defaultAction: 'SCMP_ACT_ALLOW', flags });
    expect(parsed(arm({ listenerPath: '/l', listenerMetadata: 'm' })).linux['seccomp']).toEqual({
      defaultAction: 'SCMP_ACT_ALLOW',
      listenerPath: '/l',
      listenerMetadata: 'm',
    });
  });

  it.each([
    ['crun version 0.17', false],
    ['crun version 0.18', true],
    ['crun version 1.8.1', true],
    ['crun 1.14.4-dirty', true],
  ])('%s loads raw filters: %s', (version, expected) => {
    expect(loadsRawFilters({ isCrun: true, version })).toBe(expected);
    expect(loadsRawFilters({ isCrun: false, version: version.replace('crun', 'runc') })).toBe(false);
  });

  it("maps the caller's ids into a user namespace where the caller is not root, and asks for nothing that needs root", () => {
    const { linux, mounts } = parsed(unconfined, { rootless: { uid: 1234, gid: 567 } });
    expect([linux['uidMappings'], linux['gidMappings']]).toEqual([
      [{ containerID: 0, hostID: 1234, size: 1 }],
      [{ containerID: 0, hostID: 567, size: 1 }],
    ]);
    expect(linux.namespaces.map(({ type }) => type)).toEqual(['pid', 'network', 'ipc', 'uts', 'mount', 'user']);
    expect([linux['resources'], mounts.flatMap((mount) => mount.options)]).toEqual([
      undefined,
      expect.not.arrayContaining(['gid=5']),
    ]);
  });

  it('has no user namespace for root, closes all devices, and limits processes and memory', () => {
    const { linux, mounts } = parsed(unconfined);
    expect(linux.namespaces.map(({ type }) => type)).toEqual(['pid', 'network', 'ipc', 'uts', 'mount']);
    expect([linux['uidMappings'], linux['resources']]).toEqual([
      undefined,
      {
        devices: [{ allow: false, access: 'rwm' }],
        pids: { limit: 2048 },
        memory: { limit: 2 ** 31 },
      },
    ]);
    expect(mounts.find(({ destination }) => destination === '/dev/pts')?.options).toContain('gid=5');
  });

  it("starts the program of its mode with the run's mark in the environment, without new privileges", () => {
    const { process, root } = parsed(unconfined, { mode: 'seccomp', env: ['MARK=run'] });
    expect([process.args, process.env, process.noNewPrivileges, root.path]).toEqual([
      ['/payload', 'seccomp'],
      ['PATH=/', 'MARK=run'],
      true,
      '/r',
    ]);
    expect((['exit', 'sleep', 'seccomp', 'probe32'] as const).map(payloadArgs)).toEqual([
      ['/payload'],
      ['/payload', 'sleep'],
      ['/payload', 'seccomp'],
      ['/probe32'],
    ]);
  });
});
