/**
 * The part of Kubernetes' Container Runtime Interface, version v1, that bench calls. Names and numbers of fields are
 * facts of the interface, read off Debian's package golang-k8s-cri-api-dev (0.36); a field that is not listed here is
 * not sent, and skipped where it is received.
 */

type Field = Readonly<Record<string, unknown>>;

const one = (type: string, id: number): Field => ({ type, id });
const list = (type: string, id: number): Field => ({ rule: 'repeated', type, id });
const texts = (id: number): Field => ({ keyType: 'string', type: 'string', id });
const message = (fields: Readonly<Record<string, Field>>): object => ({ fields });
const values = (names: Readonly<Record<string, number>>): object => ({ values: names });
/** Every call takes `NAMERequest` and gives `NAMEResponse`. */
const service = (names: readonly string[]): object => ({
  methods: Object.fromEntries(
    names.map((name) => [name, { requestType: `${name}Request`, responseType: `${name}Response` }]),
  ),
});

const SANDBOX_ID = message({ podSandboxId: one('string', 1) });
const CONTAINER_ID = message({ containerId: one('string', 1) });
const NOTHING = message({});

const MESSAGES = {
  VersionRequest: message({ version: one('string', 1) }),
  VersionResponse: message({
    version: one('string', 1),
    runtimeName: one('string', 2),
    runtimeVersion: one('string', 3),
    runtimeApiVersion: one('string', 4),
  }),
  StatusRequest: message({ verbose: one('bool', 1) }),
  StatusResponse: message({ info: texts(2), runtimeHandlers: list('RuntimeHandler', 3) }),
  RuntimeHandler: message({ name: one('string', 1) }),

  NamespaceMode: values({ POD: 0, CONTAINER: 1, NODE: 2 }),
  NamespaceOption: message({
    network: one('NamespaceMode', 1),
    pid: one('NamespaceMode', 2),
    ipc: one('NamespaceMode', 3),
  }),
  Int64Value: message({ value: one('int64', 1) }),
  ProfileType: values({ RuntimeDefault: 0, Unconfined: 1, Localhost: 2 }),
  SecurityProfile: message({ profileType: one('ProfileType', 1), localhostRef: one('string', 2) }),
  Capability: message({ addCapabilities: list('string', 1), dropCapabilities: list('string', 2) }),
  KeyValue: message({ key: one('string', 1), value: one('bytes', 2) }),
  Mount: message({ containerPath: one('string', 1), hostPath: one('string', 2), readonly: one('bool', 3) }),

  PodSandboxMetadata: message({ name: one('string', 1), uid: one('string', 2), namespace: one('string', 3) }),
  LinuxSandboxSecurityContext: message({
    namespaceOptions: one('NamespaceOption', 1),
    readonlyRootfs: one('bool', 4),
    seccomp: one('SecurityProfile', 9),
  }),
  LinuxPodSandboxConfig: message({ securityContext: one('LinuxSandboxSecurityContext', 2) }),
  PodSandboxConfig: message({
    metadata: one('PodSandboxMetadata', 1),
    logDirectory: one('string', 3),
    labels: texts(6),
    linux: one('LinuxPodSandboxConfig', 8),
  }),
  RunPodSandboxRequest: message({ config: one('PodSandboxConfig', 1), runtimeHandler: one('string', 2) }),
  RunPodSandboxResponse: SANDBOX_ID,
  StopPodSandboxRequest: SANDBOX_ID,
  StopPodSandboxResponse: NOTHING,
  RemovePodSandboxRequest: SANDBOX_ID,
  RemovePodSandboxResponse: NOTHING,
  PodSandboxStatusRequest: message({ podSandboxId: one('string', 1), verbose: one('bool', 2) }),
  PodSandboxStatusResponse: message({ info: texts(2) }),
  PodSandboxFilter: message({ labelSelector: texts(3) }),
  ListPodSandboxRequest: message({ filter: one('PodSandboxFilter', 1) }),
  PodSandbox: message({ id: one('string', 1), metadata: one('PodSandboxMetadata', 2) }),
  ListPodSandboxResponse: message({ items: list('PodSandbox', 1) }),

  ImageSpec: message({ image: one('string', 1) }),
  ContainerMetadata: message({ name: one('string', 1) }),
  LinuxContainerSecurityContext: message({
    capabilities: one('Capability', 1),
    namespaceOptions: one('NamespaceOption', 3),
    runAsUser: one('Int64Value', 5),
    runAsGroup: one('Int64Value', 12),
    readonlyRootfs: one('bool', 7),
    noNewPrivs: one('bool', 11),
    maskedPaths: list('string', 13),
    readonlyPaths: list('string', 14),
    seccomp: one('SecurityProfile', 15),
  }),
  LinuxContainerResources: message({ memoryLimitInBytes: one('int64', 4), unified: texts(9) }),
  LinuxContainerConfig: message({
    resources: one('LinuxContainerResources', 1),
    securityContext: one('LinuxContainerSecurityContext', 2),
  }),
  ContainerConfig: message({
    metadata: one('ContainerMetadata', 1),
    image: one('ImageSpec', 2),
    command: list('string', 3),
    workingDir: one('string', 5),
    envs: list('KeyValue', 6),
    mounts: list('Mount', 7),
    labels: texts(9),
    logPath: one('string', 11),
    linux: one('LinuxContainerConfig', 15),
  }),
  CreateContainerRequest: message({
    podSandboxId: one('string', 1),
    config: one('ContainerConfig', 2),
    sandboxConfig: one('PodSandboxConfig', 3),
  }),
  CreateContainerResponse: CONTAINER_ID,
  StartContainerRequest: CONTAINER_ID,
  StartContainerResponse: NOTHING,
  StopContainerRequest: message({ containerId: one('string', 1), timeout: one('int64', 2) }),
  StopContainerResponse: NOTHING,
  RemoveContainerRequest: CONTAINER_ID,
  RemoveContainerResponse: NOTHING,
  ContainerState: values({ CONTAINER_CREATED: 0, CONTAINER_RUNNING: 1, CONTAINER_EXITED: 2, CONTAINER_UNKNOWN: 3 }),
  ContainerStatusRequest: message({ containerId: one('string', 1), verbose: one('bool', 2) }),
  ContainerStatus: message({
    state: one('ContainerState', 3),
    exitCode: one('int32', 7),
    reason: one('string', 10),
    message: one('string', 11),
  }),
  ContainerStatusResponse: message({ status: one('ContainerStatus', 1), info: texts(2) }),
  ExecSyncRequest: message({ containerId: one('string', 1), cmd: list('string', 2), timeout: one('int64', 3) }),
  ExecSyncResponse: message({ stdout: one('bytes', 1), stderr: one('bytes', 2), exitCode: one('int32', 3) }),

  ImageStatusRequest: message({ image: one('ImageSpec', 1) }),
  Image: message({ id: one('string', 1) }),
  ImageStatusResponse: message({ image: one('Image', 1) }),
  RemoveImageRequest: message({ image: one('ImageSpec', 1) }),
  RemoveImageResponse: NOTHING,

  RuntimeService: service([
    'Version',
    'Status',
    'RunPodSandbox',
    'StopPodSandbox',
    'RemovePodSandbox',
    'PodSandboxStatus',
    'ListPodSandbox',
    'CreateContainer',
    'StartContainer',
    'StopContainer',
    'RemoveContainer',
    'ContainerStatus',
    'ExecSync',
  ]),
  ImageService: service(['ImageStatus', 'RemoveImage']),
};

