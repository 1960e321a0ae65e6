import { loadSameFilter, type ArmEvidence } from '../../model/run/evidence.js';
import type { ArmDefinition } from '../../model/run/scenario.js';

/** What the arms of a comparison were to be, and what was seen of them. */
export interface Treatments {
  readonly arms: readonly ArmDefinition[];
  readonly evidence: readonly ArmEvidence[];
}

/**
 * What disproves that a comparison compared what it names, as a clause; `null` where nothing does. No evidence
 * disproves nothing:
 * that is a warning of its own.
 */
export function treatmentFault(
  treatments: Treatments,
  arm: string,
  baseline: string,
  control: string | null,
): string | null {
  const names = [baseline, arm, ...(control === null ? [] : [control])];
  return (
    names.map((name) => notLoaded(treatments, name)).find((fault) => fault !== null) ??
    noDifference(treatments, arm, baseline) ??
    noCopy(treatments, control, baseline)
  );
}

const evidenceOf = ({ evidence }: Treatments, name: string): ArmEvidence | undefined =>
  evidence.find(({ arm }) => arm === name);
const definitionOf = ({ arms }: Treatments, name: string): ArmDefinition | undefined =>
  arms.find((arm) => arm.name === name);

/** An arm that has a spec must have a filter. */
function notLoaded(treatments: Treatments, name: string): string | null {
  const own = evidenceOf(treatments, name);
  if (own === undefined || own.architectures === null || definitionOf(treatments, name)?.policy === 'unconfined')
    return null;
  if (own.seccompMode === 0) return `the containers of ${name} ran without seccomp`;
  return own.loaded.state === 'seen' && own.loaded.programs.length === 0
    ? `no filter was loaded in the containers of ${name}`
    : null;
}

/** Arms that differ in nothing but the spec must not have the same one. */
function noDifference(treatments: Treatments, arm: string, baseline: string): string | null {
  const [a, b] = [definitionOf(treatments, arm), definitionOf(treatments, baseline)];
  const [own, base] = [evidenceOf(treatments, arm), evidenceOf(treatments, baseline)];
  if (a === undefined || b === undefined || own === undefined || base === undefined) return null;
  const specDiffers = a.policy !== b.policy || a.profile !== b.profile;
  const otherDiffers = a.runtime !== b.runtime || a.command !== undefined || b.command !== undefined;
  if (!specDiffers || otherDiffers || own.specSha256 !== base.specSha256 || loadSameFilter(own, base) !== true)
    return null;
  return `${arm} and ${baseline} had the same spec and loaded the same filter`;
}

function noCopy(treatments: Treatments, control: string | null, baseline: string): string | null {
  const own = control === null ? undefined : evidenceOf(treatments, control);
  const base = evidenceOf(treatments, baseline);
  if (own === undefined || base === undefined) return null;
  if (own.specSha256 !== base.specSha256) return `${own.arm} is no copy of ${baseline}: their specs differ`;
  return loadSameFilter(own, base) === false ? `${own.arm} is no copy of ${baseline}: it loaded another filter` : null;
}
