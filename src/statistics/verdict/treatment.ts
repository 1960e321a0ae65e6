import { isCacheShown } from '../../model/run/cache-evidence.js';
import type { TreatmentFault } from '../../model/analysis/judgement.js';
import { loadSameFilter, type ArmEvidence } from '../../model/run/evidence.js';
import type { ArmDefinition } from '../../model/run/scenario.js';

/** How the arms of a comparison were defined, and the evidence of what ran. */
export interface Treatments {
  readonly arms: readonly ArmDefinition[];
  readonly evidence: readonly ArmEvidence[];
}

/** What disproves that a comparison compared what it names; `null` where nothing does, as without evidence. */
export function treatmentFault(
  treatments: Treatments,
  arm: string,
  baseline: string,
  control: string | null,
): TreatmentFault | null {
  const names = [baseline, arm, ...(control === null ? [] : [control])];
  return (
    names
      .map((name) => notLoaded(treatments, name) ?? cacheNotShown(treatments, name))
      .find((fault) => fault !== null) ??
    noDifference(treatments, arm, baseline) ??
    noCopy(treatments, control, baseline)
  );
}

const evidenceOf = ({ evidence }: Treatments, name: string): ArmEvidence | undefined =>
  evidence.find(({ arm }) => arm === name);
const definitionOf = ({ arms }: Treatments, name: string): ArmDefinition | undefined =>
  arms.find((arm) => arm.name === name);

/** An arm that has a spec, a filter or a policy must have a filter. */
function notLoaded(treatments: Treatments, name: string): TreatmentFault | null {
  const own = evidenceOf(treatments, name);
  if (own === undefined || definitionOf(treatments, name)?.policy === 'unconfined') return null;
  if (own.architectures === null && own.given === undefined) return null;
  if (own.seccompMode === 0) return { code: 'noSeccomp', arm: name };
  return own.loaded.state === 'seen' && own.loaded.programs.length === 0 ? { code: 'noFilter', arm: name } : null;
}

/** An arm that is cold or warm must have been so in all of its containers. */
function cacheNotShown(treatments: Treatments, name: string): TreatmentFault | null {
  const cache = evidenceOf(treatments, name)?.cache;
  if (cache === undefined || cache.containers === 0 || isCacheShown(cache)) return null;
  const { state, shown, containers } = cache;
  return { code: 'cacheNotShown', arm: name, state, shown, containers };
}

/** Arms that differ only in the spec must not have the same one. */
function noDifference(treatments: Treatments, arm: string, baseline: string): TreatmentFault | null {
  const [a, b] = [definitionOf(treatments, arm), definitionOf(treatments, baseline)];
  const [own, base] = [evidenceOf(treatments, arm), evidenceOf(treatments, baseline)];
  if (a === undefined || b === undefined || own === undefined || base === undefined) return null;
  const specDiffers = a.policy !== b.policy || a.profile !== b.profile;
  const otherDiffers = a.runtime !== b.runtime || a.command !== undefined || b.command !== undefined;
  if (!specDiffers || otherDiffers || own.specSha256 !== base.specSha256 || loadSameFilter(own, base) !== true)
    return null;
  return { code: 'sameFilter', arm, baseline };
}

function noCopy(treatments: Treatments, control: string | null, baseline: string): TreatmentFault | null {
  const own = control === null ? undefined : evidenceOf(treatments, control);
  const base = evidenceOf(treatments, baseline);
  if (own === undefined || base === undefined) return null;
  const fault = { code: 'notACopy', control: own.arm, baseline } as const;
  if (own.specSha256 !== base.specSha256) return { ...fault, what: 'spec' };
  return loadSameFilter(own, base) === false ? { ...fault, what: 'filter' } : null;
}
