import { beforeAll, describe, expect, it } from 'vitest';
import type { AnalysedRun, InvalidReason } from '../../../src/model/analysis/analysis.js';
import type { PageData } from '../../../src/report/page/data.js';
import type { Images } from '../../../src/report/page/figure.js';
import type { PageAssets } from '../../../src/report/page/assets.js';
import { renderHtml } from '../../../src/report/page/report-page.js';
import { embeddedSamples } from '../../../src/report/page/samples.js';
import { renderMarkdown } from '../../../src/report/run/markdown.js';
import { picturesIn, viewOf } from '../../../src/report/run/view.js';
import { ARM64, FAILURES, FOUND, NOTHING, PARALLEL, SEQUENTIAL } from './fixtures.js';

const dataOf = (page: string): PageData => JSON.parse(/id="data">([^<]*)<\/script>/.exec(page)?.[1] ?? '') as PageData;

const ASSETS: PageAssets = { script: 'const a = "</script>";', fonts: [{ weight: '400', data: Buffer.from('font') }] };

function pageOf(runs: readonly AnalysedRun[]): string {
  const view = viewOf(runs);
  const images: Images = new Map(
    [...picturesIn(view).keys()].map((id) => [id, { type: 'image/webp', data: Buffer.from(id) }]),
  );
  return renderHtml(view, images, ASSETS, embeddedSamples(runs));
}

/** A run in which every text of foreign origin is an attack. */
function hostile(): AnalysedRun {
  const evil = '</script><script>alert("x")</script><img src=x onerror=alert(1)>';
  const { run, analysis } = FAILURES;
  const arms = run.plan.scenario.arms.map((arm) => (arm.name === 'after' ? { ...arm, name: evil } : arm));
  return {
    run: {
      ...run,
      name: evil,
      host: { ...run.host, hostname: evil, machine: evil, cpuModel: evil },
      warnings: [evil],
      evidence: run.evidence.map((one) => ({
        ...one,
        loaded: { state: 'notSeen', reason: evil },
        probe32: { outcome: 'failed', detail: evil },
      })),
      plan: {
        ...run.plan,
        command: [evil],
        engine: { ...run.plan.engine, name: evil, version: evil, notes: [evil] },
        scenario: { ...run.plan.scenario, name: evil, arms },
      },
    },
    analysis: {
      ...analysis,
      failures: [{ arm: evil, stage: 'run', errno: null, cause: evil, count: 1, stderr: evil }],
      warnings: [{ code: 'filterNotSeen', isPredicted: true, arm: evil, reason: evil }],
      arms: analysis.arms.map((arm) => (arm.arm === 'after' ? { ...arm, arm: evil } : arm)),
      comparisons: analysis.comparisons.map((one) => ({ ...one, arm: evil, baseline: evil })),
    },
  };
}

/** Two commands of the user's in place of containers. */
function commands(): AnalysedRun {
  const { run, analysis } = SEQUENTIAL;
  const arms = run.plan.scenario.arms.map((arm) => ({
    ...arm,
    policy: 'unconfined' as const,
    command: [`/bin/${arm.name}`, '-x'],
  }));
  return {
    run: {
      ...run,
      evidence: run.evidence.map((arm) => ({ ...arm, policy: 'command' })),
      plan: { ...run.plan, scenario: { ...run.plan.scenario, arms } },
    },
    analysis,
  };
}

describe('the page of two commands', () => {
  it('names them, and claims neither a filter nor a published case for them', () => {
    const page = pageOf([commands()]);
    expect(page).toContain('before: the command /bin/before -x; after: the command /bin/after -x.');
    for (const absent of [
      'BPF instructions',
      'Proof of treatment',
      'published-x86_64-sequential',
      'Published and measured',
    ])
      expect(page).not.toContain(absent);
  });
});

