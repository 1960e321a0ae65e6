import { assertMayLoad, LOADERS } from '../../engine/programs.js';
import { BenchError } from '../../errors.js';
import { byteOrderOfName, rawFilter, sectionsOf } from '../../filter/index.js';
import type { EngineRequest } from '../../model/experiment/request.js';
import type { GivenSource, RawSource } from '../../model/profile/source.js';
import { shellQuote } from '../../model/shell-quote.js';
import { hostMachine } from '../session/session.js';
import type { ConvertedArm } from './convert.js';

/** An arm that is loaded as it is. */
interface GivenArm {
  readonly name: string;
  readonly given: GivenSource;
}

/**
 * The engine of a request, where `auto` becomes one that loads what the arms are given. Throws before anything is
 * started: `usage` where the engine cannot load an arm, or no engine can load them all, `input` for a raw filter that
 * this kernel would refuse. `programs`: containers run more than the payload.
 */
export function engineFor(
  request: EngineRequest,
  converted: readonly ConvertedArm[],
  { staged = false, programs = false }: { readonly staged?: boolean; readonly programs?: boolean } = {},
): EngineRequest {
  const given = converted.flatMap(givenIn);
  const [first] = given;
  if (first === undefined) return madeBy(request, converted);
  const other = given.find((one) => one.given.kind !== first.given.kind);
  if (other !== undefined)
    throw new BenchError('usage', `no engine can load both arm ${first.name} and arm ${other.name}`, {
      hint: 'An LXC policy requires --engine lxc; a raw filter requires namespaces, bwrap or crun.',
    });
  for (const { name, given: source } of given) {
    if (programs && source.kind === 'lxc')
      throw new BenchError('usage', `arm ${name}: an LXC policy is loaded by LXC, and bench runs no programs there`, {
        hint: `Build its filter with bench build ${shellQuote([source.name])} -o filter.bpf, and give that.`,
      });
    if (!hasOwnRuntime(name, converted)) assertMayLoad(request.choice, source);
    if (source.kind === 'raw') assertForMachine(name, source);
  }
  if (request.choice !== 'auto' || request.runtime !== undefined) return request;
  // The built-in engine has no stages.
  return { ...request, choice: staged && first.given.kind === 'raw' ? 'crun' : LOADERS[first.given.kind][0] };
}

/** Only the built-in engine makes filters in the way that an arm says. */
const madeBy = (request: EngineRequest, converted: readonly ConvertedArm[]): EngineRequest =>
  request.choice === 'auto' &&
  request.runtime === undefined &&
  converted.some(({ definition: { making } }) => making !== undefined)
    ? { ...request, choice: 'namespaces' }
    : request;

/** A filter that compares the architecture, but never with this machine's, was built for another machine. */
function assertForMachine(arm: string, source: RawSource): void {
  const machine = hostMachine();
  const known = sectionsOf(rawFilter(source, byteOrderOfName(machine))).map(({ name }) => name);
  if (known.length === 0 || known.includes(machine)) return;
  throw new BenchError('input', `arm ${arm}: ${source.name} is a filter for ${known.join(', ')}, not for ${machine}`, {
    hint: `Build it again with bench build --arch ${machine}.`,
  });
}

function givenIn({ definition, source }: ConvertedArm): readonly GivenArm[] {
  if (source === null || source.kind === 'profile' || definition.command !== undefined) return [];
  return [{ name: definition.name, given: source }];
}

const hasOwnRuntime = (name: string, converted: readonly ConvertedArm[]): boolean =>
  converted.some(({ definition }) => definition.name === name && definition.runtime !== undefined);
