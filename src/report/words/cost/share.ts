import type { ShareEstimate } from '../../../model/analysis/workload-analysis.js';
import { deservedText, plain } from '../../text/format.js';

/** A share of one CPU or of a time: `3.1 % [2.9, 3.3]`. */
export function shareText({ share, low, high }: ShareEstimate): string {
  if (low === null || high === null) return `${plain(100 * share, 1)} %`;
  return deservedText({ value: 100 * share, low: 100 * low, high: 100 * high }, 2).replace(' [', ' % [');
}
