import { Chart, type ActiveElement, type ChartConfiguration } from 'chart.js';
import { configure } from '../../charts/configure.js';
import { heightFor } from '../../charts/look.js';
import type { Theme } from '../../charts/look.js';
import type { ChartSpec } from '../../charts/spec.js';
import { announce } from './dom.js';
import { armAt, onlyArm, type ElementPlace } from './only-arm.js';
import { timeWords } from './time-words.js';

/** A chart on paper: as wide as a page of A4 lets it, in CSS pixels, and finer than a screen. */
const PAPER = { width: 660, pixelRatio: 2.5 } as const;
const NARROWEST = 240;
/** How far below the screen charts are drawn ahead of scrolling. */
const AHEAD = '900px';

const dark = window.matchMedia('(prefers-color-scheme: dark)');

/** Where a chart is drawn, and on what. */
interface Ground {
  readonly width: number;
  readonly theme: Theme;
  readonly pixelRatio: number;
}

export interface ChartSettings {
  readonly arms: readonly string[];
  /** Called with the arm of an element that was clicked. */
  readonly choose: (arm: string) => void;
}

/** A figure of the page and the chart that is drawn in it. */
export class LiveChart {
  readonly #box: HTMLElement;
  readonly #canvas: HTMLCanvasElement;
  readonly #whole: ChartSpec;
  readonly #settings: ChartSettings;
  #shown: ChartSpec;
  #chart: Chart | undefined;
  #width = 0;
  /** Place of the element that the keyboard is at. */
  #at = -1;

  constructor(box: HTMLElement, spec: ChartSpec, settings: ChartSettings) {
    this.#box = box;
    this.#whole = spec;
    this.#shown = spec;
    this.#settings = settings;
    this.#canvas = this.#makeCanvas(box.querySelector('img')?.alt ?? spec.title);
    this.#reserve();
  }

  get box(): HTMLElement {
    return this.#box;
  }

  /** Draws for the screen, where that was not done at this width. */
  draw(): void {
    if (this.#chart === undefined || this.#box.clientWidth !== this.#width) this.redraw();
  }

  redraw(): void {
    this.#width = this.#box.clientWidth;
    this.#drawOn({
      width: Math.max(NARROWEST, Math.floor(this.#width)),
      theme: dark.matches ? 'dark' : 'light',
      pixelRatio: window.devicePixelRatio,
    });
  }

  drawOnPaper(): void {
    this.#drawOn({ ...PAPER, theme: 'light' });
  }

  /** Shows what belongs to one arm; `null`: everything. */
  isolate(arm: string | null): void {
    this.#shown = arm === null ? this.#whole : onlyArm(this.#whole, arm);
    if (this.#chart === undefined) this.#reserve();
    else this.redraw();
  }

  get isDrawn(): boolean {
    return this.#chart !== undefined;
  }

  /** Keeps the place free that the chart will need, so that nothing moves when it is drawn. */
  #reserve(): void {
    this.#box.style.minHeight = `${heightFor(this.#shown, Math.max(NARROWEST, this.#box.clientWidth))}px`;
  }

  #drawOn({ width, theme, pixelRatio }: Ground): void {
    const look = { width, height: heightFor(this.#shown, width), theme };
    this.#chart?.destroy();
    const canvas = this.#canvas;
    canvas.removeAttribute('style');
    canvas.width = look.width;
    canvas.height = look.height;
    this.#box.replaceChildren(canvas);
    this.#box.style.minHeight = '';
    this.#at = -1;
    this.#chart = new Chart(canvas, this.#interactive(configure(this.#shown, look), pixelRatio));
  }

  #interactive(configuration: ChartConfiguration, pixelRatio: number): ChartConfiguration {
    const { options = {} } = configuration;
    const shown = this.#shown;
    return {
      ...configuration,
      options: {
        ...options,
        devicePixelRatio: pixelRatio,
        interaction: { mode: 'nearest', intersect: false, ...options.interaction },
        plugins: {
          ...options.plugins,
          legend: {
            ...options.plugins?.legend,
            // An arm may be several sets of a chart: it is shown alone, never a part of it hidden.
            onClick: (_, { datasetIndex = -1 }) => {
              this.#choose({ datasetIndex, index: -1 });
            },
          },
          tooltip: withTimes(options.plugins?.tooltip, shown),
        },
        onClick: (_, [element]) => {
          this.#choose(element);
        },
      },
    };
  }

  #choose(element: ElementPlace | undefined): void {
    const link = element === undefined || this.#shown.kind !== 'lines' ? null : this.#shown.links?.[element.index];
    if (typeof link === 'string') window.location.assign(link);
    const arm = element === undefined ? undefined : armAt(this.#shown, element, this.#settings.arms);
    if (arm !== undefined) this.#settings.choose(arm);
  }

  #makeCanvas(words: string): HTMLCanvasElement {
    const canvas = document.createElement('canvas');
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', `${words} Arrow keys read its points.`);
    canvas.tabIndex = 0;
    canvas.addEventListener('keydown', (event) => {
      if (this.#press(event.key)) event.preventDefault();
    });
    canvas.addEventListener('blur', () => {
      this.#point(undefined);
    });
    return canvas;
  }

  /** Whether the key does something here. */
  #press(key: string): boolean {
    const places = this.#places();
    const last = places.length - 1;
    const far = Math.max(1, Math.round(places.length / 10));
    const moves: Readonly<Record<string, number>> = {
      ArrowRight: this.#at + 1,
      ArrowDown: this.#at + 1,
      ArrowLeft: this.#at - 1,
      ArrowUp: this.#at - 1,
      PageDown: this.#at + far,
      PageUp: this.#at - far,
      Home: 0,
      End: last,
    };
    const target = moves[key];
    if (target !== undefined && last >= 0) {
      this.#at = Math.min(last, Math.max(0, target));
      this.#point(places[this.#at]);
      return true;
    }
    if (key === 'Escape') this.#point(undefined);
    if (key === 'Enter') this.#choose(places[this.#at]);
    return key === 'Enter';
  }

