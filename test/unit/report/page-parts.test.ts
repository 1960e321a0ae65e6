import { describe, expect, it } from 'vitest';
import type { Sample } from '../../../src/model/results/sample.js';
import { SampleTable } from '../../../src/model/results/sample-table.js';
import { html, inlineJson, inlineScript, raw } from '../../../src/report/page/markup.js';
import { Outline } from '../../../src/report/page/outline.js';
import { embeddedSamples } from '../../../src/report/page/samples.js';
import { sequentialRun } from '../results/runs.js';
import { SEQUENTIAL } from './fixtures.js';

describe('a template', () => {
  it('escapes every text, in content and in attributes, and takes finished HTML as it is', () => {
    const evil = '"><script>alert(1)</script>\u202e';
    expect(html`<p title="${evil}">${[evil, html`<b>${1}</b>`, null, raw('<i>')]}</p>`.text).toBe(
      '<p title="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;">&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;<b>1</b><i></p>',
    );
  });

  it('keeps scripts and their data in their elements', () => {
    expect(inlineJson({ a: '</script><!--' }).text).toBe('{"a":"\\u003c/script>\\u003c!--"}');
    expect(inlineScript('"</SCRIPT>"').text).toBe('"<\\/SCRIPT>"');
  });
});

describe('the table of contents', () => {
  it('gives every heading an id of its own, the same whatever stands in brackets', () => {
    const outline = new Outline();
    expect(
      ['Effects', 'Diagnostics (3 of 10 clear)', 'Effects', '<"> ', 'Data'].map((one) => outline.add(one)),
    ).toEqual(['effects', 'diagnostics', 'effects-2', 'section', 'data-2']);
    expect(outline.contents().text).toContain('<a href="#diagnostics">Diagnostics</a>');
  });

  it('has the headings of a part under its name, each once at its place', () => {
    const outline = new Outline();
    outline.add('Change');
    for (const run of ['one', 'two']) {
      outline.begin(outline.reserve(run), run);
      outline.add('Effects');
      outline.end();
    }
    outline.add('Method');
    expect(outline.contents().text.replace(/\s+/g, '')).toContain(
      '<ul><li><ahref="#change">Change</a></li>' +
        '<liclass="part"><ahref="#one">one</a><ul><li><ahref="#effects">Effects</a></li></ul></li>' +
        '<liclass="part"><ahref="#two">two</a><ul><li><ahref="#effects-2">Effects</a></li></ul></li>' +
        '<li><ahref="#method">Method</a></li></ul>',
    );
  });

  it('is left out of a page with one heading', () => {
    const outline = new Outline();
    outline.add('Effects');
    expect(outline.contents().text).toBe('');
  });
});

const runOf = (samples: readonly Sample[]) => ({ ...SEQUENTIAL, run: { ...SEQUENTIAL.run, samples } });

describe('samples in a page', () => {
  const samples = sequentialRun(12, (_, block) => 20 + block);

  it('are those of all measured containers, in microseconds', () => {
    const [own] = embeddedSamples([runOf(samples)]);
    expect(own).toMatchObject({ every: 1, total: 36, kept: 36 });
    expect(own?.arms.map(({ arm, block }) => [arm, block.length])).toEqual([
      ['before', 12],
      ['after', 12],
      ['control', 12],
    ]);
    const timed = samples.find(({ arm }) => arm === 'after');
    expect(timed).toMatchObject({ block: own?.arms[1]?.block[0], wallNs: 1000 * (own?.arms[1]?.wall[0] ?? 0) });
  });

  it('are the same from columns as from objects', () => {
    const table = new SampleTable(['before', 'after', 'control'], samples.length);
    for (const sample of samples) table.addSample(sample);
    const analysed = { ...SEQUENTIAL, run: { ...SEQUENTIAL.run, table, samples: table.samples } };
    expect(embeddedSamples([analysed], 20)).toEqual(embeddedSamples([runOf(samples)], 20));
  });

  it('leave out whole blocks, evenly, where there are too many, and say how many', () => {
    const [first, second] = embeddedSamples([runOf(samples), runOf(samples)], 20);
    expect([first?.every, first?.total, first?.kept, second?.kept]).toEqual([4, 36, 9, 9]);
    expect(first?.arms.map(({ block }) => block)).toEqual([
      [0, 4, 8],
      [0, 4, 8],
      [0, 4, 8],
    ]);
  });

  it('have no CPU time where a daemon did the work', () => {
    const analysed = runOf(samples);
    const arms = analysed.analysis.arms.map((arm) => ({ ...arm, cpu: null }));
    const [own] = embeddedSamples([{ ...analysed, analysis: { ...analysed.analysis, arms } }]);
    expect(own?.arms.map((arm) => 'cpu' in arm)).toEqual([false, false, false]);
  });
});
