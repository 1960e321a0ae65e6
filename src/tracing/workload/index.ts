export { cprofileArgs, cprofileSeconds } from './cprofile.js';
export { perfRecord } from './perf-record.js';
export { callRate, readIntervals } from './call-rate.js';
export { readTaskState } from './task-state.js';
export { variablesOf } from './environment.js';
