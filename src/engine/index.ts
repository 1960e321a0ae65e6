export { daemonVersion } from './docker/describe.js';
export { findEndpoint } from './docker/endpoint.js';
export { leftOnDaemon, type LeftOnDaemon } from './docker/left.js';
export { matching } from './docker/swarm/constraints.js';
export { JOB_SOCKET, type JobFile } from './docker/swarm/job.js';
export { Swarm, type SwarmNode, type SwarmTask } from './docker/swarm/swarm.js';
export { leftWithService, type Service } from './left.js';
export { leftOfRuntime } from './oci/left.js';
