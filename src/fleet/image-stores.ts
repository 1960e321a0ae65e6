import type { Swarm, SwarmNode, SwarmTask } from '../engine/index.js';
import type { FleetGroup } from './plan.js';

export interface OtherStoresWish {
  readonly swarm: Pick<Swarm, 'imageIds'>;
  readonly groups: readonly FleetGroup[];
  /** Starts the job on one node, with the image under another id. */
  readonly start: (node: SwarmNode, imageId: string) => Promise<void>;
}

/**
 * Docker's classic store names an image by its configuration, containerd's by its manifest, so the nodes of a swarm may
 * know the same image under different ids. A node that does not know the manager's id gets the job again with the other
 * one. A name would do for both, but with a name every node first asks a registry.
 */
export class OtherStores {
  readonly #wish: OtherStoresWish;
  readonly #ids = new Map<string, Promise<readonly string[]>>();
  /** By node and missing id: whether the node got the job again. Swarm makes several tasks of one that is rejected. */
  readonly #answers = new Map<string, Promise<boolean>>();
  readonly #tried = new Map<string, Set<string>>();

  constructor(wish: OtherStoresWish) {
    this.#wish = wish;
  }

  /** Whether the node of a task got the job again, because its engine does not know the image under the id it had. */
  again(task: SwarmTask): Promise<boolean> {
    const missing = task.state === 'rejected' ? /no such image:? (\S+)/i.exec(task.words)?.[1] : undefined;
    if (missing === undefined) return Promise.resolve(false);
    const key = `${task.nodeId} ${missing}`;
    const answer = this.#answers.get(key) ?? this.#again(task);
    this.#answers.set(key, answer);
    return answer;
  }

  async #again({ nodeId }: SwarmTask): Promise<boolean> {
    const group = groupOf(this.#wish.groups, nodeId);
    const node = group?.nodes.find(({ id }) => id === nodeId);
    if (group === undefined || node === undefined) return false;
    const tried = this.#triedOn(group, nodeId);
    const next = (await this.#idsOf(group)).find((id) => !tried.has(id));
    if (next === undefined) return false;
    tried.add(next);
    await this.#wish.start(node, next);
    return true;
  }

  #triedOn({ imageId }: FleetGroup, nodeId: string): Set<string> {
    const tried = this.#tried.get(nodeId) ?? new Set([imageId]);
    this.#tried.set(nodeId, tried);
    return tried;
  }

  /** Read from the manager once per image: it sends the whole image for it. */
  #idsOf({ imageName }: FleetGroup): Promise<readonly string[]> {
    const ids =
      this.#ids.get(imageName) ??
      this.#wish.swarm.imageIds(imageName).then(
        ({ config, manifest }) => [config, manifest].filter((id) => id !== null),
        () => [],
      );
    this.#ids.set(imageName, ids);
    return ids;
  }
}

const groupOf = (groups: readonly FleetGroup[], nodeId: string): FleetGroup | undefined =>
  groups.find(({ nodes }) => nodes.some(({ id }) => id === nodeId));

/** The words of a task whose node has no such image, with what to do; others unchanged. */
export function withRemedy({ words, nodeId }: SwarmTask, groups: readonly FleetGroup[]): string {
  const name = groupOf(groups, nodeId)?.imageName;
  if (name === undefined || !/no such image/i.test(words)) return words;
  return (
    `${words}. Load ${name} there: docker save ${name} | ssh NODE docker load. ` +
    "If it is there, that node's image store has it under another id: load an archive that Docker 25 or newer saved"
  );
}
