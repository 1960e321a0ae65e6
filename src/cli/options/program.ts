import type { Command } from 'commander';
import { BenchError, invalidValue } from '../../errors.js';
import type { Scenario } from '../../model/run/scenario.js';
import { WORKLOAD_VIAS } from '../../model/run/program/workload.js';
import type { Workload, WorkloadVia } from '../../model/run/program/workload.js';
import { choice, collect, option } from './option.js';

export interface RawProgram {
  readonly env?: readonly string[];
  readonly cwd?: string;
  readonly bindHost?: boolean;
  readonly bind?: readonly string[];
  readonly rootfs?: string;
  readonly via: WorkloadVia;
  readonly ready?: string;
  readonly load?: string;
  readonly loadMetric?: string;
}

/** What a program sees inside: `--bind-host`, `--bind`, `--rootfs`, `--env`, `--cwd`, `--via`. */
export function declareProgram(command: Command): Command {
  return command
    .addOption(
      option(
        '--bind-host',
        "mount the host's /usr, /bin and /lib read-only, to run its programs without an image",
        'common',
      ),
    )
    .addOption(
      option(
        '--bind <path[:place]>',
        'also mount this file or folder, read-only; may be repeated',
        'program',
      ).argParser(collect),
    )
    .addOption(option('--rootfs <dir>', 'root file system of the container; mounted read-only', 'program'))
    .addOption(
      option('--env <name=value>', 'set an environment variable for the program; may be repeated', 'program').argParser(
        collect,
      ),
    )
    .addOption(option('--cwd <dir>', 'working directory of the program in the container (default: /)', 'program'))
    .addOption(
      choice(
        '--via <how>',
        'run: a new container each time; exec: a new process in a running container, as docker exec does',
        'program',
        { values: WORKLOAD_VIAS, kind: 'a way to run a program' },
      ).default('run'),
    )
    .addOption(
      option(
        '--ready <port|regex>',
        'the command is a server: it is ready once this TCP port listens, or a line of its output fits',
        'program',
      ),
    )
    .addOption(
      option(
        '--load <command>',
        'with --ready: command line that makes requests, run by /bin/sh in the network of the container',
        'program',
      ),
    )
    .addOption(
      option(
        '--load-metric <regex>',
        'finds requests per second in the output of --load; not needed for wrk, redis-benchmark, pgbench and ab',
        'program',
      ),
    );
}

/** Property of a program to what the user typed. */
const OPTIONS: Readonly<Record<string, string>> = {
  args: '-- COMMAND',
  binds: '--bind',
  loadMetric: '--load-metric',
};

/** The program of a command line, `command` being what follows `--`. Throws `usage`. */
export async function parseProgram(
  command: readonly string[],
  { env, cwd, bindHost = false, bind, rootfs, via, ready, load, loadMetric }: RawProgram,
): Promise<Workload> {
  const { isFault, workloadFrom } = await import('../../scenario/index.js');
  const program = workloadFrom(
    {
      args: command,
      bindHost,
      via,
      ...(env === undefined ? {} : { env }),
      ...(cwd === undefined ? {} : { cwd }),
      ...(bind === undefined ? {} : { binds: bind }),
      ...(rootfs === undefined ? {} : { rootfs }),
      ...(ready === undefined ? {} : { ready }),
      ...(load === undefined ? {} : { load }),
      ...(loadMetric === undefined ? {} : { loadMetric }),
    },
    (path) => path,
  );
  if (!isFault(program)) return program;
  throw new BenchError('usage', `${OPTIONS[program.property] ?? `--${program.property}`}: ${program.message}`, {
    hint: 'For example bench workload --bind-host -- python3 -c "print(1)"',
  });
}

/** `--env` of a scenario that has a program. */
export const declareVariables = (command: Command): Command =>
  command.addOption(
    option(
      '--env <name=value>',
      "set an environment variable for the scenario's program; may be repeated",
      'program',
    ).argParser(collect),
  );

/**
 * The scenario with some of its program's variables replaced. It is another scenario then, as its hash shows, and is no
 * longer compared with the published case. Throws `usage`.
 */
export function withVariables(scenario: Scenario, env: readonly string[] = []): Scenario {
  if (env.length === 0) return scenario;
  const { program } = scenario;
  if (program === undefined)
    throw new BenchError('usage', `--env requires a scenario with a program; ${scenario.name} has none`, {
      hint: 'The built-in payload reads no variables.',
    });
  const wrong = env.find((entry) => !/^[^=]+=/.test(entry));
  if (wrong !== undefined)
    throw invalidValue('--env', 'NAME=VALUE', `"${wrong}"`, { hint: 'For example --env ROUNDS=1000000.' });
  const replaced = new Set(env.map(variableName));
  const own: Scenario & { published?: string } = { ...scenario };
  delete own.published;
  return {
    ...own,
    program: { ...program, env: [...program.env.filter((one) => !replaced.has(variableName(one))), ...env] },
  };
}

const variableName = (entry: string): string => entry.split('=')[0] ?? '';