describe('the page of one run', () => {
  let page = '';
  beforeAll(() => {
    page = pageOf([SEQUENTIAL]);
  });

  it('says the verdict before anything else', () => {
    const text = page
      .slice(page.indexOf('<main '))
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim();
    expect(text).toMatch(
      /^faster after .*CPU time −42.1 % \[−42.9, −41.3\], wall time −35.4 % \[−36.8, −34.0\] Rests on 500 paired blocks/,
    );
  });

  it('shows what to type in sentences as code, escaped', () => {
    const { run, analysis } = SEQUENTIAL;
    const warned = pageOf([{ run: { ...run, warnings: ['Use `--pause <5ms>` & wait.'] }, analysis }]);
    expect(warned).toContain('Use <code>--pause &lt;5ms&gt;</code> &amp; wait.');
  });

  it('has no published look without the arms before and after', () => {
    const { run, analysis } = SEQUENTIAL;
    const arms = run.plan.scenario.arms.map((arm) => (arm.name === 'after' ? { ...arm, name: 'other' } : arm));
    const scenario = { ...run.plan.scenario, arms };
    const others = viewOf([{ run: { ...run, plan: { ...run.plan, scenario } }, analysis }]);
    expect(others.runs.flatMap(({ pictures }) => pictures.map(({ id }) => id))).not.toContain('bars');
  });

  it('shows the pictures in the order of their questions, then tables', () => {
    const { pictures = [] } = viewOf([SEQUENTIAL]).runs[0] ?? {};
    expect(pictures.length).toBeGreaterThan(1);
    expect([...page.matchAll(/<figure data-chart="([^"]*)"/g)].map((match) => match[1])).toEqual(
      pictures.map(({ id }) => id),
    );
    expect([...page.matchAll(/<h2>([^<]*)</g)].map((match) => match[1])).toEqual([
      'Change',
      'In the published look',
      'Effects',
      'Arms',
      'Proof of treatment',
      'Published and measured',
      'Host and run',
      'Samples',
      'How this was measured',
    ]);
  });

  it('shows a picture with words where no script runs', () => {
    const image = `data:image/webp;base64,${Buffer.from('bars').toString('base64')}`;
    const [, words] = new RegExp(`<img\\s+alt="([^"]+)"\\s+src="${image}"`).exec(page) ?? [];
    const shown = viewOf([SEQUENTIAL]).runs[0]?.pictures.find(({ id }) => id === 'bars');
    expect(words).toBe(`${shown?.title ?? ''}. ${shown?.sentence ?? ''}`);
    expect(page).toContain(`<summary>Numbers<span class="unseen"> of ${shown?.title ?? ''}</span></summary>`);
  });

  it('names instructions, hash, architectures and probe of every arm', () => {
    expect(page).toContain('<td class="left">X86_64 X86 X32</td>');
    expect(page).toContain('<td class="left">1,015 (bbbbbbbbbbbb), seen by ptrace</td>');
    expect(page).toContain(
      '<td class="left">1,001 (eeeeeeeeeeee)</td><td class="left">2 (filter)</td><td class="left">ran</td>',
    );
  });

  it('forbids itself to fetch anything', () => {
    expect(page).toContain(
      "content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; font-src data:\"",
    );
  });

  it('keeps its script whole regardless of its content', () => {
    expect(page).toContain('const a = "<\\/script>";');
  });
});

describe('the page of several runs', () => {
  const page = pageOf([SEQUENTIAL, PARALLEL, ARM64, FAILURES]);

  it('begins with one verdict per run, one chart of all, and the four in the published look', () => {
    expect([...page.matchAll(/<li><span class="badge (\w+)"/g)].map((match) => match[1])).toEqual([
      'faster',
      'faster',
      'equivalent',
      'described',
    ]);
    expect([...page.matchAll(/<figure data-chart="([^"]*)"/g)].slice(0, 5).map((match) => match[1])).toEqual([
      'overview',
      '20261121-100000-sequential-k3v9-bars',
      '20261122-100000-parallel-q7x1-bars',
      '20261123-100000-arm64-sequential-b2m4-bars',
      '20261124-100000-arm64-parallel-z8c5-bars',
    ]);
  });

  it('says how the published arm64 parallel figures contradict each other', () => {
    expect(page).toContain(
      'For arm64 parallel, the published text has 10.255 s (1.21 %) before and its chart 10.225 s (0.92 %).',
    );
    expect(page).toContain(
      '<td class="left">published, in its chart</td><td class="right">150</td><td class="right">10.225</td>',
    );
  });

  it('has contents in the order of the page, with the headings of each run under its name', () => {
    const contents = page.slice(page.indexOf('<nav class="contents"'), page.indexOf('</nav>'));
    const top = contents.replace(/<li class="part">(<a [^>]*>[^<]*<\/a>)<ul>.*?<\/ul><\/li>/gs, '$1');
    expect([...top.matchAll(/<a [^>]*>([^<]*)/g)].map((match) => match[1])).toEqual([
      'Change',
      'In the published look',
      'x86_64 sequential',
      'x86_64 parallel',
      'arm64 sequential',
      'arm64 parallel',
      'How this was measured',
    ]);
    const linked = [...contents.matchAll(/href="#([^"]*)"/g)].map((match) => page.indexOf(`id="${match[1] ?? ''}"`));
    expect(linked).toEqual([...linked].sort((one, other) => one - other));
  });

  it('tells once what several arms rest on, and what to do next', () => {
    const { run, analysis } = SEQUENTIAL;
    const arms = [...run.plan.scenario.arms, { name: 'other', policy: 'native' as const }];
    const two = pageOf([
      {
        run: { ...run, plan: { ...run.plan, scenario: { ...run.plan.scenario, arms } } },
        analysis: {
          ...analysis,
          comparisons: [...analysis.comparisons, ...analysis.comparisons.map((one) => ({ ...one, arm: 'other' }))],
        },
      },
    ]);
    expect([two.split('est on 500 paired blocks').length - 1, two.split('before you publish it').length - 1]).toEqual([
      1, 1,
    ]);
  });

  it('links every verdict to its run', () => {
    const targets = [...page.matchAll(/<a href="#([^"]*)"><b>/g)].map((match) => match[1]);
    expect(targets.map((target) => page.includes(`<article id="${target ?? ''}">`))).toEqual([true, true, true, true]);
  });
});

