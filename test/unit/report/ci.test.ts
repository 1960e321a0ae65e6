import { describe, expect, it } from 'vitest';
import type { AnalysedRun } from '../../../src/model/analysis/analysis.js';
import { ciEffects, decisiveEffect } from '../../../src/report/ci/effect.js';
import { commentMarker } from '../../../src/report/ci/marker.js';
import { metricsText, percentText } from '../../../src/report/ci/metrics.js';
import { ciErrorMarkdown, ciMarkdown } from '../../../src/report/ci/parts.js';
import { annotationLines, outputLines, withoutCommands } from '../../../src/report/ci/workflow.js';
import { ARM64, FAILURES, PARALLEL, SEQUENTIAL } from './fixtures.js';

const HOSTILE = 'a]\n::error::b %0A,\r/close @all #1 <img src=x> <!-- bench-ci: other --> `x` [y](http://z) |';

/** A run whose texts from outside are hostile. */
const hostile = (run: AnalysedRun): AnalysedRun => ({
  ...run,
  run: {
    ...run.run,
    plan: {
      ...run.run.plan,
      engine: { ...run.run.plan.engine, version: HOSTILE, notes: [HOSTILE] },
      scenario: { ...run.run.plan.scenario, name: HOSTILE },
    },
    host: { ...run.run.host, cpuModel: HOSTILE, kernel: HOSTILE, hostname: HOSTILE },
  },
  analysis: {
    ...run.analysis,
    failures: [{ arm: 'after', stage: 'start', errno: null, cause: HOSTILE, count: 1, stderr: HOSTILE }],
  },
});

const input = (runs: readonly AnalysedRun[], gate: readonly string[] = []) => ({
  runs,
  sweeps: [],
  gate,
  report: 'reports/x/index.html',
  job: 'https://forge.example/own/repo/actions/runs/1',
});
const GATE = 'gate failed: CPU time of after is slower by more than 2 %: see `--seed`';

