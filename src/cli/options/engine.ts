import type { Command } from 'commander';
import { invalidValue, needs } from '../../errors.js';
import { ENGINE_CHOICES } from '../../model/container/container.js';
import { DEFAULT_POD_SECCOMP, POD_SECCOMP } from '../../model/container/pod.js';
import type { EngineChoice } from '../../model/container/container.js';
import type { PodSeccomp } from '../../model/container/pod.js';
import type { EngineRequest } from '../../model/experiment/request.js';
import { choice, option } from './option.js';

export interface RawEngine {
  readonly engine: EngineChoice;
  readonly runtime?: string;
  readonly host?: string;
  readonly image?: string;
  readonly podSeccomp?: PodSeccomp;
}

interface EngineDeclaration {
  readonly choices?: readonly EngineChoice[];
  readonly default?: EngineChoice;
  readonly about?: string;
}

/** What creates the containers: `--engine`, `--runtime`, `--host`, `--image`, `--pod-seccomp`. */
export function declareEngine(
  command: Command,
  { choices = ENGINE_CHOICES, default: preset = 'auto', about = 'what creates the containers' }: EngineDeclaration = {},
): Command {
  command
    .addOption(choice('--engine <engine>', about, 'common', { values: choices, kind: 'an engine' }).default(preset))
    .addOption(
      option(
        '--runtime <path>',
        'the OCI runtime (or lxc-start) to use; for docker, containerd and cri, a name from their configuration',
        'common',
      ),
    );
  if (!choices.includes('docker')) return command;
  return command
    .addOption(
      option(
        '--host <address>',
        'docker, podman: unix:///path, tcp://host:port or ssh://user@host ' +
          '(default: DOCKER_HOST or the Docker context); ' +
          'cri: unix:///path (default: the first of containerd, k3s, CRI-O and iSulad)',
        'engine',
      ),
    )
    .addOption(
      option(
        '--image <name>',
        'docker, podman, cri: an existing image with the payload (default: load one, and remove it afterwards)',
        'engine',
      ),
    )
    .addOption(
      choice(
        '--pod-seccomp <filter>',
        "cri: the filter of the container that holds a pod: the runtime's default, the arm's or none " +
          `(default: ${DEFAULT_POD_SECCOMP}, as a kubelet has it)`,
        'engine',
        { values: POD_SECCOMP, kind: 'a filter for pods' },
      ),
    );
}

/**
 * What can be asked for in the path of a request. The daemon knows the rest of the rules: names in lower case, tags,
 * digests.
 */
const IMAGE_NAME = /^(?!.*(?:\/\/|\.\.))[\w[][\w.:/@+[\]-]*$/;

/** Throws `usage` for a value that is no name, `environment` for options that only a daemon has. */
export function parseEngine({ engine, runtime, host, image, podSeccomp }: RawEngine): EngineRequest {
  const daemonOnly = host !== undefined ? '--host' : image !== undefined ? '--image' : undefined;
  if (daemonOnly !== undefined && !['docker', 'podman', 'cri'].includes(engine))
    throw needs(daemonOnly, `--engine docker, podman or cri, not ${engine}`, {
      hint: 'Other engines start containers on this machine.',
    });
  if (podSeccomp !== undefined && engine !== 'cri')
    throw needs('--pod-seccomp', `--engine cri, not ${engine}`, { hint: 'Other engines make no pods.' });
  if (image !== undefined && !IMAGE_NAME.test(image))
    throw invalidValue('--image', 'the name or id of an image', JSON.stringify(image), {
      hint: 'For example localhost/payload:1, without spaces.',
    });
  return {
    choice: engine,
    ...(runtime === undefined ? {} : { runtime }),
    ...(host === undefined ? {} : { host }),
    ...(image === undefined ? {} : { image }),
    ...(podSeccomp === undefined ? {} : { podSeccomp }),
  };
}
