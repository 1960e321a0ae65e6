import { isUtf8 } from 'node:buffer';

/** What stands for bytes that are not UTF-8. */
export const REPLACEMENT = '\uFFFD';

/**
 * Decodes bytes as Go's encoding/json does: every byte that is not part of valid UTF-8 becomes one U+FFFD (TextDecoder
 * merges several). A byte order mark stays, so that the parser refuses it.
 */
export function decodeText(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isUtf8(buffer)) return buffer.toString('utf8');
  const parts: string[] = [];
  let start = 0;
  let at = 0;
  while (at < buffer.length) {
    const length = sequenceLength(buffer, at);
    if (length === 0) {
      parts.push(buffer.toString('utf8', start, at), REPLACEMENT);
      start = at + 1;
    }
    at += Math.max(1, length);
  }
  parts.push(buffer.toString('utf8', start));
  return parts.join('');
}

/** Length of the valid sequence at `at`; 0 where it is invalid. */
function sequenceLength(buffer: Buffer, at: number): number {
  const length = announcedLength(buffer[at] ?? 0);
  if (length < 2) return length;
  return isUtf8(buffer.subarray(at, at + length)) ? length : 0;
}

function announcedLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  return lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
}
