import type { BlockUnit, ExperimentEvent } from '../../../model/experiment/events.js';
import type { Io } from '../../../model/io.js';
import { plainLine } from '../../../model/plain-text.js';
import { estimateText } from '../../../report/index.js';
import type { RunningEffect, SoFar } from '../../../statistics/index.js';
import { progressOf } from '../progress.js';
import type { Progress } from '../progress.js';

type EventOf<Kind extends ExperimentEvent['kind']> = Extract<ExperimentEvent, { readonly kind: Kind }>;
export type BlockEvent = EventOf<'blocksStarted' | 'blockDone' | 'blockCompared' | 'blockPaused' | 'blocksEnded'>;

/** Keeps up what the blocks show. */
export type Running = typeof RunningEffect;

const BLOCK_EVENTS: readonly ExperimentEvent['kind'][] = [
  'blocksStarted',
  'blockDone',
  'blockCompared',
  'blockPaused',
  'blocksEnded',
];

export const isBlockEvent = (event: ExperimentEvent): event is BlockEvent => BLOCK_EVENTS.includes(event.kind);

/** Shows how far the blocks are and, with `running`, what they show until now. */
export function blockLine(io: Io, running: Running | undefined): (event: BlockEvent) => void {
  let progress: Progress | null = null;
  let effect: RunningEffect | undefined;
  return (event) => {
    switch (event.kind) {
      case 'blocksStarted':
        progress = progressOf({ blocks: event.total, seconds: event.seconds ?? null }, wordsOf(event.unit), io, () =>
          performance.now(),
        );
        effect = running === undefined ? undefined : new running();
        return;
      case 'blockDone':
        progress?.blockDone(event.done, event.containers, event.failed);
        return;
      case 'blockCompared':
        effect?.add(event.logRatio);
        progress?.show(soFarWords(event, effect?.soFar ?? null));
        return;
      case 'blocksEnded':
        progress?.end();
        return;
      case 'blockPaused':
      // Told at the end, all of them together.
    }
  };
}

const wordsOf = (unit: BlockUnit) => ({
  unit: UNITS[unit],
  things: unit === 'execs' ? ('execs' as const) : ('containers' as const),
});

const UNITS = { block: 'block', execs: 'block', round: 'round', level: 'batch of each arm' } as const;

/** `after −71.6 % [−72.0, −71.2] CPU`: the estimate so far. */
function soFarWords({ arm, metric }: EventOf<'blockCompared'>, soFar: SoFar | null): string {
  if (soFar === null) return '';
  return `${plainLine(arm)} ${estimateText(soFar)} ${metric === 'cpu' ? 'CPU' : 'wall'}`;
}
