/**
 * How long bench waits for what others do, in milliseconds. A container that is timed has `--timeout`; everything else
 * has one of these, so that no command waits for ever.
 */

/** A daemon's first answer. */
export const CONNECT_MS = 10_000;
/** A request that only asks: version, lists, states. */
export const ASK_MS = 20_000;
/** A request that makes, starts or ends something outside the timed path; the filter of a start may take long. */
export const CHANGE_MS = 60_000;
/** The removal of one container or image. */
export const REMOVE_MS = 20_000;
/** Loading the payload's image. */
export const LOAD_IMAGE_MS = 60_000;
/** Reading an image of the user's, of any size. */
export const SAVE_IMAGE_MS = 600_000;
/** The whole output of a node's job. */
export const NODE_LOGS_MS = 120_000;
/**
 * A request that only asks, after the user stopped the run: a daemon that does not answer it is asked nothing more, and
 * what it still has is left to bench clean.
 */
export const ASK_AFTER_STOP_MS = 5000;
/** A container that is started to see whether one can be. */
export const CHECK_MS = 20_000;
/** From the start of a container to its payload's "ready". */
export const READY_MS = 20_000;
/** A container that was killed, to its end. */
export const END_MS = 20_000;
/** Output that is still on its way when its container has ended. */
export const OUTPUT_MS = 5000;
/** A request that makes something and was given up: what it makes can only be removed once it is there. */
export const SETTLE_MS = 2000;
/** An image that was imported, to be shown by the CRI plugin. */
export const IMAGE_SEEN_MS = 10_000;
/** A tool of a daemon that ends one container. */
export const STOP_TOOL_MS = 5000;
/** A job of a swarm that was stopped, to remove its containers: they get 60 s. */
export const JOB_END_MS = 75_000;
/** kubectl, for one answer of the API server; its own limit of 20 s comes first. */
export const KUBECTL_MS = 60_000;
/** The API server's own removal of a Job with its pods: a pod gets 60 s, a namespace goes after its pods. */
export const CLUSTER_REMOVE_MS = 180_000;
