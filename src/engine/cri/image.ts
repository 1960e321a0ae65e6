import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BenchError, notFound } from '../../errors.js';
import type { EngineParts } from '../../model/container/container.js';
import { lastWords } from '../../model/container/outcome.js';
import { findProgram } from '../../process/files/find.js';
import { runTool } from '../../process/run-tool.js';
import { writeArmFile } from '../arm-file.js';
import { IMAGE_SEEN_MS, REMOVE_MS } from '../waiting/deadlines.js';
import type { CriClient } from './client.js';
import { RUN_LABEL } from './pod.js';
import type { CriRuntime } from './runtime.js';
import { isContainerd } from './runtime.js';
import { pathOf } from './socket.js';

/** containerd's command, and its socket. */
export interface Ctr {
  readonly program: string;
  /** `unix:///path`. */
  readonly address: string;
}

/** The images of a run. */
export interface RunImages {
  /** The one with the payload. */
  readonly payload: string;
  /** One line each: what was loaded, and what is used. */
  readonly notes: readonly string[];
}

export interface ImageWish {
  readonly client: CriClient;
  readonly runtime: CriRuntime;
  readonly parts: EngineParts;
  /** `uname -m`. */
  readonly machine: string;
  /** `--image`. */
  readonly given?: string;
}

/** The namespace of containerd that its CRI plugin uses. */
const NAMESPACE = 'k8s.io';
const POLL_MS = 50;

/**
 * Makes sure that the payload's image and the one that holds pods are there: CRI has no call for that, so containerd's
 * `ctr` imports our own. An image that is there is left alone. Throws `environment`.
 */
export async function readyImages(wish: ImageWish): Promise<RunImages> {
  const { client, runtime, given, parts } = wish;
  if (given !== undefined && !(await isThere(client, given)))
    throw notFound(`image ${given}`, `the runtime at ${client.address}`, {
      hint: 'bench never pulls images; with containerd it loads its own where --image is left out.',
    });
  const payload = given ?? `localhost/seccomp-bench:${parts.runId}`;
  const { sandboxImage } = runtime;
  const lacksPause = sandboxImage !== undefined && !(await isThere(client, sandboxImage));
  const toTag = lacksPause ? sandboxImage : undefined;
  if (given === undefined || toTag !== undefined) await load(wish, toTag);
  return { payload, notes: [pauseNote(sandboxImage, lacksPause)] };
}

function pauseNote(image: string | undefined, loaded: boolean): string {
  if (image === undefined)
    return 'the container that holds each pod runs the image that the runtime is configured with';
  return loaded
    ? `the image ${image}, which holds pods, was not there: the payload stands in for it, and is removed at the end`
    : `the container that holds each pod runs ${image}, which was there`;
}

async function isThere(client: CriClient, image: string): Promise<boolean> {
  return (await client.call('ImageStatus', { image: { image } })).image !== null;
}

/** Imports our image, where asked also under a second name, and waits until CRI has seen it. */
async function load(wish: ImageWish, secondName: string | undefined): Promise<void> {
  const { client, parts, machine } = wish;
  const ctr = ctrFor(wish, secondName);
  const name = `localhost/seccomp-bench:${parts.runId}`;
  const archive = join(parts.workspace, 'image.tar');
  const labels = { [RUN_LABEL]: parts.runId };
  writeArmFile(archive, parts.imageArchive({ machine, tag: name, labels, command: ['/payload', 'sleep'] }));
  try {
    // Unpacked by the first container, with the snapshotter that CRI is configured with.
    await call(ctr, 'images', 'import', '--no-unpack', archive);
    await call(ctr, 'images', 'label', name, `${RUN_LABEL}=${parts.runId}`);
    if (secondName !== undefined) {
      await call(ctr, 'images', 'tag', name, secondName);
      await call(ctr, 'images', 'label', secondName, `${RUN_LABEL}=${parts.runId}`);
    }
    for (const image of secondName === undefined ? [name] : [name, secondName]) await untilSeen(client, image);
  } catch (error) {
    await removeImages(client, ctr, parts.runId).catch(() => undefined);
    throw error;
  } finally {
    rmSync(archive, { force: true });
  }
}

function ctrFor({ client, runtime, parts, given }: ImageWish, secondName: string | undefined): Ctr {
  if (!isContainerd(runtime))
    throw new BenchError(
      'environment',
      `${runtime.name} at ${client.address} cannot load the payload's image: CRI has no call for that`,
      {
        hint: 'Put an image that holds /payload there with its own tools, and name it: --image NAME (docs/engines.md).',
      },
    );
  const program = findProgram('ctr', parts.env['PATH']);
  if (program !== undefined) return { program, address: client.address };
  const what = given === undefined ? "load the payload's image" : `load the image ${secondName ?? given}`;
  throw notFound('ctr', 'PATH', {
    hint: `It is needed to ${what}: apt-get install --no-install-recommends containerd`,
  });
}

/** CRI hears of a new image by an event. */
async function untilSeen(client: CriClient, image: string): Promise<void> {
  for (let waitedMs = 0; waitedMs < IMAGE_SEEN_MS; waitedMs += POLL_MS) {
    if (await isThere(client, image)) return;
    await sleep(POLL_MS);
  }
  throw new BenchError('environment', `containerd imported ${image}, but its CRI plugin does not show the image`);
}

/**
 * Removes the images that a run loaded, and what only they hold: CRI removes the name by which its plugin keeps an
 * image too, `ctr` what CRI has not seen. Rejects with the error of a call.
 */
export async function removeImages(client: CriClient, ctr: Ctr, runId: string): Promise<void> {
  for (const image of await imagesOf(ctr, runId))
    await client.call('RemoveImage', { image: { image } }, { limitMs: REMOVE_MS, goesOn: true });
  const left = await imagesOf(ctr, runId);
  if (left.length > 0) await call(ctr, 'images', 'remove', '--sync', ...left);
}

/** Names of the images that carry the run's label. */
async function imagesOf(ctr: Ctr, runId: string): Promise<readonly string[]> {
  const names = await call(ctr, 'images', 'list', '--quiet', `labels."${RUN_LABEL}"==${runId}`);
  return names.split('\n').filter((name) => name !== '');
}

async function call({ program, address }: Ctr, ...args: readonly string[]): Promise<string> {
  const whole = ['--address', pathOf(address), '--namespace', NAMESPACE, ...args];
  const { exitCode, stdout, stderr } = await runTool(program, whole);
  if (exitCode === 0) return stdout;
  throw new BenchError(
    'environment',
    `ctr ${args.slice(0, 2).join(' ')} failed with exit code ${exitCode}: ${lastWords(stderr, 1)}`,
  );
}
