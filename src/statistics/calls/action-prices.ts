import type { ActionAnalysis, ActionPrice } from '../../model/analysis/percall-analysis.js';
import { ALLOWED, ALLOWED_CONTROL, callsPerContainer } from '../../model/results/percall/action-price.js';
import type { ActionPlan, ActionSample } from '../../model/results/percall/action-price.js';
import type { PercallResult } from '../../model/results/percall/percall.js';
import { differences, means } from '../distributions/moments.js';
import type { Series } from '../distributions/moments.js';
import { estimateEffect } from '../paired/estimate.js';
import { agreement, failuresOf, located, logs } from './locate.js';
import { nsPerCall } from './ns-per-call.js';

type OkSample = Extract<ActionSample, { readonly state: 'ok' }>;

/**
 * What it costs when a listener, a log line or a tracer answers a call, against the same filter that allows it; `null`:
 * it was not measured. The unit is the block: one container of every answer.
 */
export function analyseActions({ plan: { actions: plan, rounds }, actionSamples = [] }: PercallResult) {
  if (plan === undefined) return null;
  const measured = actionSamples.filter(({ warmup }) => !warmup);
  const blocks = completeBlocks(measured, plan);
  const of = (turn: string): Series =>
    Float64Array.from(blocks, (block) => {
      const sample = block.find(({ action }) => action === turn);
      return sample === undefined ? NaN : nsPerCall(sample, 0, plan.loops);
    });
  const [without, again] = [of(ALLOWED), of(ALLOWED_CONTROL)];
  const prices = plan.turns
    .filter(({ copyOf }) => copyOf === undefined)
    .map(({ answer }): ActionPrice => {
      const own = of(answer);
      const added =
        answer === ALLOWED ? { value: 0, low: 0, high: 0 } : located(differences(own, means(without, again)));
      return { name: answer, ns: located(own), added, ...evidenceOf(answer, actionSamples, { plan, rounds }) };
    });
  const analysis: ActionAnalysis = {
    plan,
    blocks: blocks.length,
    failures: failuresOf(measured, ({ action }) => action),
    control: controlOf(without, again),
    prices,
  };
  return analysis;
}

function controlOf(without: Series, again: Series): ActionAnalysis['control'] {
  const estimate = estimateEffect({ arm: logs(again), baseline: logs(without), control: null }, { margin: 0 });
  return estimate === null ? null : { estimate, state: agreement(estimate.p) };
}

/** How many calls its containers made, and how many of them were answered; each state of /proc that was read. */
function evidenceOf(
  answer: string,
  samples: readonly ActionSample[],
  { plan, rounds }: { readonly plan: ActionPlan; readonly rounds: number },
): Pick<ActionPrice, 'calls' | 'answered' | 'proc'> {
  const own = samples.filter(isOk).filter(({ action }) => action === answer);
  const states = new Map(
    own.map(({ procMode: mode, procFilters: filters }) => [`${mode} ${filters}`, { mode, filters }] as const),
  );
  return {
    calls: own.length * callsPerContainer(plan, rounds),
    answered: own.reduce((sum, { answered }) => sum + answered, 0),
    proc: [...states.values()],
  };
}

const isOk = (sample: ActionSample): sample is OkSample => sample.state === 'ok';

/** The containers of every block in which all answers were ok. */
function completeBlocks(samples: readonly ActionSample[], { turns }: ActionPlan): readonly (readonly OkSample[])[] {
  const byBlock = new Map<number, OkSample[]>();
  for (const sample of samples.filter(isOk)) byBlock.set(sample.block, [...(byBlock.get(sample.block) ?? []), sample]);
  return [...byBlock]
    .sort(([a], [b]) => a - b)
    .map(([, containers]) => containers)
    .filter((containers) => containers.length === turns.length);
}
