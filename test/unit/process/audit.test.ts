import { describe, expect, it } from 'vitest';
import { linesAfter } from '../../../src/process/audit/kernel-log.js';
import { auditStatus, readAuditMessage } from '../../../src/process/audit/status.js';

function message(type: number, words: readonly number[]): Buffer {
  const bytes = Buffer.alloc(16 + 4 * words.length);
  bytes.writeUInt32LE(bytes.length, 0);
  bytes.writeUInt16LE(type, 4);
  words.forEach((word, index) => bytes.writeInt32LE(word, 16 + 4 * index));
  return bytes;
}

describe('the status of audit', () => {
  it('is read from the answer of the kernel', () => {
    expect(readAuditMessage(message(1000, [0, 1, 1, 77, 100, 64, 5, 0]))).toEqual({
      state: 'read',
      enabled: 1,
      daemon: true,
      rateLimit: 100,
      backlogLimit: 64,
      lost: 5,
    });
  });

  it('skips the acknowledgement, and names a refusal', () => {
    expect(readAuditMessage(message(2, [0, 0, 0, 0, 0]))).toBeNull();
    expect(readAuditMessage(message(2, [-1, 0, 0, 0, 0]))).toEqual({ state: 'unreadable', cause: 'EPERM' });
    // What a process in a user namespace of its own gets.
    expect(readAuditMessage(message(2, [-111, 0, 0, 0, 0]))).toEqual({ state: 'unreadable', cause: 'ECONNREFUSED' });
  });

  it('is one of three on this machine', () => {
    expect(['read', 'absent', 'unreadable']).toContain(auditStatus().state);
  });
});

describe("the kernel's log from a line on", () => {
  it('has the lines after it, and all where it is gone', () => {
    expect(linesAfter(['[1] a', '[2] b', '[3] c'], '[2] b')).toEqual(['[3] c']);
    expect(linesAfter(['[3] c'], '[2] b')).toEqual(['[3] c']);
    expect(linesAfter(['[3] c'], undefined)).toEqual(['[3] c']);
  });
});
