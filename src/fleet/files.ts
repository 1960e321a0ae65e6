import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { BenchError } from '../errors.js';
import type { Io } from '../model/io.js';
import type { Scenario } from '../model/run/scenario.js';
import { findScenario, loadScenario, makeScenario, parseLevels } from '../scenario/index.js';
import { checkArms } from '../experiment/arms/convert.js';
import { packageRoot } from '../host/package-root.js';
import type { NodeCommand } from '../cli/declare/fleet.js';
import { readSettings } from '../cli/options/settings.js';
import { mostBlocks } from '../cli/options/stopping.js';

/** The image has these. */
const PACKAGED = join(packageRoot(), 'scenarios/');

/**
 * Checks what the nodes are to run, as far as can be seen from here, and gives the files of this machine that it needs:
 * profiles and the scenario's own.
 * The nodes see them under the very paths they have here. Throws `usage`, `input` and `notComparable`.
 */
export async function filesOf(command: NodeCommand, io: Io): Promise<readonly string[]> {
  const places = { cwd: io.cwd, packageRoot: packageRoot() };
  const { options } = command;
  const scenario = scenarioOf(command, io);
  // Pinning is the node's business.
  const { kernel } = readSettings({ ...options, pin: false }, io);
  const profiles = [...new Set([scenario.profile, ...scenario.arms.map((arm) => arm.profile)])].filter(
    (profile) => profile !== undefined,
  );
  if (profiles.includes('-'))
    throw new BenchError('usage', `Expected the profile in a file, got standard input of ${hostname()}`, {
      hint: 'The nodes have none: save it, and name the file.',
    });
  await checkArms(
    scenario,
    { machine: 'x86_64', capabilities: options.caps, kernel: options.kernel ?? kernel, lenient: options.lenient },
    io,
  );
  const own = command.name === 'run' ? [findScenario(command.options.scenario, places)] : [];
  return [...new Set([...own, ...profiles.map((profile) => resolve(io.cwd, profile))])].filter(
    (path) => !path.startsWith(PACKAGED) && existsSync(path),
  );
}

function scenarioOf(command: NodeCommand, io: Io): Scenario {
  switch (command.name) {
    case 'run':
      return loadScenario(command.options.scenario, { cwd: io.cwd, packageRoot: packageRoot() });
    case 'sequential':
      return makeScenario({
        kind: 'sequential',
        ...command.options,
        count: mostBlocks(command.options.count, command.options),
      });
    case 'parallel': {
      const { concurrency, rounds, ...rest } = command.options;
      const isSweep = parseLevels(concurrency, rest.count) !== null;
      return makeScenario({
        kind: 'parallel',
        ...rest,
        rounds: mostBlocks(rounds, rest),
        ...(isSweep || concurrency === undefined ? {} : { concurrency }),
      });
    }
  }
}
