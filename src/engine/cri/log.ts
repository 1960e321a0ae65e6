import { existsSync, readFileSync } from 'node:fs';

export interface LoggedOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/** `TIME STREAM TAG TEXT`; the tag F ends a line, P does not (Kubernetes' design "CRI: stream and log"). */
const LINE = /^\S+ (stdout|stderr) ([FP])\S* ?(.*)$/;

/** What a container wrote, out of its log in CRI's form; the last line of a stream may lack its end. */
export function parseLog(text: string): LoggedOutput {
  const output = { stdout: '', stderr: '' };
  for (const line of text.split('\n')) {
    const [, stream, tag, words = ''] = LINE.exec(line) ?? [];
    if (stream === 'stdout' || stream === 'stderr') output[stream] += tag === 'F' ? `${words}\n` : words;
  }
  return output;
}

/** Nothing where there is no log (yet). */
export function readLog(path: string): LoggedOutput {
  return parseLog(existsSync(path) ? readFileSync(path, 'utf8') : '');
}
