import type { FilterAttach, LoadPart, RecordedLoads } from '../../model/filter/attaching.js';
import { LOAD_WAYS } from '../../model/filter/attaching.js';
import { barAxis } from '../charts/axis.js';
import { pictureOf, type Picture } from '../charts/picture.js';
import type { ScatterPoint, ScatterSpec } from '../charts/spec.js';
import { drawn, type ReportContents } from '../contents.js';
import { pageHtml } from '../page/document.js';
import { figureHtml } from '../page/figure.js';
import { html } from '../page/markup.js';
import { Outline } from '../page/outline.js';
import { footerHtml, methodSection } from '../page/report-page.js';
import { sectionHtml } from '../page/section.js';
import { tableSection } from '../page/table.js';
import { recordOf } from '../text/csv.js';
import { sentence } from '../text/format.js';
import { escaped, tableMarkdown } from '../text/markdown.js';
import { attachTables } from './terminal.js';
import {
  attachAnswer,
  attachedFilter,
  attachSentences,
  lineText,
  PART_WORDS,
  partsSentence,
  timesOf,
} from './words.js';

const METHOD: readonly string[] = [
  'Each load is a call of seccomp(2) in a new task that then stops at a breakpoint, timed by the processor’s \
counter. In every round each filter is loaded once in each way, in a shuffled \
order; a part is the trimmed mean of differences \
within rounds, so parts add up to the whole only within their intervals.',
  'Copy and check: a load that the kernel refuses at the last instruction but one of its last check. Walk: a load on \
top of a filter whose bitmap has every call, less one on top of a filter whose bitmap has none; both allow every call. \
Translate: the latter, less copy and check. First filter: a load as runtimes do it, less one on top of another filter.',
  'The JIT’s own part, where it is sampled: its share of the samples of the kernel’s stack (perf, cpu-clock) while \
tasks load the filter and stay, of the time of a load without a walk. The walk is left out, because the kernel walks \
with interrupts off. The rest of translating is the conversion.',
  'The lines go through filters that compare the number of a call with numbers that no call has; the kernel follows \
as large a share of each as of this one. They are warm loads: the first of a machine takes longer.',
];

/** The parts that are drawn: translating as a whole, or its two parts where they are known. */
const drawnParts = ({ lines }: FilterAttach): readonly LoadPart[] =>
  lines.some(({ part }) => part === 'jit') ? ['copy', 'convert', 'jit', 'walk'] : ['copy', 'translate', 'walk'];
const NS_PER_US = 1000;

/** Which parts a chart shows, and what it is called. */
interface Drawing {
  readonly id: string;
  readonly title: string;
  readonly sentence: string;
  readonly shown: readonly LoadPart[];
}

/** All parts; where the walk is the longest, the others once more at a scale of their own. */
function drawings(attach: FilterAttach): readonly Drawing[] {
  const shown = drawnParts(attach);
  const others = shown.filter((part) => part !== 'walk');
  const times = timesOf(attach, shown);
  const [longest] = times.toSorted((a, b) => b.ns - a.ns);
  const all: Drawing = { id: 'attach', title: 'What attaching a filter takes', sentence: attachAnswer(attach), shown };
  if (longest?.part !== 'walk' || times.length === 1) return [all];
  return [
    all,
    {
      id: 'attach-beside-walk',
      title: 'What attaching takes beside the walk',
      sentence: partsSentence(attach, others),
      shown: others,
    },
  ];
}

