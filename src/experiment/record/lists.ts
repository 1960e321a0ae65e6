import type { Engine } from '../../model/container/container.js';
import type { EngineList } from '../../model/results/ledger.js';

/** What the engine lists of this run now; what was measured is not lost because the engine cannot be asked. */
export async function listOf(engine: Engine): Promise<EngineList> {
  try {
    return { state: 'listed', ids: await engine.list() };
  } catch (error) {
    return { state: 'unknown', reason: error instanceof Error ? error.message : String(error) };
  }
}
