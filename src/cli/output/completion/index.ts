import type { Command } from 'commander';
import { bashScript } from './bash.js';
import { completedCommand } from './declared.js';
import { fishScript } from './fish.js';
import { zshScript } from './zsh.js';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

/**
 * A script that completes commands, options, their values, scenarios and results folders in a shell, made from the
 * declarations. `scenarios`: names of the package's own.
 */
export const completionScript = (cli: Command, shell: Shell, scenarios: readonly string[]): string =>
  SCRIPTS[shell](cli.name(), completedCommand(cli, scenarios));
