import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ImageRequest } from '../model/container/payload-files.js';
import { isMachine, payloadFiles } from './files.js';
import { MOUNT_POINTS } from './rootfs.js';
import { tar } from './tar.js';

/** Docker's names of the machines. */
const PLATFORM = { x86_64: 'amd64', aarch64: 'arm64' } as const;
const EXECUTABLE = 0o755;
const READABLE = 0o644;

const sha256 = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');

/**
 * An image of one layer with the payload for a machine, as `docker load` reads it. Throws `environment` for a machine
 * without a payload.
 */
export function imageArchive({ machine, tag, labels, command = ['/payload'] }: ImageRequest): Buffer {
  const files = payloadFiles(machine);
  const layer = tar([
    ...MOUNT_POINTS.map((name) => ({ name: `${name}/`, mode: EXECUTABLE })),
    ...(['payload', 'caller', 'probe32'] as const).map((name) => ({
      name,
      mode: EXECUTABLE,
      bytes: readFileSync(files[name]),
    })),
  ]);
  const config = JSON.stringify({
    architecture: isMachine(machine) ? PLATFORM[machine] : machine,
    os: 'linux',
    created: '1970-01-01T00:00:00Z',
    config: { Cmd: command, Labels: labels },
    rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(layer)}`] },
    history: [{ created: '1970-01-01T00:00:00Z', created_by: 'seccomp-bench' }],
  });
  const names = { config: `${sha256(config)}.json`, layer: `${sha256(layer)}/layer.tar` };
  return tar([
    { name: `${sha256(layer)}/`, mode: EXECUTABLE },
    { name: names.layer, mode: READABLE, bytes: layer },
    { name: names.config, mode: READABLE, bytes: Buffer.from(config) },
    {
      name: 'manifest.json',
      mode: READABLE,
      bytes: Buffer.from(JSON.stringify([{ Config: names.config, RepoTags: [tag], Layers: [names.layer] }])),
    },
  ]);
}
