export { isMachine, MACHINES, payloadFiles } from './files.js';
export type { Machine } from './files.js';
export { imageArchive } from './image.js';
export { writeRootfs } from './rootfs.js';
export { callerProgram, readCaller } from './caller.js';