describe('Markdown for a CI system', () => {
  it('tells gate, verdict and effects before all else', () => {
    const text = ciMarkdown(input([SEQUENTIAL], [GATE]), { most: 60_000, folded: true });
    const places = ['## bench: ', '**Gate failed**: ', '**Faster**: ', '### Effects', '<details>', 'Report: '].map(
      (part) => text.indexOf(part),
    );
    expect(places.every((place) => place >= 0)).toBe(true);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(text).toContain('see `--seed`');
    expect(text).toMatch(
      /\n\nReport: reports\/x\/index\.html, \[log and artifacts of this run\]\(https:\/\/forge\.example\/own\/repo\/actions\/runs\/1\)\n$/,
    );
    expect(text).toMatch(
      /\*\*Faster\*\*: after starts 1\.7 times as fast as before: .*\.\n\n.* no container failed\. /,
    );
  });

  it('tells the verdicts of all runs before the details of one', () => {
    const text = ciMarkdown(input([SEQUENTIAL, ARM64]), { most: 60_000, folded: true });
    expect(text.indexOf('**Equivalent**')).toBeLessThan(text.indexOf('### Effects'));
    expect(text.match(/^### arm64 sequential$/gm)).toHaveLength(2);
  });

  it('keeps within its bytes and says how much is left out', () => {
    const runs = Array.from({ length: 40 }, () => PARALLEL);
    const whole = ciMarkdown(input(runs, [GATE]), { most: 10 ** 7, folded: true });
    expect(Buffer.byteLength(whole)).toBeGreaterThan(60_000);
    for (const most of [60_000, 20_000, 2000]) {
      const text = ciMarkdown(input(runs, [GATE]), { most, folded: true, marker: commentMarker('k') });
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(most);
      expect(text).toMatch(/^<!-- bench-ci: k -->\n## bench: /);
      expect(text).toContain('**Gate failed**');
      expect(text).toMatch(/\n\n[\d,]+ parts of this text are left out here for size\.\n$/);
      expect(text.split('<details>').length).toBe(text.split('</details>').length);
    }
    expect(whole).not.toContain('left out here');
  });

  it('holds no markup, command or marker of the texts in it', () => {
    const marker = commentMarker('mine');
    for (const run of [hostile(SEQUENTIAL), hostile(FAILURES)]) {
      const text = ciMarkdown(input([run], [`gate not evaluated: ${HOSTILE}`]), { most: 60_000, folded: true, marker });
      expect(text.match(/<!--/g)).toHaveLength(1);
      expect(text).not.toMatch(/^\s*(?:::|\/)/m);
      expect(text).not.toMatch(/<img|@all|(?<!\\|run)\]\(http/);
    }
    expect(ciErrorMarkdown(HOSTILE, { marker }).split('\n')).toHaveLength(5);
  });
});

describe('the marker of a comment', () => {
  it('holds a name and nothing that ends a comment of HTML', () => {
    expect(commentMarker('quick-30')).toBe('<!-- bench-ci: quick-30 -->');
    expect(commentMarker('a --> <b>\n')).toBe('<!-- bench-ci: a-b -->');
    expect(commentMarker('-->')).toBe('<!-- bench-ci: results -->');
    expect(commentMarker('x'.repeat(500))).toHaveLength(119);
  });
});

describe('annotations', () => {
  it('escape what would end a property, the message or the line', () => {
    const [line, ...rest] = annotationLines([{ level: 'error', message: '50 % of a:b, `--x`\n::warning::no' }], {
      file: 'a,b:c%.json',
      title: 'bench',
    }).split('\n');
    expect(line).toBe('::error file=a%2Cb%3Ac%25.json,title=bench::50 %25 of a:b, --x ::warning::no');
    expect(rest).toEqual(['']);
  });

  it('have no file where there is none, and at most ten of a level', () => {
    const many = Array.from({ length: 30 }, (_, index) => ({ level: 'warning', message: `${index}` }) as const);
    const lines = annotationLines([...many, { level: 'error', message: 'first' }], { file: null, title: 't' })
      .trim()
      .split('\n');
    expect([lines.length, lines[0], lines[1]]).toEqual([11, '::error title=t::first', '::warning title=t::0']);
  });

  it('are the only commands in a log', () => {
    expect(withoutCommands('::error::x\n  ::add-mask::y\na ::b\n##[error]z\n:::w')).toBe(
      ': :error::x\n  : :add-mask::y\na ::b\n# #[error]z\n: ::w',
    );
  });
});

describe('outputs', () => {
  it('are lines that no value can leave', () => {
    const text = outputLines({ verdict: 'faster', report: 'a\nD\ninjected=1\nx<<D' }, 'D-1');
    expect(text.split('\n')).toEqual([
      'verdict<<D-1',
      'faster',
      'D-1',
      'report<<D-1',
      'a D injected=1 x<<D',
      'D-1',
      '',
    ]);
  });
});

describe('the effect that decides', () => {
  it('is the worst of all runs, by its verdict among all tests', () => {
    expect(decisiveEffect(ciEffects([SEQUENTIAL, ARM64, PARALLEL]))).toMatchObject({
      scenario: 'arm64-sequential',
      machine: 'aarch64',
      verdict: 'equivalent',
      metric: 'cpu',
    });
    const [effect] = ciEffects([SEQUENTIAL]);
    expect(effect?.change).toBeCloseTo(-42.1, 10);
    expect(decisiveEffect([])).toBeNull();
  });

  it('of several slower ones is the largest', () => {
    const [one] = ciEffects([SEQUENTIAL]);
    const slower = [3, 9, 5].map((change) => ({ ...one!, verdict: 'slower' as const, change }));
    expect(decisiveEffect(slower)?.change).toBe(9);
  });
});

describe('metrics for GitLab', () => {
  it('are OpenMetrics text with plain labels and values', () => {
    expect(metricsText(ciEffects([SEQUENTIAL])).split('\n')).toEqual([
      '# TYPE bench_change_percent gauge',
      '# HELP bench_change_percent Change against the baseline in percent; negative is faster.',
      'bench_change_percent{scenario="sequential",machine="x86_64",arm="after",metric="cpu"} -42.10',
      '# TYPE bench_low_percent gauge',
      '# HELP bench_low_percent Lower bound of its 95 % interval.',
      'bench_low_percent{scenario="sequential",machine="x86_64",arm="after",metric="cpu"} -42.90',
      '# TYPE bench_high_percent gauge',
      '# HELP bench_high_percent Upper bound of its 95 % interval.',
      'bench_high_percent{scenario="sequential",machine="x86_64",arm="after",metric="cpu"} -41.30',
      '# EOF',
      '',
    ]);
  });

  it('hold nothing of a hostile name but letters', () => {
    const lines = metricsText(ciEffects([hostile(SEQUENTIAL)])).split('\n');
    expect(lines).toHaveLength(11);
    expect(lines[2]).toMatch(
      /^bench_change_percent\{scenario="[\w.-]+",machine="x86_64",arm="after",metric="cpu"\} -42\.10$/,
    );
  });

  it('have no negative zero, and no line without a value', () => {
    expect([percentText(-0.001), percentText(0.004), percentText(-1)]).toEqual(['0.00', '0.00', '-1.00']);
    const [effect] = ciEffects([SEQUENTIAL]);
    expect(metricsText([{ ...effect!, change: null, low: null, high: null }])).toBe('# EOF\n');
  });
});
