import type { StackTrial } from '../../model/filter/capacity.js';
import { withCrowd } from './crowd.js';
import type { CrowdMaker } from './crowd.js';

/** Beyond what is predicted: the prediction is not taken on trust. */
const MORE = 8;

/** One task that loads the filter until the kernel refuses it, at most a few times more than is predicted. */
export const stackTrial = (file: string, predicted: number, maker: CrowdMaker): Promise<StackTrial> =>
  withCrowd({ filter: file, tasks: 1, stacked: predicted + MORE }, maker, ({ crowd, after }) => ({
    loaded: crowd.filters,
    refusal: crowd.refusal,
    after,
  }));
