/** The parts of the objects that the stand-in works with; all of an object is kept and served. */

export interface Meta {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  uid?: string;
  resourceVersion?: string;
  creationTimestamp?: string;
  deletionTimestamp?: string;
}

export interface Stored {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Meta;
  spec?: unknown;
  status?: unknown;
  readonly binaryData?: Readonly<Record<string, string>>;
}

export interface PodTemplate {
  nodeName?: string;
  readonly restartPolicy: string;
  readonly terminationGracePeriodSeconds?: number;
  readonly affinity: {
    readonly nodeAffinity: {
      readonly requiredDuringSchedulingIgnoredDuringExecution: {
        readonly nodeSelectorTerms: readonly {
          readonly matchFields: readonly { readonly key: string; readonly values: readonly string[] }[];
        }[];
      };
    };
    readonly podAntiAffinity: {
      readonly requiredDuringSchedulingIgnoredDuringExecution: readonly {
        readonly labelSelector: { readonly matchLabels: Readonly<Record<string, string>> };
      }[];
    };
  };
  readonly containers: readonly [Container];
  readonly volumes: readonly Volume[];
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly workingDir: string;
  readonly env: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueFrom?: { readonly fieldRef: { readonly fieldPath: string } };
  }[];
  readonly securityContext: { readonly privileged?: boolean };
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly subPath?: string }[];
}

export interface Volume {
  readonly name: string;
  readonly configMap?: { readonly name: string };
  readonly emptyDir?: object;
  readonly hostPath?: { readonly path: string; readonly type: string };
}

export interface JobSpec {
  readonly completions: number;
  readonly parallelism: number;
  readonly backoffLimit?: number;
  readonly backoffLimitPerIndex?: number;
  readonly activeDeadlineSeconds: number;
  readonly template: {
    readonly metadata: { readonly labels: Readonly<Record<string, string>> };
    readonly spec: PodTemplate;
  };
}

/** `/api/v1/namespaces/NS/pods/NAME`, read. */
export interface Place {
  readonly resource: string;
  readonly namespace: string | null;
  readonly name: string | null;
  readonly subresource: string | null;
}

export function placeOf(path: string): Place | undefined {
  const parts = path.split('/').filter(Boolean);
  const rest = parts[0] === 'api' ? parts.slice(2) : parts[0] === 'apis' ? parts.slice(3) : undefined;
  if (rest === undefined || rest.length === 0) return undefined;
  if (rest[0] !== 'namespaces' || rest.length <= 2)
    return { resource: rest[0] ?? '', namespace: null, name: rest[1] ?? null, subresource: rest[2] ?? null };
  return { resource: rest[2] ?? '', namespace: rest[1] ?? '', name: rest[3] ?? null, subresource: rest[4] ?? null };
}

const KINDS: Readonly<Record<string, readonly [kind: string, apiVersion: string]>> = {
  namespaces: ['Namespace', 'v1'],
  nodes: ['Node', 'v1'],
  pods: ['Pod', 'v1'],
  configmaps: ['ConfigMap', 'v1'],
  events: ['Event', 'v1'],
  jobs: ['Job', 'batch/v1'],
};

export const listOf = (resource: string, items: readonly Stored[], version: number): object => {
  const [kind = '', apiVersion = 'v1'] = KINDS[resource] ?? [];
  return { kind: `${kind}List`, apiVersion, metadata: { resourceVersion: String(version) }, items };
};

/** What the API server says where it does not do what was asked. */
export const statusOf = (code: number, reason: string, message: string, details: object = {}): object => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message,
  reason,
  details,
  code,
});
