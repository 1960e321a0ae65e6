import { resolve } from 'node:path';
import { BenchError } from '../../errors.js';
import { buildInProcess, libseccompVersion } from '../../filter/index.js';
import type { Engine } from '../../model/container/container.js';
import { isAsPredicted } from '../../model/run/evidence.js';
import type { ArmEvidence } from '../../model/run/evidence.js';
import type { ArmDefinition } from '../../model/run/scenario.js';
import type { SeccompSpec } from '../../model/profile/seccomp.js';
import { hostMachine } from '../session/session.js';

const SMALLEST: SeccompSpec = {
  defaultAction: 'SCMP_ACT_ERRNO',
  syscalls: [{ names: ['read'], action: 'SCMP_ACT_ALLOW' }],
};

/** The libseccomp that an arm names, by its absolute path. */
export const namedLibrary = ({ libseccomp }: ArmDefinition): { readonly libseccomp?: string } =>
  libseccomp === undefined ? {} : { libseccomp: resolve(libseccomp) };

/** Refuses a libseccomp that this machine cannot load, or that does not build what its arm asks for. Throws `input`. */
export function assertLibraries(arms: readonly ArmDefinition[]): void {
  for (const arm of arms) {
    const { libseccomp: library } = namedLibrary(arm);
    if (library !== undefined) buildInProcess(SMALLEST, hostMachine(), { ...arm.making, library });
  }
}

/** Refuses an arm with a libseccomp of its own, for an engine that cannot give it to its runtime. Throws `usage`. */
export function assertTakesLibrary({ facts, takesLibrary }: Engine, arm: string): void {
  if (takesLibrary === true) return;
  throw new BenchError('usage', `arm ${arm}: --engine ${facts.name} cannot load another libseccomp`, {
    hint: 'Use --engine namespaces, runc, crun or lxc, or leave out libseccomp=.',
  });
}

/**
 * The evidence with the libseccomp that its arm names. Throws `runFailed` where a container did not load what that
 * library builds.
 */
export function withNamedLibrary(evidence: ArmEvidence, arms: readonly ArmDefinition[]): ArmEvidence {
  const path = arms.map((arm) => (arm.name === evidence.arm ? namedLibrary(arm).libseccomp : undefined)).find(Boolean);
  if (path === undefined) return evidence;
  assertOfLibrary(path, evidence);
  return { ...evidence, libseccomp: { path, version: libseccompVersion(path) ?? '' } };
}

function assertOfLibrary(libseccomp: string, evidence: ArmEvidence): void {
  const { arm, loaded, predicted } = evidence;
  if (isAsPredicted(evidence) !== 'different') return;
  if (loaded.state !== 'seen' || predicted.state !== 'built') return;
  const got = loaded.programs.map(({ instructions }) => instructions).join(' and ');
  throw new BenchError(
    'runFailed',
    `a container of arm ${arm} loaded a filter of ${got} instructions, not the one of ${libseccomp}: ` +
      String(predicted.instructions),
    { hint: 'Use --engine namespaces, which builds its filters itself.' },
  );
}
