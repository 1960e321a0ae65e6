import { existsSync } from 'node:fs';
import { hostname, release } from 'node:os';
import { join, resolve } from 'node:path';
import { BenchError } from '../errors.js';
import type { Io } from '../model/io.js';
import { findScenario } from '../scenario/index.js';
import { checkArms } from '../experiment/arms/convert.js';
import { packageRoot } from '../package.js';
import type { NodeCommand } from '../cli/declare/fleet.js';

/** The image has these. */
const PACKAGED = join(packageRoot(), 'scenarios/');

/**
 * Checks what the nodes are to run, as far as can be seen from here, and gives the files of this machine that it needs:
 * profiles and the scenario's own.
 * The nodes see them under the very paths they have here. Throws `usage`, `input` and `notComparable`.
 */
export async function filesOf({ plan, scenario: name }: NodeCommand, io: Io): Promise<readonly string[]> {
  const { scenario, options } = plan;
  const profiles = [...new Set([scenario.profile, ...scenario.arms.map((arm) => arm.profile)])].filter(
    (profile) => profile !== undefined,
  );
  if (profiles.includes('-'))
    throw new BenchError('usage', `Expected the profile in a file, got standard input of ${hostname()}`, {
      hint: 'The nodes have none: save it, and name the file.',
    });
  const { capabilities, kernel, lenient } = options.conversion;
  await checkArms(scenario, { machine: 'x86_64', capabilities, kernel: kernel ?? release(), lenient }, io);
  const own = name === undefined ? [] : [findScenario(name, { cwd: io.cwd, packageRoot: packageRoot() })];
  return [...new Set([...own, ...profiles.map((profile) => resolve(io.cwd, profile))])].filter(
    (path) => !path.startsWith(PACKAGED) && existsSync(path),
  );
}
