export { chooseCounter, type ChosenCounter } from './choose.js';
export { runOnce, type Counter, type CountRequest, type Watched, type WatchRequest } from './counter.js';
export { daemonBehind, type DaemonProcesses } from './daemon.js';
export { perfStatCounter, perfTraceCounter, type PerfProgram } from './perf-counter.js';
export { readPerfStat, readPerfTrace, type PerfThread } from './perf-text.js';
export { readStraceTable, type StraceTable } from './strace-table.js';
export { straceCounter, type StraceProgram } from './strace-counter.js';
export { StraceLog, type PartRules } from './strace-log.js';
