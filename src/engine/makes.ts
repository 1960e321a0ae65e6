import type { Engine, EngineChoice, EngineFacts } from '../model/container/container.js';
import { FILTER_MAKERS } from '../model/container/container.js';
import { findProgram } from '../process/files/find.js';
import { builderOfRuntime, PLAIN_BUILDER } from './filter-builder.js';
import { describeRuntime } from './oci/features.js';
import { loadsRawFilters } from './oci/open.js';

/** Which filters an engine makes or takes, as its runtime tells without starting a container. */
export type EngineMakes = Pick<Engine, 'makesFilters' | 'loads' | 'builderOf'> & {
  readonly facts: Pick<EngineFacts, 'name'>;
};

/**
 * Asks the runtime of an engine without a daemon. Where it cannot be found, nothing is known: opening the engine says
 * so.
 */
export async function engineMakes(
  { choice, runtime: named }: { readonly choice: EngineChoice; readonly runtime?: string | undefined },
  env: Readonly<Record<string, string | undefined>>,
): Promise<EngineMakes> {
  if (FILTER_MAKERS.includes(choice))
    return { facts: { name: choice }, makesFilters: true, builderOf: () => PLAIN_BUILDER };
  const path = findProgram(named ?? choice, env['PATH'], process.cwd());
  if (path === undefined) return { facts: { name: choice } };
  const described = await describeRuntime(path, env);
  const builder = await builderOfRuntime(path, described, env);
  return {
    facts: { name: choice },
    ...(loadsRawFilters(described) ? { loads: new Set(['raw'] as const) } : {}),
    builderOf: () => builder,
  };
}
