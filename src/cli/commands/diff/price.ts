import { conflict } from '../../../errors.js';
import { callsRequest, runExperiment } from '../../../experiment/index.js';
import type { FilterForm } from '../../../filter/index.js';
import type { CallDiff, FilterDiff } from '../../../model/filter/diff.js';
import type { Io } from '../../../model/io.js';
import type { ArmDefinition } from '../../../model/run/scenario.js';
import { harmlessCall } from '../../../model/run/harmless-calls.js';
import type { PricedDifference } from '../../../report/index.js';
import { readPercallFolder } from '../../../results/index.js';
import { priceDifferences } from '../../../statistics/index.js';
import type { DiffOperand } from '../../options/diff.js';
import { contextOf } from '../../context.js';
import type { SideOptions } from './sides.js';

const BLOCKS = 30;
/** Calls timed; each takes its time in every container. */
const MOST_CALLS = 4;

/**
 * Times the calls that changed most under both sides. `null`: none of those that changed can be made without an effect.
 * Throws `usage` for a side that is not a file, `environment` where no containers can be made.
 */
export async function priceDiff(
  [before, after]: readonly [DiffOperand, DiffOperand],
  diff: FilterDiff,
  options: SideOptions,
  io: Io,
): Promise<PricedDifference | null> {
  const arms = [armOf('before', before, options), armOf('after', after, options)];
  const calls = callsToTime(diff);
  if (calls.length === 0) return null;
  const { policy: _, dialect, kernel, ...conversion } = options.conversion;
  const request = callsRequest({
    engine: 'namespaces',
    arms,
    calls,
    blocks: BLOCKS,
    dialect,
    conversion: { ...conversion, ...(kernel === undefined ? {} : { kernel }) },
  });
  const { folders } = await runExperiment(
    { ...request, equalArms: 'refuse', commandLine: io.commandLine },
    await contextOf(io, { quiet: true }),
  );
  const [folder = ''] = folders;
  return { calls: priceDifferences(readPercallFolder(folder), 'before', 'after'), folder };
}

/** Throws `usage`. */
function armOf(name: string, operand: DiffOperand, { conversion, form }: SideOptions): ArmDefinition {
  switch (operand.kind) {
    case 'unconfined':
      return { name, policy: 'unconfined' };
    case 'source':
      if (operand.file === '-')
        throw conflict('--price', 'standard input', { hint: 'Give the profile or filter as a file.' });
      return {
        name,
        policy: conversion.policy,
        impliedPolicy: true,
        ...(operand.file === undefined ? {} : { profile: operand.file }),
        ...making(form),
      };
    case 'existing':
    case 'own':
      throw conflict('--price', operand.name, { hint: 'Only profiles and filters in files can be timed.' });
  }
}

const making = (form: FilterForm): Pick<ArmDefinition, 'making'> => (form === 'tree' ? { making: { form } } : {});

/** Calls of the machine's own ABI that entered or left the bitmap, then those whose way changed most. */
function callsToTime({ architectures }: FilterDiff): readonly string[] {
  const [own] = architectures;
  const moved = ({ before, after }: CallDiff): number =>
    before.cached === after.cached ? Math.abs(after.most - before.most) * Number(!after.cached) : Infinity;
  return (own?.calls ?? [])
    .filter((call) => harmlessCall(call.name) !== undefined && moved(call) > 0)
    .sort((one, other) => (moved(other) === moved(one) ? 0 : moved(other) - moved(one)))
    .slice(0, MOST_CALLS)
    .map(({ name }) => name);
}
