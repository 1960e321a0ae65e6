import { existsSync } from 'node:fs';
import { release } from 'node:os';
import { join, resolve } from 'node:path';
import { conflict } from '../errors.js';
import { checkArms } from '../experiment/arms/convert.js';
import { packageRoot } from '../host/index.js';
import { isProfileName } from '../model/profile/names.js';
import type { NodeJob } from '../model/host/fleet-request.js';
import type { FleetContext } from './context.js';

/** The image has these. */
const PACKAGED = join(packageRoot(), 'scenarios/');

/**
 * Checks what the nodes will run, as far as this machine can, and gives the files of this machine that it reads:
 * profiles and the scenario itself. The nodes see them under the same paths. Throws `usage`, `input` and
 * `notComparable`.
 */
export async function filesOf(
  { scenario, scenarioFile, conversion }: NodeJob,
  command: 'fleet --swarm' | 'fleet --kubernetes',
  context: Pick<FleetContext, 'cwd' | 'stdin'>,
): Promise<readonly string[]> {
  const profiles = [scenario.profile, ...scenario.arms.map((arm) => arm.profile)].filter(
    (profile): profile is string => profile !== undefined && !isProfileName(profile),
  );
  if (profiles.includes('-'))
    throw conflict('--profile -', command, {
      hint: 'The nodes have no standard input. Save the profile to a file.',
    });
  await checkArms(scenario, { ...conversion, machine: 'x86_64', kernel: conversion.kernel ?? release() }, context);
  const paths = [
    ...(scenarioFile === null ? [] : [scenarioFile]),
    ...profiles.map((path) => resolve(context.cwd, path)),
  ];
  return [...new Set(paths)].filter((path) => !path.startsWith(PACKAGED) && existsSync(path));
}
