export { isMachine, MACHINES, payloadFiles } from './files.js';
export type { Machine } from './files.js';
export { imageArchive } from './image.js';
export { writeRootfs } from './rootfs.js';
export { answeredProgram, callerProgram, readAnswered, readCaller } from './caller.js';
export type { AnsweredWork } from './caller.js';
