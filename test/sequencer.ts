import { basename } from 'node:path';
import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

/** The files that take longest, the longest first: one that began last would keep one worker at work alone. */
const LONGEST = [
  'docs',
  'server-daemons',
  'tampered-daemon',
  'docker-remote',
  'fleet-kubernetes',
  'docker',
  'fleet',
  'cri',
  'docker-faults',
  'package',
  'isulad',
  'gvisor',
  'json',
  'page',
  'before-start',
  'meant',
  'workload',
  'server',
  'resume',
  'deciding',
  'contained',
  'duet',
  'syscalls',
  'containerd',
  'exec',
  'engines',
  'hostile',
  'one-fault',
  'schemas',
  'formats',
] as const;

const rank = ({ moduleId }: TestSpecification): number => {
  const index = LONGEST.findIndex((name) => basename(moduleId) === `${name}.test.ts`);
  return index === -1 ? LONGEST.length : index;
};

/** Vitest's order within every group of projects, which knows no times after an `npm ci`, with those files in front. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const group = ({ project }: TestSpecification): number => project.config.sequence.groupOrder;
    const sorted = await super.sort(files);
    return sorted.sort((a, b) => group(a) - group(b) || rank(a) - rank(b));
  }
}
