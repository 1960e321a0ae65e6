import type { LaunchCommand } from '../../model/container/container.js';

/** The environment of a command by name. */
export const variablesOf = ({ env }: LaunchCommand): Readonly<Record<string, string>> =>
  Object.fromEntries(env.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]));
