import { request as plainRequest } from 'node:http';
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import type Docker from 'dockerode';
import { ASK_MS, CHANGE_MS, CONNECT_MS, LOAD_IMAGE_MS, REMOVE_MS, SAVE_IMAGE_MS } from '../../waiting/deadlines.js';
import { endWithSignals, reasonOf } from '../../waiting/patience.js';
import type { Patience, RequestKind } from '../../waiting/patience.js';
import { bytesOf, DaemonFault } from './answers.js';

/** What the library knows of a request when it hands it over. */
interface Asked {
  readonly isStream?: boolean;
  /** By status: `true` where it is what was asked for. */
  readonly statusCodes: Readonly<Record<number, unknown>>;
}

type Callback = (error: Error | null, answer?: unknown) => void;

/** The part of docker-modem that sends a request; dockerode builds the request and names the call. */
interface Modem {
  protocol: 'http' | 'https';
  buildRequest: (options: RequestOptions, asked: Asked, data: string | Buffer | undefined, done: Callback) => void;
}

/** Whether requests go on after the user has stopped the run, because they remove what it made. */
export interface Sending {
  readonly patience: Patience;
  readonly goesOn: boolean;
}

/**
 * Makes the library send its requests through {@link Exchange}: its own way to send follows redirects to wherever they
 * lead, and waits for ever for an answer that stops.
 */
export function sendWithDeadlines(docker: Docker, sending: Sending): void {
  const modem = docker.modem as unknown as Modem;
  modem.buildRequest = (options, asked, data, done) => {
    new Exchange(modem, options, asked, sending).send(data, done);
  };
}

/** One request and its answer. Ends by its deadline and with its signals, whatever the daemon does. */
class Exchange {
  readonly #protocol: Modem['protocol'];
  readonly #options: RequestOptions;
  readonly #asked: Asked;
  readonly #patience: Patience;
  readonly #signals: readonly AbortSignal[];
  readonly #kind: RequestKind;
  /** `GET /info` */
  readonly #name: string;
  readonly #over = new AbortController();
  #request: ClientRequest | undefined;
  /** What was handed over, which ends on its own. */
  #stream: Duplex | IncomingMessage | undefined;
  #timer: NodeJS.Timeout | undefined;
  #done: Callback | undefined;

  constructor(modem: Modem, { signal, ...options }: RequestOptions, asked: Asked, { patience, goesOn }: Sending) {
    this.#protocol = modem.protocol;
    this.#options = options;
    this.#asked = asked;
    this.#patience = patience;
    this.#signals = [signal, goesOn ? undefined : patience.signal].filter((one) => one !== undefined);
    const path = (options.path ?? '').replace(/^https?:\/\/[^/]*/, '').replace(/^\/v[\d.]+(?=\/)/, '');
    this.#name = `${options.method ?? 'GET'} ${path.split('?')[0] ?? ''}`;
    this.#kind = kindOf(this.#name);
  }

  send(data: string | Buffer | undefined, done: Callback): void {
    this.#done = done;
    const aborted = this.#signals.find((signal) => signal.aborted);
    try {
      if (aborted !== undefined) throw reasonOf(aborted);
      if (this.#patience.isOver)
        throw new DaemonFault('NO_ANSWER', `${this.#name}: not asked, the daemon did not answer before`);
      this.#begin(data);
    } catch (error) {
      this.#fail(error);
    }
  }

  #begin(data: string | Buffer | undefined): void {
    const request = (this.#protocol === 'https' ? tlsRequest : plainRequest)(this.#options);
    this.#request = request;
    const limitMs = this.#patience.limitMs(usualLimitMs(this.#name), this.#kind);
    this.#timer = setTimeout(() => {
      this.#patience.unanswered();
      this.#fail(new DaemonFault('NO_ANSWER', `${this.#name}: no complete answer within ${limitMs / 1000} s`));
    }, limitMs);
    endWithSignals({
      kind: this.#kind,
      signals: this.#signals,
      over: this.#over.signal,
      end: (reason) => {
        this.#fail(reason);
      },
    });
    request.on('upgrade', (_, socket, head) => {
      if (head.length > 0) socket.unshift(head);
      this.#handOver(socket);
    });
    request.on('response', (response) => {
      // The reader of the body sees its errors.
      response.on('error', () => undefined);
      this.#read(response).catch((error: unknown) => {
        this.#fail(error);
      });
    });
    request.on('error', (error) => {
      this.#fail(error);
    });
    request.end(data);
  }

  async #read(response: IncomingMessage): Promise<void> {
    const { statusCode: status = 0, headers } = response;
    const isWanted = this.#asked.statusCodes[status] === true;
    if (status >= 300 && status < 400 && status !== 304)
      throw new DaemonFault('REDIRECT', `${this.#name}: it redirects to ${headers.location ?? 'nowhere'}`);
    if (isWanted && this.#asked.isStream === true) {
      this.#handOver(response);
      return;
    }
    const body = await bytesOf(response, this.#name);
    const answer = parsed(body);
    if (!isWanted) throw refusal(status, answer, body.toString('utf8'));
    this.#over.abort();
    this.#patience.answered();
    this.#finish(null, answer);
  }

  #handOver(stream: Duplex | IncomingMessage): void {
    this.#stream = stream;
    stream.on('error', () => undefined);
    stream.once('close', () => {
      this.#over.abort();
    });
    this.#finish(null, stream);
  }

  /** Closes the connection, also that of a stream which was handed over. */
  #fail(cause: unknown): void {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    this.#over.abort();
    this.#stream?.destroy(error);
    this.#request?.destroy(error);
    this.#finish(error);
  }

  #finish(error: Error | null, answer?: unknown): void {
    clearTimeout(this.#timer);
    const done = this.#done;
    this.#done = undefined;
    done?.(error, answer);
  }
}

const MAKING: ReadonlySet<string> = new Set(['containers', 'services', 'configs'].map((one) => `POST /${one}/create`));

function kindOf(name: string): RequestKind {
  if (name.startsWith('GET ')) return 'ask';
  return MAKING.has(name) ? 'make' : 'change';
}

function usualLimitMs(name: string): number {
  if (name === 'GET /version') return CONNECT_MS;
  if (name === 'POST /images/load') return LOAD_IMAGE_MS;
  if (name.startsWith('DELETE ')) return REMOVE_MS;
  if (/^GET \/images\/.*\/get$/.test(name)) return SAVE_IMAGE_MS;
  return name.startsWith('GET ') ? ASK_MS : CHANGE_MS;
}

/** The library gives JSON as a value and everything else as bytes. */
function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return body;
  }
}

/** In the form of the library's own errors. */
function refusal(statusCode: number, json: unknown, text: string): Error {
  return Object.assign(new Error(text.trim()), { statusCode, json });
}