/** The description as protobufjs takes it, and the names of its services. */
export const CRI_DESCRIPTION = { nested: { runtime: { nested: { v1: { nested: MESSAGES } } } } };
export const CRI_SERVICES = ['runtime.v1.RuntimeService', 'runtime.v1.ImageService'] as const;

/** What a pod or a container gets as its filter. */
export interface SecurityProfile {
  readonly profileType: 'RuntimeDefault' | 'Unconfined' | 'Localhost';
  /** Path of a file with an OCI linux.seccomp object, on the runtime's machine. */
  readonly localhostRef?: string;
}

interface NamespaceOption {
  readonly network: 'POD' | 'NODE';
  readonly pid: 'POD' | 'CONTAINER';
  readonly ipc: 'POD';
}

export interface PodSandboxConfig {
  readonly metadata: { readonly name: string; readonly uid: string; readonly namespace: string };
  /** On the runtime's machine; a container's log is a file in it. */
  readonly logDirectory: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly linux: {
    readonly securityContext: {
      readonly namespaceOptions: NamespaceOption;
      readonly readonlyRootfs: boolean;
      readonly seccomp: SecurityProfile;
    };
  };
}

/** A container's limits. */
export interface LinuxResources {
  readonly memoryLimitInBytes?: number;
  /** Files of cgroup version 2 and what is written to them. */
  readonly unified?: Readonly<Record<string, string>>;
}

