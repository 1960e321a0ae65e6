import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Job } from 'kubernetes-models/batch/v1/Job';
import type { IJob } from 'kubernetes-models/batch/v1/Job';
import { PersistentVolumeClaim } from 'kubernetes-models/v1/PersistentVolumeClaim';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { readNodeJob } from '../../src/cli/commands/fleet-job.js';

const ROOT = resolve(import.meta.dirname, '../..');
const TEXT = readFileSync(join(ROOT, 'deploy/kubernetes-indexed-job.yaml'), 'utf8');
const [claim, ...jobs] = parseAllDocuments(TEXT).map((document) => document.toJS() as unknown) as [
  ConstructorParameters<typeof PersistentVolumeClaim>[0],
  ...IJob[],
];
const VERSION = (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly version: string }).version;

/**
 * TypeScript's errors for the documents as literals of the schema's type: a field that the schema does not have is one.
 */
function typeErrors(documents: readonly unknown[]): readonly string[] {
  const file = join(ROOT, 'test/deploy/manifest.ts');
  const source = `import type { IJob } from 'kubernetes-models/batch/v1/Job';
    export const jobs: readonly IJob[] = ${JSON.stringify(documents)};`;
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
  };
  const host = ts.createCompilerHost(options);
  const program = ts.createProgram([file], options, {
    ...host,
    fileExists: (path) => path === file || host.fileExists(path),
    readFile: (path) => (path === file ? source : host.readFile(path)),
    getSourceFile: (path, version, ...rest) =>
      path === file ? ts.createSourceFile(path, source, version) : host.getSourceFile(path, version, ...rest),
  });
  return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}

describe('the Kubernetes manifest', () => {
  it('says that it is untested', () => {
    expect(TEXT).toMatch(/^# UNTESTED/m);
  });

  it('is a claim and a Job per architecture that the schema of batch/v1 accepts', () => {
    expect(jobs).toHaveLength(2);
    new PersistentVolumeClaim(claim).validate();
    for (const job of jobs) {
      expect([job.apiVersion, job.kind]).toEqual(['batch/v1', 'Job']);
      new Job(job).validate();
    }
    expect(() => {
      new Job({
        ...jobs[0],
        spec: { template: { spec: { containers: [{ name: 'x', image: 1 as unknown as string }] } } },
      }).validate();
    }).toThrow();
  });

  it('has no field that the schema does not know', { timeout: 120_000 }, () => {
    // The last is made up, so that a check that finds nothing cannot pass.
    expect(typeErrors([...jobs, { ...jobs[0], spec: { ...jobs[0]?.spec, completionsMode: 'Indexed' } }])).toEqual([
      expect.stringContaining("'\"completionsMode\"' does not exist in type 'IJobSpec'"),
    ]);
  });

  it('puts one pod on each node of an architecture, retries none and keeps results by node', () => {
    expect(jobs.map(({ spec }) => spec?.template.spec?.nodeSelector?.['kubernetes.io/arch'])).toEqual([
      'amd64',
      'arm64',
    ]);
    for (const { spec } of jobs) {
      expect(spec).toMatchObject({ completionMode: 'Indexed', backoffLimit: 0, parallelism: spec!.completions });
      const pod = spec!.template.spec!;
      const labels = spec!.template.metadata!.labels!;
      const machine = labels['bench-machine']!;
      expect(pod.restartPolicy).toBe('Never');
      const rule = pod.affinity!.podAntiAffinity!.requiredDuringSchedulingIgnoredDuringExecution![0]!;
      expect([rule.topologyKey, rule.labelSelector!.matchLabels]).toEqual([
        'kubernetes.io/hostname',
        { 'app.kubernetes.io/name': labels['app.kubernetes.io/name'] },
      ]);
      const container = pod.containers[0]!;
      expect([container.image, container.imagePullPolicy]).toEqual([`seccomp-bench:${VERSION}-${machine}`, 'Never']);
      expect(container.args).toContain(`--results=/results/${machine}-$(JOB_COMPLETION_INDEX)-$(BENCH_NODE)`);
      expect(container.env!.map(({ name }) => name)).toEqual(['BENCH_NODE', 'JOB_COMPLETION_INDEX']);
      const mounted = new Map(container.volumeMounts!.map(({ name, mountPath }) => [mountPath, name]));
      expect(pod.volumes!.map(({ name }) => name)).toEqual([
        mounted.get('/results'),
        mounted.get('/var/run/docker.sock'),
      ]);
    }
  });

  it('gives bench options that it has', async () => {
    for (const { spec } of jobs) {
      const args = spec?.template.spec?.containers[0]?.args ?? [];
      // Where and by what is each pod's own here, and not the fleet's.
      const { scenario } = await readNodeJob(
        args.filter((arg) => !/^--(?:engine|host|results)=/.test(arg)),
        { cwd: '/' },
      );
      expect(scenario.kind).toBe('sequential');
    }
  });
});
