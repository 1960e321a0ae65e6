import { describe, expect, it } from 'vitest';
import { isRunning } from '../../../../src/process/processes.js';
import { whileWatched } from '../../../../src/tracing/syscalls/watch.js';

/** Prepares itself, says its pid and that it is attached, and stays. */
const tool = (prepare: string): { file: string; args: string[]; env: string[] } => ({
  file: '/bin/sh',
  args: ['-c', `${prepare}; echo $$ attached >&2; while :; do sleep 0.05; done`],
  env: ['PATH=/usr/bin:/bin'],
});
const isWatching = (said: string): boolean => said.includes('attached');
const action = (): Promise<string> => Promise.resolve('done');

describe('whileWatched', () => {
  it('ends the tool with SIGINT', async () => {
    const { result, said } = await whileWatched({
      tool: tool('trap "echo bye >&2; exit" INT'),
      isWatching,
      action,
    });
    expect([result, said]).toEqual(['done', expect.stringMatching(/^\d+ attached\nbye\n$/)]);
  });

  it('kills a tool that does not end, where its output is whole at any time', async () => {
    const { result, said } = await whileWatched({ tool: tool('trap "" INT'), isWatching, action, mayBeKilled: true });
    expect([result, isRunning(Number.parseInt(said, 10))]).toEqual(['done', false]);
  }, 60_000);
});
