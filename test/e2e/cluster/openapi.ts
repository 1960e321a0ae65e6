/** What kubectl asks a server about its API before it sends anything: discovery, and OpenAPI in two versions. */

interface Resource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

const VERBS = ['create', 'delete', 'get', 'list', 'watch'] as const;

/** By the path of the group and version. */
const RESOURCES: Readonly<Record<string, readonly Resource[]>> = {
  'api/v1': [
    { name: 'namespaces', kind: 'Namespace', namespaced: false, verbs: VERBS },
    { name: 'nodes', kind: 'Node', namespaced: false, verbs: ['get', 'list', 'watch'] },
    { name: 'pods', kind: 'Pod', namespaced: true, verbs: VERBS },
    { name: 'pods/log', kind: 'Pod', namespaced: true, verbs: ['get'] },
    { name: 'configmaps', kind: 'ConfigMap', namespaced: true, verbs: VERBS },
    { name: 'events', kind: 'Event', namespaced: true, verbs: ['get', 'list', 'watch'] },
  ],
  'apis/batch/v1': [{ name: 'jobs', kind: 'Job', namespaced: true, verbs: VERBS }],
};

const groupOf = (path: string): string => (path === 'api/v1' ? '' : (path.split('/')[1] ?? ''));

const kindsOf = (path: string): readonly Resource[] =>
  (RESOURCES[path] ?? []).filter(({ name }) => !name.includes('/'));

/** The answer to a path of discovery; nothing for another path. */
export function discovery(path: string, minorVersion: number): object | undefined {
  const batch = { groupVersion: 'batch/v1', version: 'v1' };
  if (path === '/version')
    return {
      major: '1',
      minor: `${minorVersion}+`,
      gitVersion: `v1.${minorVersion}.0-stand-in`,
      platform: 'linux/amd64',
    };
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
  if (path === '/apis')
    return {
      kind: 'APIGroupList',
      apiVersion: 'v1',
      groups: [{ name: 'batch', versions: [batch], preferredVersion: batch }],
    };
  const resources = RESOURCES[path.slice(1)];
  if (resources !== undefined)
    return { kind: 'APIResourceList', groupVersion: path === '/api/v1' ? 'v1' : 'batch/v1', resources };
  return openapi3(path);
}

/** Kubectl 1.27 and newer look here for the parameter `fieldValidation`. */
function openapi3(path: string): object | undefined {
  if (path === '/openapi/v3')
    return {
      paths: Object.fromEntries(
        Object.keys(RESOURCES).map((group) => [group, { serverRelativeURL: `/openapi/v3/${group}` }]),
      ),
    };
  const group = path.replace(/^\/openapi\/v3\//, '');
  if (!(group in RESOURCES)) return undefined;
  const parameters = [{ name: 'fieldValidation', in: 'query', schema: { type: 'string' } }];
  const paths = kindsOf(group).map(({ name, kind, namespaced }) => [
    `/${group}/${namespaced ? 'namespaces/{namespace}/' : ''}${name}/{name}`,
    {
      patch: {
        parameters,
        responses: {},
        'x-kubernetes-group-version-kind': { group: groupOf(group), version: 'v1', kind },
      },
    },
  ]);
  const info = { title: 'Kubernetes', version: 'v1' };
  return { openapi: '3.0.0', info, paths: Object.fromEntries(paths) as object };
}

/**
 * OpenAPI 2 as gnostic's protobuf (openapi_v2/OpenAPIv2.proto), which older kubectl reads: every kind as an object of
 * any fields, for the server itself checks them.
 */
export function openapi2(): Buffer {
  const definitions = Object.keys(RESOURCES).flatMap((path) =>
    kindsOf(path).map(({ kind }) => {
      const value = `- group: "${groupOf(path)}"\n  version: v1\n  kind: ${kind}\n`;
      const extension = [text(1, 'x-kubernetes-group-version-kind'), message(2, [text(2, value)])];
      const schema = [message(22, [text(1, 'object')]), message(31, extension)];
      return message(1, [text(1, `io.k8s.stand-in.${kind}`), message(2, schema)]);
    }),
  );
  const info = message(2, [text(1, 'Kubernetes'), text(2, 'v1')]);
  return Buffer.concat([text(1, '2.0'), info, message(8, []), message(9, definitions)]);
}

/** A field of protobuf with bytes in it. */
function field(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}
const text = (number: number, value: string): Buffer => field(number, Buffer.from(value));
const message = (number: number, fields: readonly Buffer[]): Buffer => field(number, Buffer.concat(fields));

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 127) | 128);
  }
}
