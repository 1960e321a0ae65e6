/** The parts of Kubernetes' objects that bench reads, as the API server sends them. */

export interface NodeAnswer {
  readonly metadata: { readonly name: string; readonly uid?: string };
  readonly spec?: { readonly unschedulable?: boolean };
  readonly status?: {
    readonly conditions?: readonly ConditionAnswer[];
    readonly nodeInfo?: { readonly architecture?: string; readonly operatingSystem?: string };
  };
}

export interface ConditionAnswer {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

export interface PodAnswer {
  readonly kind: 'Pod';
  readonly metadata: {
    readonly name: string;
    readonly uid?: string;
    readonly creationTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec?: { readonly nodeName?: string };
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly conditions?: readonly ConditionAnswer[];
    readonly containerStatuses?: readonly { readonly state?: ContainerStateAnswer }[];
  };
}

export interface ContainerStateAnswer {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly running?: object;
  readonly terminated?: { readonly exitCode?: number; readonly reason?: string; readonly message?: string };
}

export interface JobAnswer {
  readonly kind: 'Job';
  readonly metadata: { readonly name: string };
  readonly status?: { readonly conditions?: readonly ConditionAnswer[] };
}

export interface EventAnswer {
  readonly reason?: string;
  readonly message?: string;
  readonly involvedObject?: { readonly kind?: string; readonly name?: string };
}

export interface NamespaceAnswer {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>> };
}