/** Parts over instructions, their lines, and the filter itself. */
function attachPicture(attach: FilterAttach, { id, title, sentence: answer, shown }: Drawing): Picture {
  const { lines, sweep, instructions, name, walkedPerCall } = attach;
  const point = (x: number, own: FilterAttach['parts'][number]): ScatterPoint => ({
    x,
    y: own.ns / NS_PER_US,
    low: own.low / NS_PER_US,
    high: own.high / NS_PER_US,
  });
  const swept = shown.map((part, place) => ({
    label: PART_WORDS[part].trim(),
    apart: false,
    place,
    points: sweep.flatMap((one) =>
      one.parts.filter((own) => own.part === part).map((own) => point(one.instructions, own)),
    ),
  }));
  const own = timesOf(attach, shown).map((one) => point(instructions, one));
  const drawnLines = shown.flatMap((part, place) =>
    lines
      .filter((line) => line.part === part)
      .map(({ fixed, perInstruction }) => ({
        place,
        intercept: fixed.ns / NS_PER_US,
        slope: perInstruction.ns / NS_PER_US,
      })),
  );
  const all = [...swept.flatMap(({ points }) => points), ...own];
  const spec: ScatterSpec = {
    kind: 'scatter',
    id,
    title,
    subtitle: `${name}. Of each filter the kernel follows ${Math.round((100 * walkedPerCall) / instructions)} % per \
call number. Upright lines: 95 % interval.`,
    xTitle: 'instructions of the filter',
    yTitle: 'µs',
    xAxis: barAxis(all.map(({ x }) => x)),
    yAxis: barAxis(all.map(({ y, high }) => high ?? y)),
    groups: [...swept, { label: 'this filter', apart: true, points: own }],
    line: null,
    lines: drawnLines,
  };
  const [, , numbers] = attachTables(attach);
  return pictureOf('where', spec, { sentence: answer, numbers });
}

interface AttachWords {
  readonly summary: object;
  /** Absent: the answer. */
  readonly title?: string;
}

/** Makes the page of a filter's load, its Markdown, its chart and every load as CSV. */
export async function attachContents(
  attach: FilterAttach,
  loads: RecordedLoads,
  { summary, title }: AttachWords,
): Promise<ReportContents> {
  const pictures = drawings(attach).map((drawing) => attachPicture(attach, drawing));
  const { images, files, assets, notDrawn } = await drawn(pictures);
  const outline = new Outline();
  const [parts, lines] = attachTables(attach);
  const main = html`<header>
      <h1>${title ?? attachAnswer(attach)}</h1>
      <p>${headingOf(attach, title)}</p>
    </header>
    ${tableSection(parts, outline)} ${tableSection(lines, outline)}
    ${sectionHtml(
      'Over instructions',
      html`${pictures.map((picture) => figureHtml(picture, images.get(picture.id)))}`,
      outline,
    )}
    ${sectionHtml(
      'What else is known',
      html`<ul>
        ${attachSentences(attach).map((one) => html`<li>${sentence(one)}</li>`)}
      </ul>`,
      outline,
    )}
    ${methodSection(METHOD, outline)} ${footerHtml('Every load is in loads.csv.')}`;
  files.set('index.html', pageHtml({ title: title ?? 'What attaching takes', main, outline, pictures, assets }));
  files.set('summary.md', attachMarkdown(attach, title));
  files.set('loads.csv', attachCsv(attach, loads));
  return { files, notDrawn, summaryFor: (names) => ({ ...summary, files: names }) };
}

/** Below the title: the answer where that is not the title, and the filter. */
const headingOf = (attach: FilterAttach, title: string | undefined): string =>
  `${title === undefined ? '' : `${attachAnswer(attach)} `}${attachedFilter(attach)}.`;

function attachMarkdown(attach: FilterAttach, title?: string): string {
  const [parts, lines, sweep] = attachTables(attach);
  return `${[
    `# ${escaped(title ?? attachAnswer(attach))}`,
    escaped(headingOf(attach, title)),
    ...[parts, lines, sweep].map(tableMarkdown),
    attach.lines.map((line) => `* ${PART_WORDS[line.part].trim()}: ${lineText(line)}`).join('\n'),
    attachSentences(attach)
      .map((one) => `* ${escaped(one)}`)
      .join('\n'),
  ].join('\n\n')}\n`;
}

/** Every load, one line each. */
function attachCsv({ instructions, sweep }: FilterAttach, { files }: RecordedLoads): string {
  const sizes = [instructions, ...sweep.map((one) => one.instructions)];
  const rows = files.flatMap((file, place) =>
    LOAD_WAYS.flatMap((way) =>
      (file[way] ?? []).map((ns, round) =>
        recordOf([place === 0 ? 'own' : 'swept', sizes[place] ?? 0, way, round, ns]),
      ),
    ),
  );
  return [recordOf(['filter', 'instructions', 'way', 'round', 'ns']), ...rows].join('');
}
