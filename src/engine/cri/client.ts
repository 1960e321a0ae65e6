import type { Client, MethodDefinition, ServiceError } from '@grpc/grpc-js';
import { ASK_MS, CHANGE_MS } from '../waiting/deadlines.js';
import { endWithSignals, Patience } from '../waiting/patience.js';
import type { RequestKind, Waiting } from '../waiting/patience.js';
import { CRI_DESCRIPTION, CRI_SERVICES } from './api.js';
import type { CriCalls } from './api.js';
import { CODE, criFailure } from './failures.js';

/** How long a call may take, and what stops it before. */
export interface CallOptions {
  readonly limitMs?: number;
  readonly signal?: AbortSignal;
  /** Whether it goes on after the user has stopped the run, because it removes what the run made. */
  readonly goesOn?: boolean;
}

type Method = MethodDefinition<object, object>;

/** Calls that only ask. */
const ASKING: ReadonlySet<keyof CriCalls> = new Set<keyof CriCalls>([
  'Version',
  'Status',
  'PodSandboxStatus',
  'ListPodSandbox',
  'ContainerStatus',
  'ImageStatus',
]);

/** Calls that make something, or begin what only ends by itself. */
const MAKING: ReadonlySet<keyof CriCalls> = new Set<keyof CriCalls>([
  'RunPodSandbox',
  'CreateContainer',
  'StartContainer',
]);

function kindOf(name: keyof CriCalls): RequestKind {
  if (ASKING.has(name)) return 'ask';
  return MAKING.has(name) ? 'make' : 'change';
}

/** A connection to a runtime's socket; it connects with its first call. */
export class CriClient implements Disposable {
  /** `unix:///path`. */
  readonly address: string;
  readonly #client: Client;
  readonly #methods: ReadonlyMap<string, Method>;
  readonly #patience: Patience;

  private constructor(address: string, client: Client, methods: ReadonlyMap<string, Method>, patience: Patience) {
    this.address = address;
    this.#client = client;
    this.#methods = methods;
    this.#patience = patience;
  }

  /**
   * Loads the libraries, which is slow, and connects to nothing yet. `user` ends calls, except those that go on to
   * remove what a run made.
   */
  static async at(address: string, user?: AbortSignal): Promise<CriClient> {
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
    return new CriClient(address, client, methods, new Patience(user));
  }

  /** Rejects with gRPC's ServiceError, or with the reason of the user's stop; aborting cancels the call. */
  async call<Name extends keyof CriCalls>(
    name: Name,
    request: CriCalls[Name][0],
    { limitMs, signal, goesOn = false }: CallOptions = {},
  ): Promise<CriCalls[Name][1]> {
    const method = this.#methods.get(name);
    if (method === undefined) throw new RangeError(`${name} is not described`);
    const user = goesOn ? undefined : this.#patience.signal;
    const kind = kindOf(name);
    // After a stop, a runtime that hangs is found out by a question, which has less time than a removal.
    if (goesOn && kind === 'change' && this.#patience.isDoubted) await this.call('Version', {}, { goesOn });
    if (this.#patience.isOver)
      throw Object.assign(new Error(), {
        code: CODE.DEADLINE_EXCEEDED,
        details: `${name}: not called, the runtime did not answer before`,
      });
    const givenMs = this.#patience.limitMs(limitMs ?? (kind === 'ask' ? ASK_MS : CHANGE_MS), kind);
    const signals = [signal, user].filter((one) => one !== undefined);
    for (const one of signals) one.throwIfAborted();
    try {
      const answer = await this.#send<CriCalls[Name][1]>(method, request, { kind, givenMs, signals });
      this.#patience.answered();
      return answer;
    } catch (error) {
      user?.throwIfAborted();
      if (criFailure(error).code === CODE.DEADLINE_EXCEEDED) this.#patience.unanswered();
      throw error;
    }
  }

  #send<Answer>(
    method: Method,
    request: object,
    { kind, givenMs, signals }: Pick<Waiting, 'kind' | 'signals'> & { readonly givenMs: number },
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const over = new AbortController();
      const call = this.#client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        { deadline: Date.now() + givenMs },
        (error: ServiceError | null, answer?: object) => {
          over.abort();
          if (error === null) resolve((answer ?? {}) as Answer);
          else reject(error);
        },
      );
      endWithSignals({
        kind,
        signals,
        over: over.signal,
        end: () => {
          call.cancel();
        },
      });
    });
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}
