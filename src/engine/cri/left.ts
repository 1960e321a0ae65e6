import { notRemoved } from '../failures.js';
import { CriClient } from './client.js';
import { criFailure } from './failures.js';
import { removeImages } from './image.js';
import { podsOf, removePods } from './remove.js';
import { isContainerd } from './runtime.js';

/** What a killed run left with a CRI runtime. */
export interface LeftInCri {
  readonly names: readonly string[];
  /** Throws `runFailed` where a pod stays. */
  readonly remove: () => Promise<void>;
}

/** The runtime of a killed run. */
export interface CriPlace {
  /** `unix:///path`. */
  readonly address: string;
  /** Path of `ctr`; empty where it is not installed. */
  readonly ctr: string;
}

/** Asks a runtime for the pods of a run; its images go with them. Throws where the runtime does not answer. */
export async function leftInCri({ address, ctr }: CriPlace, runId: string): Promise<LeftInCri> {
  const names = await connected(address, async (client) => (await podsOf(client, runId)).map(({ name }) => name));
  return {
    names,
    remove: () =>
      connected(address, async (client) => {
        const still = await removePods(client, runId);
        if (still.length > 0) throw notRemoved(`the runtime at ${address}`, still);
        const { runtimeName: name } = await client.call('Version', {}, { goesOn: true });
        if (ctr !== '' && isContainerd({ name })) await removeImages(client, { program: ctr, address }, runId);
      }),
  };
}

async function connected<Result>(address: string, use: (client: CriClient) => Promise<Result>): Promise<Result> {
  using client = await CriClient.at(address);
  try {
    return await use(client);
  } catch (error) {
    const { words } = criFailure(error);
    throw error instanceof Error && error.name === 'BenchError' ? error : new Error(words, { cause: error });
  }
}
