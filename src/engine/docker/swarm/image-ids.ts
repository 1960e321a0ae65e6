/** Digests of an image, by which an engine's image store may name it. */
export interface ImageIds {
  /** Of its configuration: the id in Docker's classic store. */
  readonly config: string | null;
  /** Of its manifest, or of its index: the id in containerd's image store. Docker before 25 saves none. */
  readonly manifest: string | null;
}

const BLOCK_BYTES = 512;
/** Of index.json and manifest.json, which list the images of an archive. */
const LARGEST_LIST_BYTES = 1 << 20;

/**
 * The ids of the only image in an archive of `docker save`, as the archive passes by. Source of the formats: OCI image
 * layout (index.json), and Docker's image specification 1.2 (manifest.json).
 */
export async function idsInArchive(archive: AsyncIterable<Buffer>): Promise<ImageIds> {
  const lists = await listsIn(archive);
  const [image] = (parsed(lists.get('manifest.json')) ?? []) as readonly { readonly Config?: string }[];
  const index = (parsed(lists.get('index.json')) ?? {}) as {
    readonly manifests?: readonly { readonly digest?: string }[];
  };
  const config = /([0-9a-f]{64})(?:\.json)?$/.exec(image?.Config ?? '')?.[1];
  return {
    config: config === undefined ? null : `sha256:${config}`,
    manifest: index.manifests?.length === 1 ? (index.manifests[0]?.digest ?? null) : null,
  };
}

/** A tar's files that list its images, by name; all other data is passed over. */
async function listsIn(archive: AsyncIterable<Buffer>): Promise<ReadonlyMap<string, string>> {
  const lists = new Map<string, string>();
  let rest = Buffer.alloc(0);
  let skipBytes = 0;
  for await (const chunk of archive) {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const skipped = Math.min(skipBytes, rest.length);
      rest = rest.subarray(skipped);
      skipBytes -= skipped;
      if (skipBytes > 0 || rest.length < BLOCK_BYTES) break;
      const name = textIn(rest, 0, 100);
      const sizeBytes = parseInt(textIn(rest, 124, 12), 8) || 0;
      const wanted = ['index.json', 'manifest.json'].includes(name) && sizeBytes <= LARGEST_LIST_BYTES;
      if (wanted && rest.length < BLOCK_BYTES + sizeBytes) break;
      if (wanted) lists.set(name, rest.toString('utf8', BLOCK_BYTES, BLOCK_BYTES + sizeBytes));
      skipBytes = BLOCK_BYTES + Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES;
    }
  }
  return lists;
}

const textIn = (block: Buffer, at: number, bytes: number): string =>
  block
    .toString('latin1', at, at + bytes)
    .replace(/\0.*$/s, '')
    .trim();

function parsed(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
