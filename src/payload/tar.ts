/** One file or folder of an archive, owned by root. */
export interface TarEntry {
  /** Relative, at most 100 bytes; that of a folder ends with a slash. */
  readonly name: string;
  readonly mode: number;
  readonly bytes?: Buffer;
}

const BLOCK = 512;
const CHECKSUM = { at: 148, length: 8 } as const;

/** A ustar archive. The same entries give the same bytes: times are 0. */
export function tar(entries: readonly TarEntry[]): Buffer {
  return Buffer.concat([
    ...entries.flatMap(({ bytes = Buffer.alloc(0), ...entry }) => [
      header(entry, bytes.length),
      bytes,
      padding(bytes.length),
    ]),
    Buffer.alloc(2 * BLOCK),
  ]);
}

const padding = (bytes: number): Buffer => Buffer.alloc((BLOCK - (bytes % BLOCK)) % BLOCK);

function header({ name, mode }: Omit<TarEntry, 'bytes'>, size: number): Buffer {
  if (Buffer.byteLength(name) > 100) throw new RangeError(`a name of at most 100 bytes was expected, got ${name}`);
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, length: number): void => {
    block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1');
  };
  block.write(name, 0, 'utf8');
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  block.write(name.endsWith('/') ? '5' : '0', 156, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  // The checksum is computed with blanks in its place.
  block.fill(' ', CHECKSUM.at, CHECKSUM.at + CHECKSUM.length);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, CHECKSUM.at, 'latin1');
  return block;
}
