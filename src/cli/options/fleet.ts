import type { Command } from 'commander';
import { BenchError, conflict, invalidValue, needs } from '../../errors.js';
import type {
  FleetRequest,
  KubernetesRequest,
  NodeJob,
  PodImage,
  SwarmRequest,
} from '../../model/host/fleet-request.js';
import { choice, collect, option } from './option.js';
import { durationMs } from './values.js';

export interface RawFleetTarget {
  readonly swarm?: boolean;
  readonly kubernetes?: boolean;
  /** A folder of results, one folder per node, in place of a cluster. */
  readonly from?: string;
  readonly host?: string;
  readonly image?: readonly string[];
  readonly constraint?: readonly string[];
  readonly socket?: string;
  readonly timeout: string;
  readonly context?: string;
  readonly namespace?: string;
  readonly selector?: string;
  readonly engine?: KubernetesRequest['engine'];
  readonly dryRun?: boolean;
}

const DOCKER_SOCKET = '/var/run/docker.sock';
const CRI_SOCKET = '/run/containerd/containerd.sock';

/** Where a fleet runs: a swarm, a Kubernetes cluster, or a folder of results. */
export function declareFleetTarget(command: Command): Command {
  return declareKubernetes(
    command
      .addOption(option('--swarm', 'run a job on each node of a Docker Swarm', 'common'))
      .addOption(option('--kubernetes', 'run a Job on each node of a Kubernetes cluster, with kubectl', 'common'))
      .addOption(option('--from <dir>', 'report on results that exist: DIR/NODE/RESULTS', 'common'))
      .addOption(
        option(
          '--host <address>',
          'a swarm manager: unix:///path, tcp://host:port or ssh://user@host ' +
            '(default: DOCKER_HOST or the Docker context)',
          'engine',
        ),
      )
      .addOption(
        option(
          '--image <name>',
          'image of bench, one per architecture; for Kubernetes MACHINE=NAME, or NAME of an image list \
(default: seccomp-bench:VERSION-MACHINE)',
          'engine',
        ).argParser(collect),
      )
      .addOption(
        option(
          '--constraint <expression>',
          'only swarm nodes that match, such as node.labels.NAME==VALUE; may be repeated',
          'engine',
        ).argParser(collect),
      )
      .addOption(
        option(
          '--socket <path>',
          `the engine's socket on each node (default: ${DOCKER_SOCKET} for a swarm, ${CRI_SOCKET} for Kubernetes)`,
          'engine',
        ),
      )
      .addOption(
        option(
          '--timeout <time>',
          'stop a node after this time and keep its results so far: 90s, 10m, 2h',
          'run',
        ).default('1h'),
      ),
  );
}

function declareKubernetes(command: Command): Command {
  return command
    .addOption(
      choice(
        '--engine <engine>',
        "Kubernetes: cri (the node's runtime) or namespaces (built in) (default: cri)",
        'engine',
        {
          values: ['cri', 'namespaces'],
          kind: 'an engine for pods',
        },
      ),
    )
    .addOption(option('--context <name>', 'Kubernetes: context of the kubeconfig', 'engine'))
    .addOption(
      option('--namespace <name>', 'Kubernetes: a namespace that exists (default: make one, and remove it)', 'engine'),
    )
    .addOption(option('--selector <labels>', 'Kubernetes: only nodes with these labels, such as disk=ssd', 'engine'))
    .addOption(option('--dry-run', 'Kubernetes: print the manifest and create nothing', 'run'));
}

/** Options of one kind of cluster that make no sense for the other. */
const OF_KUBERNETES = ['engine', 'context', 'namespace', 'selector', 'dryRun'] as const;
const OF_SWARM = ['host', 'constraint'] as const;

/** Throws `usage` and `input`; `readJob` reads what follows `--`. */
export async function parseFleetTarget(
  words: readonly string[],
  raw: RawFleetTarget & { readonly results: string },
  readJob: (words: readonly string[]) => Promise<NodeJob>,
): Promise<FleetRequest> {
  const kind = kindOf(raw);
  if (kind !== 'kubernetes') refuse(raw, OF_KUBERNETES, '--kubernetes');
  if (kind === 'from') {
    if (words.length > 0) throw conflict('--from', `a command (${words.join(' ')})`, { hint: NOTHING_MEASURED });
    return { kind: 'gather', folder: raw.from ?? '' };
  }
  if (kind === 'swarm') return { ...swarmOf(raw), job: await readJob(words) };
  refuse(raw, OF_SWARM, '--swarm');
  return { ...clusterOf(raw), job: await readJob(words) };
}

const NOTHING_MEASURED = 'With --from nothing is measured: the results exist.';

function kindOf(raw: RawFleetTarget): 'from' | 'swarm' | 'kubernetes' {
  const given = (['from', 'swarm', 'kubernetes'] as const).filter((name) => raw[name] !== undefined);
  const [kind, other] = given;
  if (kind === undefined)
    throw new BenchError('usage', 'fleet requires --swarm, --kubernetes or --from DIR', {
      hint: 'bench fleet --swarm -- sequential --count 100 runs on each node of the swarm.',
    });
  if (other === undefined) return kind;
  throw conflict(`--${kind}`, `--${other}`, {
    hint: kind === 'from' ? NOTHING_MEASURED : 'One cluster at a time.',
  });
}

function refuse(raw: RawFleetTarget, names: readonly (keyof RawFleetTarget)[], where: string): void {
  const given = names.find((name) => raw[name] !== undefined);
  if (given !== undefined) throw needs(given === 'dryRun' ? '--dry-run' : `--${given}`, where);
}

function swarmOf(raw: RawFleetTarget & { readonly results: string }): Omit<SwarmRequest, 'job'> {
  return {
    kind: 'swarm',
    host: raw.host ?? null,
    images: raw.image ?? null,
    constraints: raw.constraint ?? [],
    socket: raw.socket ?? DOCKER_SOCKET,
    limitMs: limitOf(raw),
    resultsFolder: raw.results,
  };
}

function clusterOf(raw: RawFleetTarget & { readonly results: string }): Omit<KubernetesRequest, 'job'> {
  const { engine = 'cri', socket } = raw;
  if (socket !== undefined && engine !== 'cri') throw needs('--socket', '--engine cri');
  if (socket?.startsWith('/') === false)
    throw invalidValue('--socket', 'an absolute path', JSON.stringify(socket), { code: 'usage' });
  return {
    kind: 'kubernetes',
    context: raw.context ?? null,
    namespace: raw.namespace ?? null,
    selector: raw.selector ?? null,
    images: raw.image?.map(imageOf) ?? null,
    engine,
    socket: socket ?? CRI_SOCKET,
    limitMs: limitOf(raw),
    resultsFolder: raw.results,
  };
}

const limitOf = ({ timeout }: RawFleetTarget): number => durationMs('--timeout', timeout, { example: '10m' });

/** `aarch64=NAME` or `NAME`; the name of an image has no `=`. */
function imageOf(text: string): PodImage {
  const [machine = '', name] = text.split('=');
  if (name === undefined) return { machine: null, name: machine };
  if (name !== '' && (machine === 'x86_64' || machine === 'aarch64')) return { machine, name };
  throw invalidValue('--image', 'NAME, x86_64=NAME or aarch64=NAME', JSON.stringify(text));
}
