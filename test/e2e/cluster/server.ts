import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StandInCluster } from './cluster.js';
import { listOf, placeOf, statusOf, type JobSpec, type Place, type Stored } from './objects.js';
import { discovery, openapi2 } from './openapi.js';
import { schemaErrors } from './schema.js';

/**
 * A stand-in for a cluster's API server on a port of this machine. It answers discovery and OpenAPI, checks each object
 * that it gets against the schema of its kind, and runs the pods of Jobs as processes here.
 */
export class StandInServer implements AsyncDisposable {
  readonly cluster = new StandInCluster();
  readonly folder = mkdtempSync(join(tmpdir(), 'bench-cluster-'));
  /** `verb resource`, as RBAC has them: `list nodes`. */
  readonly forbidden = new Set<string>();
  /** Method and path of each request for an object. */
  readonly requests: string[] = [];
  minorVersion = 31;
  /** A node keeps only the end of a log. */
  logLimit = Infinity;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        send(response, 500, statusOf(500, 'InternalError', String(error)));
      });
    });
  }

  static async start(): Promise<StandInServer> {
    const server = new StandInServer();
    await new Promise<void>((resolve) => {
      server.#server.listen(0, '127.0.0.1', resolve);
    });
    return server;
  }

  /** What kubectl needs to reach it. */
  env(): Record<string, string> {
    const address = this.#server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const file = join(this.folder, 'config');
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'stand-in',
      clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${port}` } }],
      users: [{ name: 'u', user: {} }],
      contexts: ['stand-in', 'other'].map((name) => ({ name, context: { cluster: 'c', user: 'u' } })),
    };
    writeFileSync(file, JSON.stringify(config));
    // kubectl keeps what it discovers below HOME.
    return { KUBECONFIG: file, HOME: this.folder };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cluster.end();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === '/openapi/v2') {
      response.setHeader('content-type', 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf');
      response.end(openapi2());
      return;
    }
    const known = discovery(pathname, this.minorVersion);
    if (known !== undefined) {
      send(response, 200, known);
      return;
    }
    const place = placeOf(pathname);
    if (place === undefined) {
      send(response, 404, statusOf(404, 'NotFound', 'the server could not find the requested resource'));
      return;
    }
    const body = await bodyOf(request);
    this.requests.push(`${request.method ?? ''} ${pathname}`);
    const refusal = this.#refusal(verbOf(request.method, place), place);
    if (refusal !== undefined) send(response, 403, refusal);
    else if (request.method === 'POST') this.#create(place, body, response);
    else if (request.method === 'DELETE') this.#delete(place, response);
    else this.#get(place, searchParams, response);
  }

  #refusal(verb: string, { resource, namespace, name, subresource }: Place): object | undefined {
    const full = subresource === null ? resource : `${resource}/${subresource}`;
    if (!this.forbidden.has(`${verb} ${full}`)) return undefined;
    const group = resource === 'jobs' ? 'batch' : '';
    const where = namespace === null ? 'at the cluster scope' : `in the namespace "${namespace}"`;
    const about = name === null ? full : `${full} "${name}"`;
    const words = `${about} is forbidden: User "u" cannot ${verb} resource "${full}" in API group "${group}" ${where}`;
    return statusOf(403, 'Forbidden', words, { name, kind: resource });
  }

  #create({ resource, namespace }: Place, body: string, response: ServerResponse): void {
    const object = JSON.parse(body) as Stored;
    const errors = [...schemaErrors(object), ...placeErrors(object, namespace), ...jobErrors(object)];
    if (errors.length > 0) {
      send(response, 422, statusOf(422, 'Invalid', `${object.kind} is invalid: ${errors.join('; ')}`));
      return;
    }
    if (namespace !== null && !this.cluster.objects.has(this.cluster.key('namespaces', null, namespace))) {
      send(response, 404, notFound('namespaces', namespace));
      return;
    }
    this.cluster.add(resource, object);
    send(response, 201, object);
  }

  #delete({ resource, namespace, name }: Place, response: ServerResponse): void {
    const object = this.cluster.objects.get(this.cluster.key(resource, namespace, name ?? ''));
    if (object === undefined) {
      send(response, 404, notFound(resource, name ?? ''));
      return;
    }
    void this.cluster.remove(resource, object);
    send(response, 200, object);
  }

  #get(place: Place, query: URLSearchParams, response: ServerResponse): void {
    const { resource, namespace, name, subresource } = place;
    if (name === null) {
      const chosen = this.cluster.list(resource, namespace).filter((object) => isChosen(object, query));
      if (query.get('watch') === 'true') this.#watch(resource, query, chosen.length, response);
      else send(response, 200, listOf(resource, chosen, this.cluster.version));
      return;
    }
    const object = this.cluster.list(resource, namespace).find(({ metadata }) => metadata.name === name);
    if (object === undefined) send(response, 404, notFound(resource, name));
    else if (subresource === 'log') {
      const log = this.cluster.log(object).slice(-this.logLimit);
      response.setHeader('content-type', 'text/plain');
      response.end(log.slice(0, Number(query.get('limitBytes') ?? Infinity)));
    } else send(response, 200, object);
  }

  /** Until the object of a field selector is deleted. */
  #watch(resource: string, query: URLSearchParams, there: number, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const tell = (changed: string, object: Stored): void => {
      if (changed !== resource || !isChosen(object, query)) return;
      response.end(`${JSON.stringify({ type: 'DELETED', object })}\n`);
    };
    this.cluster.changes.on('deleted', tell);
    response.on('close', () => this.cluster.changes.off('deleted', tell));
    // Gone before the watch began: the client lists again.
    if (there === 0) response.end();
  }
}

function verbOf(method: string | undefined, { name }: Place): string {
  if (method === 'POST') return 'create';
  if (method === 'DELETE') return 'delete';
  return name === null ? 'list' : 'get';
}

function isChosen({ metadata, ...rest }: Stored, query: URLSearchParams): boolean {
  const labels = (query.get('labelSelector') ?? '').split(',').filter(Boolean);
  const fields = (query.get('fieldSelector') ?? '').split(',').filter(Boolean);
  return (
    labels.every((label) => {
      const [key = '', value = ''] = label.split('=');
      return metadata.labels?.[key] === value;
    }) &&
    fields.every((field) => {
      const [key, value] = field.split('=');
      return (key === 'metadata.name' ? metadata.name : (rest as { readonly reason?: string }).reason) === value;
    })
  );
}

function placeErrors({ metadata }: Stored, namespace: string | null): readonly string[] {
  const errors = (metadata.namespace ?? null) === namespace ? [] : ['the namespace does not match the request'];
  return /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(metadata.name) ? errors : [...errors, 'metadata.name: invalid'];
}

/** What the API server checks beyond the schema (pkg/apis/batch/validation, pkg/apis/core/validation). */
function jobErrors({ kind, spec: given }: Stored): readonly string[] {
  if (kind !== 'Job') return [];
  const spec = given as JobSpec & { readonly completionMode?: string; readonly maxFailedIndexes?: number };
  const pod = spec.template.spec;
  const [container] = pod.containers;
  const volumes = new Set(pod.volumes.map(({ name }) => name));
  const terms = pod.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms;
  const rules: readonly (readonly [wrong: boolean, words: string])[] = [
    [pod.restartPolicy !== 'Never', 'restartPolicy: Never is required'],
    [spec.completionMode === 'Indexed' && !(spec.completions > 0), 'spec.completions: Required value'],
    [
      spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined,
      'maxFailedIndexes: no limit per index',
    ],
    [terms.some(({ matchFields }) => matchFields.some(({ values }) => values.length !== 1)), 'matchFields: one value'],
    [container.volumeMounts.some(({ name }) => !volumes.has(name)), 'volumeMounts: not found'],
    [
      new Set(container.volumeMounts.map(({ mountPath }) => mountPath)).size < container.volumeMounts.length,
      'mountPath: unique',
    ],
  ];
  return rules.flatMap(([wrong, words]) => (wrong ? [words] : []));
}

const notFound = (resource: string, name: string): object =>
  statusOf(404, 'NotFound', `${resource}${resource === 'jobs' ? '.batch' : ''} "${name}" not found`, {
    name,
    kind: resource,
  });

function send(response: ServerResponse, code: number, body: object): void {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