  /** All elements that are seen, series by series. */
  #places(): readonly ActiveElement[] {
    const chart = this.#chart;
    if (chart === undefined) return [];
    return chart
      .getSortedVisibleDatasetMetas()
      .flatMap(({ index: datasetIndex, data }) =>
        data.flatMap((element, index) =>
          Number.isFinite(element.x) && Number.isFinite(element.y) ? [{ datasetIndex, index, element }] : [],
        ),
      );
  }

  /** Shows the numbers of an element and has them read out; `undefined`: of none. */
  #point(place: ActiveElement | undefined): void {
    const chart = this.#chart;
    const { tooltip } = chart ?? {};
    if (chart === undefined || tooltip === undefined) return;
    const active = place === undefined ? [] : [{ datasetIndex: place.datasetIndex, index: place.index }];
    chart.setActiveElements(active);
    tooltip.setActiveElements(active, { x: place?.element.x ?? 0, y: place?.element.y ?? 0 });
    chart.render();
    if (place !== undefined) announce([...tooltip.title, ...tooltip.body.flatMap(({ lines }) => lines)].join(', '));
  }
}

type Tooltip = NonNullable<NonNullable<ChartConfiguration['options']>['plugins']>['tooltip'];

/** The numbers of the run over time are worded here; every other chart words its own. */
function withTimes(tooltip: Tooltip, spec: ChartSpec): NonNullable<Tooltip> {
  if (spec.kind !== 'time') return tooltip ?? {};
  return {
    ...tooltip,
    displayColors: false,
    callbacks: {
      title: () => '',
      label: ({ datasetIndex, dataIndex, parsed: { x, y } }) =>
        timeWords(spec, { datasetIndex, index: dataIndex }, [x, y]),
    },
  };
}

/** Those that nobody looks at yet, one in each pause, so that all are there before the reader is. */
function drawWhenIdle(charts: readonly LiveChart[]): void {
  const [next, ...rest] = charts.filter((chart) => !chart.isDrawn);
  if (next === undefined) return;
  requestIdleCallback(() => {
    next.draw();
    drawWhenIdle(rest);
  });
}

/**
 * Draws every chart when it comes near the screen, the others when nothing else is to be done, and all again where the
 * width or the theme changes.
 */
export function drawWhenSeen(charts: readonly LiveChart[]): void {
  const chartOf = new Map(charts.map((chart) => [chart.box as Element, chart]));
  const near = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        chartOf.get(target)?.draw();
      }
      performance.mark('bench:drawn');
      drawWhenIdle(charts);
    },
    { rootMargin: AHEAD },
  );
  const resized = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const chart = chartOf.get(target);
      if (chart?.isDrawn === true) chart.draw();
    }
  });
  for (const { box } of charts) {
    near.observe(box);
    resized.observe(box);
  }
  dark.addEventListener('change', () => {
    for (const chart of charts) if (chart.isDrawn) chart.redraw();
  });
}
