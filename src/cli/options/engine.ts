import type { Command } from 'commander';
import { needs } from '../../errors.js';
import { ENGINE_CHOICES } from '../../model/container/container.js';
import type { EngineChoice } from '../../model/container/container.js';
import type { EngineRequest } from '../../model/experiment/request.js';
import { choice, option } from './option.js';

export interface RawEngine {
  readonly engine: EngineChoice;
  readonly runtime?: string;
  readonly host?: string;
  readonly image?: string;
}

interface EngineDeclaration {
  readonly choices?: readonly EngineChoice[];
  readonly default?: EngineChoice;
  readonly about?: string;
}

/** What creates the containers: `--engine`, `--runtime`, `--host`, `--image`. */
export function declareEngine(
  command: Command,
  { choices = ENGINE_CHOICES, default: preset = 'auto', about = 'what creates the containers' }: EngineDeclaration = {},
): Command {
  command
    .addOption(choice('--engine <engine>', about, 'common', { values: choices, kind: 'an engine' }).default(preset))
    .addOption(
      option(
        '--runtime <path>',
        'the OCI runtime (or lxc-start) to use; for docker and containerd, a name from their configuration',
        'common',
      ),
    );
  if (!choices.includes('docker')) return command;
  return command
    .addOption(
      option(
        '--host <address>',
        'docker, podman: unix:///path, tcp://host:port or ssh://user@host (default: DOCKER_HOST or the Docker context)',
        'engine',
      ),
    )
    .addOption(
      option(
        '--image <name>',
        'docker, podman: an existing image with the payload (default: load one, and remove it afterwards)',
        'engine',
      ),
    );
}

/** Throws `environment` for options that only a daemon has. */
export function parseEngine({ engine, runtime, host, image }: RawEngine): EngineRequest {
  const daemonOnly = host !== undefined ? '--host' : image !== undefined ? '--image' : undefined;
  if (daemonOnly !== undefined && engine !== 'docker' && engine !== 'podman')
    throw needs(daemonOnly, `--engine docker or podman, not ${engine}`, {
      hint: 'Other engines start containers on this machine.',
    });
  return {
    choice: engine,
    ...(runtime === undefined ? {} : { runtime }),
    ...(host === undefined ? {} : { host }),
    ...(image === undefined ? {} : { image }),
  };
}
