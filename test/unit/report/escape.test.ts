import { describe, expect, it } from 'vitest';
import { recordOf } from '../../../src/report/text/csv.js';
import { escaped } from '../../../src/report/text/markdown.js';

describe('text from outside in Markdown', () => {
  it.each([
    ['a|b', 'a\\|b'],
    ['`code`', '\\`code\\`'],
    ['[text](http://example.org)', '[text\\](http:&#8203;//example.org)'],
    ['[text]: /target', '[text\\]: /target'],
    ['![image](x.png)', '![image\\](x.png)'],
    ['<b onclick=x>', '&lt;b onclick=x&gt;'],
    ['&lt;', '&amp;lt;'],
    ['thanks to @octocat and @org/team', 'thanks to @&#8203;octocat and @&#8203;org/team'],
    ['#123, GH-123 and owner/name#7', '#&#8203;123, GH&#8203;-123 and owner/name#&#8203;7'],
    ['www.example.org', 'www&#8203;.example.org'],
    ['https://example.org', 'https:&#8203;//example.org'],
    ['mailto:a@b.org', 'mailto:&#8203;a@&#8203;b.org'],
    ['$x$ and ~~y~~', '\\$x\\$ and \\~\\~y\\~\\~'],
    ['# heading', '\\# heading'],
    ['- item', '\\- item'],
    ['12. item', '12\\. item'],
    ['---', '\\---'],
    ['two\n\n# lines', 'two # lines'],
    ['\u001b[31mred\u202e', 'red'],
  ])('%j is shown as it is', (text, markdown) => {
    expect(escaped(text)).toBe(markdown);
  });

  it.each(['−42.1 % [−42.9, −41.3]', 'SCMP_ACT_ERRNO', 'runc 1.3.6', '-5 %', 'read #n', 'a @ b', '1.5 s', 'C# 7'])(
    '%j needs no escape',
    (text) => {
      expect(escaped(text)).toBe(text);
    },
  );
});

describe('a cell of comma-separated values', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+cmd', "'+cmd"],
    ['-cmd', "'-cmd"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\tx', "'\tx"],
    ['\rx', '"\'\rx"'],
    ['＝1', "'＝1"],
    ['=HYPERLINK("x")', '"\'=HYPERLINK(""x"")"'],
    ['-12.5', '-12.5'],
    ['+3', '+3'],
    ['a=b', 'a=b'],
    [-5, '-5'],
    [undefined, ''],
    [false, 'false'],
  ])('%j is written as %j', (cell, field) => {
    expect(recordOf([cell])).toBe(`${field}\r\n`);
  });
});
