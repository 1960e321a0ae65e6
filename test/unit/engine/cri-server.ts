import { join } from 'node:path';
import { appendFileSync } from 'node:fs';
import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import type { sendUnaryData, ServerUnaryCall, UntypedServiceImplementation } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import { CRI_DESCRIPTION, CRI_SERVICES } from '../../../src/engine/cri/api.js';
import type { ContainerConfig, CriCalls, PodSandboxConfig } from '../../../src/engine/cri/api.js';

type Handlers = { readonly [Name in keyof CriCalls]?: (request: CriCalls[Name][0]) => CriCalls[Name][1] };

/** A refusal with gRPC's status code. */
export class Refusal extends Error {
  readonly code: status;

  constructor(code: status, message: string) {
    super(message);
    this.code = code;
  }
}

/** A runtime behind a socket that runs nothing: a container "ends" at once, its log says what the test wants. */
export class FakeRuntime implements AsyncDisposable {
  readonly calls: { readonly name: keyof CriCalls; readonly request: unknown }[] = [];
  readonly pods = new Map<string, PodSandboxConfig>();
  /** What each container writes. */
  output = 'ok\n';
  exitCode = 0;
  state: 'CONTAINER_EXITED' | 'CONTAINER_RUNNING' = 'CONTAINER_EXITED';
  /** Called before the fake's own answer; may throw a {@link Refusal}. */
  before: (name: keyof CriCalls, request: unknown) => void = () => undefined;
  readonly #server = new Server();
  readonly #containers = new Map<string, { readonly config: ContainerConfig; readonly logs: string }>();

  /** Listens at a socket; `names`: the calls that it knows, all where absent. */
  async listen(address: string): Promise<this> {
    const described = fromJSON(CRI_DESCRIPTION, { longs: Number, enums: String, defaults: true });
    for (const service of CRI_SERVICES) {
      const definition = described[service] as Parameters<Server['addService']>[0];
      this.#server.addService(definition, this.#implementation(Object.keys(definition)));
    }
    await new Promise<void>((resolve, reject) => {
      this.#server.bindAsync(address, ServerCredentials.createInsecure(), (error) => {
        if (error === null) resolve();
        else reject(error);
      });
    });
    return this;
  }

  #implementation(names: readonly string[]): UntypedServiceImplementation {
    return Object.fromEntries(
      names.map((name) => [
        name,
        (call: ServerUnaryCall<object, object>, answer: sendUnaryData<object>) => {
          try {
            answer(null, this.#answer(name as keyof CriCalls, call.request));
          } catch (error) {
            const code = error instanceof Refusal ? error.code : status.UNKNOWN;
            answer({ code, details: error instanceof Error ? error.message : String(error) });
          }
        },
      ]),
    );
  }

  #answer(name: keyof CriCalls, request: object): object {
    this.calls.push({ name, request });
    this.before(name, request);
    const handler = this.#handlers[name] as ((request: object) => object) | undefined;
    return handler?.(request) ?? {};
  }

  readonly #handlers: Handlers = {
    Version: () => ({ runtimeName: 'fake', runtimeVersion: '1.2.3', runtimeApiVersion: 'v1' }),
    Status: () => ({ info: {}, runtimeHandlers: [{ name: '' }, { name: 'runc' }] }),
    ImageStatus: ({ image }) => ({ image: image.image === 'there' ? { id: 'sha256:1' } : null }),
    RunPodSandbox: ({ config }) => {
      this.pods.set(`pod-${config.metadata.name}`, config);
      return { podSandboxId: `pod-${config.metadata.name}` };
    },
    CreateContainer: ({ config, sandboxConfig }) => {
      const containerId = `container-${sandboxConfig.metadata.name}`;
      this.#containers.set(containerId, { config, logs: sandboxConfig.logDirectory });
      return { containerId };
    },
    StartContainer: ({ containerId }) => {
      const made = this.#containers.get(containerId);
      if (made === undefined) throw new Refusal(status.NOT_FOUND, 'no such container');
      const lines = this.output.split('\n').slice(0, -1);
      appendFileSync(
        join(made.logs, made.config.logPath),
        lines.map((line) => `2026-11-26T00:00:00Z stdout F ${line}\n`).join(''),
      );
      return {};
    },
    ContainerStatus: () => ({
      status: { state: this.state, exitCode: this.exitCode, reason: '', message: '' },
      info: {},
    }),
    ListPodSandbox: ({ filter }) => ({
      items: [...this.pods]
        .filter(([, { labels }]) =>
          Object.entries(filter.labelSelector).every(([name, value]) => labels[name] === value),
        )
        .map(([id, { metadata }]) => ({ id, metadata })),
    }),
    RemovePodSandbox: ({ podSandboxId }) => {
      this.pods.delete(podSandboxId);
      return {};
    },
    ExecSync: ({ cmd }) => ({ stdout: Buffer.from(`${cmd.join(' ')}\n`), stderr: Buffer.alloc(0), exitCode: 0 }),
  };

  [Symbol.asyncDispose](): Promise<void> {
    this.#server.forceShutdown();
    return Promise.resolve();
  }
}
