import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { imageArchive, MACHINES, payloadFiles } from '../../../src/payload/index.js';

const names = (archive: Buffer): readonly string[] =>
  spawnSync('tar', ['-t'], { input: archive, encoding: 'utf8' }).stdout.trim().split('\n');
const file = (archive: Buffer, name: string): Buffer =>
  spawnSync('tar', ['-xO', name], { input: archive, maxBuffer: 1 << 26 }).stdout;

describe.each(MACHINES)('the image for %s', (machine) => {
  const archive = imageArchive({ machine, tag: 'seccomp-bench:sb-1', labels: { 'seccomp-bench': 'sb-1' } });
  const [manifest] = JSON.parse(file(archive, 'manifest.json').toString()) as {
    Config: string;
    RepoTags: string[];
    Layers: string[];
  }[];

  it("is an archive as docker load takes it, for the engine's machine and not for ours", () => {
    expect(manifest?.RepoTags).toEqual(['seccomp-bench:sb-1']);
    const config = JSON.parse(file(archive, manifest?.Config ?? '').toString()) as {
      architecture: string;
      config: object;
      rootfs: { diff_ids: string[] };
    };
    expect([config.architecture, config.config]).toEqual([
      machine === 'x86_64' ? 'amd64' : 'arm64',
      { Cmd: ['/payload'], Labels: { 'seccomp-bench': 'sb-1' } },
    ]);
    expect(config.rootfs.diff_ids).toEqual([
      `sha256:${createHash('sha256')
        .update(file(archive, manifest?.Layers[0] ?? ''))
        .digest('hex')}`,
    ]);
  });

  it('holds the static payload of that machine and the mount points', () => {
    const layer = file(archive, manifest?.Layers[0] ?? '');
    expect(names(layer)).toEqual(['proc/', 'dev/', 'sys/', 'tmp/', 'etc/', 'payload', 'caller', 'probe32']);
    expect(file(layer, 'payload').equals(readFileSync(payloadFiles(machine).payload))).toBe(true);
  });
});