describe.each([
  ['one', [SEQUENTIAL]],
  ['several', [SEQUENTIAL, FAILURES]],
  ['hostile', [hostile()]],
  ['empty', [NOTHING]],
] as const)('the page of %s', (_, runs) => {
  const page = pageOf(runs);

  it('refers to nothing outside itself', () => {
    const references = [...page.matchAll(/(?:src|href|srcset|action|data|poster)="([^"]*)"|url\(([^)]*)\)/g)].map(
      (match) => match[1] ?? match[2] ?? '',
    );
    expect(references.filter((reference) => !/^(?:data:|#)/.test(reference))).toEqual([]);
    expect(/@import|<link|<iframe/.test(page)).toBe(false);
  });

  it('has exactly its own two scripts', () => {
    expect([...page.matchAll(/<script[^>]*>/g)].map((match) => match[0])).toEqual([
      '<script type="application/json" id="data">',
      '<script>',
    ]);
    expect(page.match(/<\/script>/g)).toHaveLength(2);
  });

  it('has every chart it shows in its data', () => {
    const data = dataOf(page).charts;
    const shown = [...page.matchAll(/<figure data-chart="([^"]*)"/g)].map((match) => match[1] ?? '');
    expect(shown.filter((id) => !(id in data))).toEqual([]);
  });
});

describe('hostile texts', () => {
  it('stay text in the page', () => {
    expect(pageOf([hostile()]).includes('<img src=x')).toBe(false);
  });

  it('stay text in Markdown, and no cell border breaks out', () => {
    const markdown = renderMarkdown(
      viewOf([{ ...hostile(), run: { ...hostile().run, warnings: ['a | b\n# heading *bold* `code` ![](x)'] } }]),
    );
    expect(/<(?:script|img)/.test(markdown)).toBe(false);
    expect(markdown).toContain('> **Warning:** a \\| b # heading \\*bold\\* \\`code\\` ![\\](x)');
  });
});

describe('the Markdown summary', () => {
  it('says the answer first, then its figures and what it rests on, then tables', () => {
    const lines = renderMarkdown(viewOf([SEQUENTIAL])).split('\n');
    expect(lines[0]).toBe('# bench: x86_64 sequential');
    expect(lines[2]).toBe(
      '**Faster**: after starts 1.7 times as fast as before: 48.2 → 28.0 ms CPU, −42.1 % [−42.9, −41.3].',
    );
    expect(lines[4]).toMatch(/^CPU time −42\.1 % \[−42\.9, −41\.3\], wall time −35\.4 % \[−36\.8, −34\.0\]\. .*blocks/);
    expect(lines[4]).toContain('Repeat with another `--seed` before you publish it.');
    expect(lines).toContain(
      '| after / before | CPU time | −42.1 % [−42.9, −41.3] | p < 0.0001 | – | −42.2 % | 500 | faster |'.replace(
        '<',
        '&lt;',
      ),
    );
  });

  it('shows failures by arm and cause, and what was not run', () => {
    const text = renderMarkdown(viewOf([FAILURES]));
    expect(text).toContain(
      '| before | 2 | run | EACCES | exit status 1 | container_linux.go: &lt;script&gt;alert(1)&lt;/script&gt; permission denied |',
    );
    expect(text).toContain('| control | 3,000 | 2,850 | 0 | 0 | 0 | 150 |');
  });

  it('has a table of failures only where there are any', () => {
    expect(renderMarkdown(viewOf([SEQUENTIAL]))).not.toContain('### Failures');
  });
});

describe('what the statistics found', () => {
  const lines = renderMarkdown(viewOf([FOUND])).split('\n');
  const page = pageOf([FOUND]);

  it('is next to the verdict: p and verdict for all tests together, and the margin', () => {
    expect(lines).toContain(
      '| after / before | CPU time | +0.9 % [+0.1, +1.7] | p = 0.030 | p = 0.090 | +0.8 % | 500 | slower; Holm: inconclusive |',
    );
    expect(lines).toContain(
      '| after / before | wall time | +0.2 % [−0.3, +0.7] | p = 0.40 | p = 0.40 | +0.1 % | 500 | equivalent within ±1 % |',
    );
    expect(lines[2]).toContain('**Slower**: after takes 0.9 % more CPU time than before, when tested alone: ');
    expect(lines[4]).toContain(
      'CPU time +0.9 % [+0.1, +1.7] (Holm: inconclusive), wall time +0.2 % [−0.3, +0.7] (equivalent within ±1 %).',
    );
  });

  it('has figures of what is not a time, and a reason where there are none', () => {
    expect(lines).toContain(
      '| after / before | context switches | −3.0 % [−4.0, −2.0] | p &lt; 0.0001 | p &lt; 0.0001 | −3.1 % | 500 | less |',
    );
    expect(lines.filter((line) => line.includes('| peak memory |'))).toEqual([]);
    expect(lines.join(' ')).toContain(
      'The peak memory of the containers is smaller than that of bench, and Linux reports the larger of the two',
    );
  });

  it('compares exactly what is counted', () => {
    expect(lines).toContain('| after / before | bytes of the spec | 13,100 | 13,060 | −0.3 % | fewer |');
    expect(lines).toContain('| after / before | BPF instructions | 1,647 | 1,015 | −38.4 % | fewer |');
  });

  it('has the smallest change that could be detected, per metric and in one sentence', () => {
    expect(lines).toContain('| after | CPU time | 500 | 0.62 % | 0.72 % |');
    expect(page).toContain(
      '<p class="remark">Smallest change this run could detect (80 % power): 0.62 % CPU, 1.1 % wall.</p>',
    );
  });

  it('says how the run ended, and by which rule', () => {
    expect(lines.join('\n')).toContain(
      'at most 20,000 containers per arm, one after the other; 500 of at most 20,000 blocks complete',
    );
    expect(lines).toContain(
      '| --until ±0.5 % | reached | Stopped after 500 of at most 20,000 blocks: the interval is within ±0.5 %. It is widened by 5 %, because a run that stops at a given width stops slightly too early. |',
    );
    expect(lines).toContain('| --budget 600s | not reached | All blocks were run within the budget of 10 min. |');
  });

  it('lists what else the series show, the clear first, in a fold of the page', () => {
    const clear = lines.findIndex((line) =>
      line.startsWith('| carry-over | wall time | yes | after: the start right after it measures +3.05 % in wall time'),
    );
    expect(clear).toBeGreaterThan(0);
    expect(lines[clear + 1]).toContain(
      '| drift | CPU time | no | The level of the machine moved by +1.01 % in CPU time from',
    );
    expect(page).toContain('<summary><h2>Diagnostics (1 of 2 clear)<');
  });

  it('claims of an invalid comparison why it is invalid', () => {
    const invalid = (reason: InvalidReason): string => {
      const comparisons = FOUND.analysis.comparisons.map((one) => ({
        ...one,
        verdict: 'invalid' as const,
        invalid: reason,
        family: null,
      }));
      return viewOf([{ ...FOUND, analysis: { ...FOUND.analysis, comparisons } }]).runs[0]!.headlines[0]!.claim;
    };
    expect((['control', 'treatment', 'failures', 'tooFewBlocks'] as const).map(invalid)).toEqual([
      'This run proves nothing: control is a copy of before and differs from it',
      'This run proves nothing about after: its containers did not run with the intended filters',
      'This run proves nothing about after: more containers failed in one arm than in the others',
      'This run proves nothing about after: too few of the planned blocks are complete',
    ]);
  });
});
