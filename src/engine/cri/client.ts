import type { Client, MethodDefinition, ServiceError } from '@grpc/grpc-js';
import { CRI_DESCRIPTION, CRI_SERVICES } from './api.js';
import type { CriCalls } from './api.js';

/** How long a call may take, and what stops it before. */
export interface CallOptions {
  readonly limitMs?: number;
  readonly signal?: AbortSignal;
}

type Method = MethodDefinition<object, object>;

const LIMIT_MS = 30_000;

/** A connection to a runtime's socket; it connects with its first call. */
export class CriClient implements Disposable {
  /** `unix:///path`. */
  readonly address: string;
  readonly #client: Client;
  readonly #methods: ReadonlyMap<string, Method>;

  private constructor(address: string, client: Client, methods: ReadonlyMap<string, Method>) {
    this.address = address;
    this.#client = client;
    this.#methods = methods;
  }

  /** Loads the libraries, which is slow, and connects to nothing yet. */
  static async at(address: string): Promise<CriClient> {
    const [{ Client: GrpcClient, credentials }, { fromJSON }] = await Promise.all([
      import('@grpc/grpc-js'),
      import('@grpc/proto-loader'),
    ]);
    const described = fromJSON(CRI_DESCRIPTION, { longs: Number, enums: String, defaults: true });
    const methods = new Map(
      CRI_SERVICES.flatMap((name) => Object.entries(described[name] as Readonly<Record<string, Method>>)),
    );
    const client = new GrpcClient(address, credentials.createInsecure(), {
      // A proxy of the environment is for other machines.
      'grpc.enable_http_proxy': 0,
      // A call that makes something is never sent twice.
      'grpc.enable_retries': 0,
    });
    return new CriClient(address, client, methods);
  }

  /** Rejects with gRPC's ServiceError; aborting cancels the call. */
  call<Name extends keyof CriCalls>(
    name: Name,
    request: CriCalls[Name][0],
    { limitMs = LIMIT_MS, signal }: CallOptions = {},
  ): Promise<CriCalls[Name][1]> {
    const method = this.#methods.get(name);
    if (method === undefined) throw new RangeError(`${name} is not described`);
    return new Promise((resolve, reject) => {
      const call = this.#client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        { deadline: Date.now() + limitMs },
        (error: ServiceError | null, answer?: object) => {
          signal?.removeEventListener('abort', cancel);
          if (error === null) resolve((answer ?? {}) as CriCalls[Name][1]);
          else reject(error);
        },
      );
      const cancel = (): void => {
        call.cancel();
      };
      if (signal?.aborted === true) cancel();
      else signal?.addEventListener('abort', cancel, { once: true });
    });
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}
