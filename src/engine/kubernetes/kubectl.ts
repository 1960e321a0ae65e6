import { BenchError, notFound } from '../../errors.js';
import { findProgram } from '../../process/files/find.js';
import { runTool } from '../../process/run-tool.js';
import { KUBECTL_MS } from '../waiting/deadlines.js';

/** Which cluster, and where in it, in kubectl's words. */
export interface KubectlPlace {
  /** Path of kubectl. */
  readonly program: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `null`: kubectl's own choice. */
  readonly context: string | null;
  readonly namespace: string;
  /** The user's wish to stop: it ends what asks for and makes a run's objects. */
  readonly signal?: AbortSignal;
}

export interface KubectlCall {
  readonly input?: string;
  /** Ends kubectl with SIGKILL; default 60 s. */
  readonly timeoutMs?: number;
  /** Whether it goes on after the user has stopped the run, because it removes or fetches what the run made. */
  readonly goesOn?: boolean;
  /** The beginning of the error: `could not list the nodes`. */
  readonly failure: string;
}

/** Of an error's words. */
const WORDS_LIMIT = 400;

/** The API server's words (apimachinery, pkg/api/errors): `pods "a" is forbidden: ...`, `namespaces "a" not found`. */
const FORBIDDEN = ' is forbidden: ';
const ABSENT = /^(?:could not [^:]*: )?[\w.]+ "[^"]*" not found$/;

/** Throws `environment` where kubectl is not installed. */
export function findKubectl(env: Readonly<Record<string, string | undefined>>): string {
  const program = findProgram('kubectl', env['PATH']);
  if (program !== undefined) return program;
  throw notFound('kubectl', 'PATH', {
    hint: 'apt-get install kubernetes-client, or see kubernetes.io/docs/tasks/tools.',
  });
}

/** What kubectl prints. Throws `environment` with its own words where it fails. */
export async function kubectl(
  { program, env, context, namespace, signal }: KubectlPlace,
  args: readonly string[],
  { input, timeoutMs = KUBECTL_MS, goesOn = false, failure }: KubectlCall,
): Promise<string> {
  const where = [...(context === null ? [] : ['--context', context]), '--namespace', namespace];
  const { exitCode, stdout, stderr } = await runTool(program, [...where, ...args], {
    timeoutMs,
    env,
    ...(signal === undefined || goesOn ? {} : { signal }),
    ...(input === undefined ? {} : { input }),
  });
  if (exitCode === 0) return stdout;
  const words = kubectlWords(stderr) || `kubectl ended with exit code ${exitCode ?? 'none'}`;
  throw new BenchError('environment', `${failure}: ${words}`, { hint: hintFor(words, namespace) });
}

/** Kubectl's error without the log lines of its libraries, such as `E1127 00:10:02.123456 ...`. */
export const kubectlWords = (stderr: string): string =>
  stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^[EWIF]\d{4} /.test(line) && !line.startsWith('Warning: '))
    .map((line) =>
      line.replace(/^Error from server(?: \(\w+\))?: |^error: /, '').replace(/^error when creating "STDIN": /, ''),
    )
    .join('; ')
    .slice(0, WORDS_LIMIT);

/** Whether the API server answered that the user may not do it. */
export const isForbidden = (error: unknown): boolean =>
  error instanceof BenchError && error.message.includes(FORBIDDEN);

/** Whether the API server answered that there is no such object. */
export const isAbsent = (error: unknown): boolean => error instanceof BenchError && ABSENT.test(error.message);

function hintFor(words: string, namespace: string): string {
  if (words.includes('violates PodSecurity'))
    return `The pods need the Pod Security level privileged: kubectl label namespace ${namespace} \
pod-security.kubernetes.io/enforce=privileged`;
  if (words.includes(FORBIDDEN))
    return 'docs/fleet.md lists the rights that bench fleet needs; --namespace uses a namespace that exists.';
  if (ABSENT.test(words))
    return `kubectl create namespace ${namespace} makes it; without --namespace bench makes its own.`;
  return 'Does kubectl get nodes work? --context and KUBECONFIG choose the cluster.';
}
