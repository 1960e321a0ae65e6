import { release } from 'node:os';
import type { ArmNote } from '../../model/run/arm-notes.js';
import { isMachine } from '../../payload/index.js';
import type { Machine } from '../../payload/index.js';
import { convertArms } from '../arms/convert.js';
import type { ArmSources, ConvertedArm } from '../arms/convert.js';
import type { BeforeStart } from '../session/session.js';
import type { Kind, RequestOf } from '../states.js';
import { checkCalls } from './calls.js';
import { checkBeforeStart } from './index.js';

type AnyRequest = RequestOf[Kind];
type ConvertedOn = (machine: string, kernel: string) => readonly ConvertedArm[];

/**
 * Every arm's spec for a machine and its kernel; converted again only where they are not this one's. Throws `input` for
 * a profile that cannot be converted for this machine.
 */
export function conversionsOf({ scenario, conversion }: AnyRequest, sources: ArmSources, own: Machine): ConvertedOn {
  const convert = (machine: string, kernel: string): readonly ConvertedArm[] =>
    convertArms(scenario, sources, { machine, kernel, capabilities: conversion.capabilities });
  const ownKernel = conversion.kernel ?? release();
  const converted = convert(own, ownKernel);
  return (machine, kernelThere) => {
    const kernel = conversion.kernel ?? kernelThere;
    return machine === own && kernel === ownKernel ? converted : convert(machine, kernel);
  };
}

/** Looks at the arms of a request once the engine is known; what could not be told goes to `notes`. */
export const beforeStartOf =
  (request: AnyRequest, convertedOn: ConvertedOn, own: Machine, notes: ArmNote[]): BeforeStart =>
  async (engine, arms) => {
    const machine = engine.host?.machine ?? engine.machine ?? own;
    const all = convertedOn(machine, engine.host?.kernelRelease ?? release());
    const looked = all.filter(({ definition }) => arms.includes(definition));
    notes.push(...(await checkBeforeStart(looked, engine, machine)));
    if (request.kind === 'calls' && engine.ownKernel !== true && isMachine(machine))
      checkCalls(looked, request, machine);
  };
