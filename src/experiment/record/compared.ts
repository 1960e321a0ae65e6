import type { ExperimentEvent } from '../../model/experiment/events.js';
import type { Sample } from '../../model/results/sample.js';
import { referenceOf, type Scenario } from '../../model/run/scenario.js';

type Compared = Extract<ExperimentEvent, { readonly kind: 'blockCompared' }>;

/** Looks at the first arm that is compared with another, block by block; `null`: the block tells nothing of it. */
export function comparing({ arms }: Pick<Scenario, 'arms'>): (samples: readonly Sample[]) => Compared | null {
  const [first] = arms.flatMap(({ name }) => {
    const reference = referenceOf(arms, name);
    return reference === null ? [] : [{ arm: name, baseline: reference.baseline }];
  });
  if (first === undefined) return () => null;
  return (samples) => {
    const [own, base] = [timesOf(samples, first.arm), timesOf(samples, first.baseline)];
    if (own === null || base === null) return null;
    const metric = own.cpu > 0 && base.cpu > 0 ? 'cpu' : 'wall';
    return { kind: 'blockCompared', arm: first.arm, metric, logRatio: Math.log(own[metric] / base[metric]) };
  };
}

/** Mean of an arm's containers in a block, in nanoseconds; `null` where one of them failed. */
function timesOf(samples: readonly Sample[], arm: string): { readonly cpu: number; readonly wall: number } | null {
  const containers = samples.filter((sample) => sample.kind === 'container' && sample.arm === arm);
  const ok = containers.filter((sample) => 'wallNs' in sample);
  if (ok.length === 0 || ok.length < containers.length) return null;
  return {
    cpu: ok.reduce((sum, { userNs, systemNs }) => sum + userNs + systemNs, 0) / ok.length,
    wall: ok.reduce((sum, { wallNs }) => sum + wallNs, 0) / ok.length,
  };
}