export interface ContainerConfig {
  readonly metadata: { readonly name: string };
  readonly image: { readonly image: string };
  readonly command: readonly string[];
  readonly workingDir: string;
  readonly envs: readonly { readonly key: string; readonly value: Buffer }[];
  readonly mounts: readonly { readonly containerPath: string; readonly hostPath: string; readonly readonly: boolean }[];
  readonly labels: Readonly<Record<string, string>>;
  /** Relative to the pod's `logDirectory`. */
  readonly logPath: string;
  readonly linux: {
    readonly resources: LinuxResources;
    readonly securityContext: {
      readonly capabilities: {
        readonly addCapabilities: readonly string[];
        readonly dropCapabilities: readonly string[];
      };
      readonly namespaceOptions: NamespaceOption;
      readonly runAsUser: { readonly value: number };
      readonly runAsGroup: { readonly value: number };
      readonly readonlyRootfs: boolean;
      readonly noNewPrivs: boolean;
      readonly maskedPaths: readonly string[];
      readonly readonlyPaths: readonly string[];
      readonly seccomp: SecurityProfile;
    };
  };
}

interface SandboxId {
  readonly podSandboxId: string;
}
interface ContainerId {
  readonly containerId: string;
}
/** JSON texts by name, which each runtime fills in as it likes. */
type Info = Readonly<Record<string, string>>;
type Nothing = Readonly<Record<string, never>>;

/** Every call with its request and its answer; text that was not sent is empty, a message `null`. */
export interface CriCalls {
  readonly Version: readonly [
    Nothing,
    { readonly runtimeName: string; readonly runtimeVersion: string; readonly runtimeApiVersion: string },
  ];
  readonly Status: readonly [
    { readonly verbose: boolean },
    { readonly info: Info; readonly runtimeHandlers: readonly { readonly name: string }[] },
  ];
  readonly RunPodSandbox: readonly [{ readonly config: PodSandboxConfig; readonly runtimeHandler: string }, SandboxId];
  readonly StopPodSandbox: readonly [SandboxId, Nothing];
  readonly RemovePodSandbox: readonly [SandboxId, Nothing];
  readonly PodSandboxStatus: readonly [SandboxId & { readonly verbose: boolean }, { readonly info: Info }];
  readonly ListPodSandbox: readonly [
    { readonly filter: { readonly labelSelector: Readonly<Record<string, string>> } },
    {
      readonly items: readonly { readonly id: string; readonly metadata: { readonly name: string } | null }[];
    },
  ];
  readonly CreateContainer: readonly [
    SandboxId & { readonly config: ContainerConfig; readonly sandboxConfig: PodSandboxConfig },
    ContainerId,
  ];
  readonly StartContainer: readonly [ContainerId, Nothing];
  /** `timeout` in seconds between SIGTERM and SIGKILL. */
  readonly StopContainer: readonly [ContainerId & { readonly timeout: number }, Nothing];
  readonly RemoveContainer: readonly [ContainerId, Nothing];
  readonly ContainerStatus: readonly [
    ContainerId & { readonly verbose: boolean },
    {
      readonly status: {
        readonly state: 'CONTAINER_CREATED' | 'CONTAINER_RUNNING' | 'CONTAINER_EXITED' | 'CONTAINER_UNKNOWN';
        readonly exitCode: number;
        readonly reason: string;
        readonly message: string;
      } | null;
      readonly info: Info;
    },
  ];
  /** `timeout` in seconds. */
  readonly ExecSync: readonly [
    ContainerId & { readonly cmd: readonly string[]; readonly timeout: number },
    { readonly stdout: Buffer; readonly stderr: Buffer; readonly exitCode: number },
  ];
  readonly ImageStatus: readonly [
    { readonly image: { readonly image: string } },
    { readonly image: { readonly id: string } | null },
  ];
  readonly RemoveImage: readonly [{ readonly image: { readonly image: string } }, Nothing];
}
