// The front door of this room: what was measured from commit to commit, and where it changed.
export { changePoints } from './change-points.js';
export type { ChangePoint, ChangePointSettings } from './change-points.js';
export { entryOf, type EntryPlace } from './entry.js';
export { checkTrends } from './check.js';
export type { CheckSettings } from './check.js';
export { trendsOf } from './trends.js';
