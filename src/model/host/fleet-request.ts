import type { ConversionRequest } from '../experiment/request.js';
import type { Scenario } from '../run/scenario.js';
import type { NodeReport } from './fleet.js';

/** What every node measures, checked. */
export interface NodeJob {
  readonly scenario: Scenario;
  /** The file it came from, absolute; `null`: it was given by options alone. */
  readonly scenarioFile: string | null;
  readonly conversion: ConversionRequest;
  /** The same as words after `bench`: another process runs them, on another machine. */
  readonly words: readonly string[];
}

/** The job once on every node of a Docker Swarm. */
export interface SwarmRequest {
  readonly kind: 'swarm';
  readonly job: NodeJob;
  /** Address of a manager; `null`: found as Docker's own client finds it. */
  readonly host: string | null;
  /** Names of bench's image, one per architecture; `null`: those of this version. */
  readonly images: readonly string[] | null;
  /** Placement constraints, as `docker service create --constraint` takes them. */
  readonly constraints: readonly string[];
  /** Path of the engine's socket on each node. */
  readonly socket: string;
  /** After which a node is stopped. */
  readonly limitMs: number;
  /** Folder in which the folder of the fleet is created. */
  readonly resultsFolder: string;
}

/** The job once on every node of a Kubernetes cluster. */
export interface KubernetesRequest {
  readonly kind: 'kubernetes';
  readonly job: NodeJob;
  /** Of the kubeconfig; `null`: the current one. */
  readonly context: string | null;
  /** One that exists; `null`: the run makes its own. */
  readonly namespace: string | null;
  /** Labels of the nodes that are wanted, as `kubectl get nodes --selector` takes them; `null`: all nodes. */
  readonly selector: string | null;
  /** Bench's image, for one architecture or for all; `null`: those of this version. */
  readonly images: readonly PodImage[] | null;
  /** With what each pod measures: the node's own runtime through its CRI socket, or the built-in engine. */
  readonly engine: 'cri' | 'namespaces';
  /** Path of the CRI socket on each node. */
  readonly socket: string;
  /** After which a node is stopped. */
  readonly limitMs: number;
  /** Folder in which the folder of the fleet is created. */
  readonly resultsFolder: string;
}

/** An image and the machine it is for, as `uname -m` says it; `null`: an image list, for every machine. */
export interface PodImage {
  readonly machine: string | null;
  readonly name: string;
}

/** Results that a cluster's jobs left behind: FOLDER/NODE/RESULTS. */
export interface GatherRequest {
  readonly kind: 'gather';
  readonly folder: string;
}

export type FleetRequest = SwarmRequest | KubernetesRequest | GatherRequest;

/** What a fleet tells while it runs; facts, no sentences. */
export type FleetEvent =
  /** The job is about to start. */
  | {
      readonly kind: 'planned';
      readonly words: readonly string[];
      readonly groups: readonly {
        readonly machine: string;
        readonly image: string;
        readonly nodes: readonly string[];
      }[];
      readonly notStarted: readonly NodeReport[];
      /** Nodes that their owner took out of service, with their availability. */
      readonly resting: readonly { readonly name: string; readonly availability: string }[];
      readonly folder: string;
    }
  | { readonly kind: 'nodeRunning'; readonly node: string }
  /** Another pod came to a node that has one; only the first is counted. */
  | { readonly kind: 'nodeTwice'; readonly node: string; readonly pod: string }
  | { readonly kind: 'nodeEnded'; readonly report: NodeReport };

/** What came of a fleet; fleet.json in its folder says the same. */
export interface FleetResult {
  /** `fleet-TIME-ID`: the name of its reports. */
  readonly name: string;
  /** Absolute; the results of every node are under it. */
  readonly folder: string;
  readonly nodes: readonly NodeReport[];
  /** Why what was made in the cluster could not be removed; `null`: all is gone. */
  readonly notRemoved: Error | null;
}
