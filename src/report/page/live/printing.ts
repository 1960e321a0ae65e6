import type { LiveChart } from './charts.js';

/** For paper: everything is open, and every chart is drawn, light and fine. Afterwards all is as it was. */
export function enhancePrinting(charts: readonly LiveChart[]): void {
  let opened: readonly HTMLDetailsElement[] = [];
  window.addEventListener('beforeprint', () => {
    opened = [...document.querySelectorAll<HTMLDetailsElement>('main details:not([open])')];
    for (const details of opened) details.open = true;
    for (const chart of charts) chart.drawOnPaper();
  });
  window.addEventListener('afterprint', () => {
    for (const details of opened) details.open = false;
    for (const chart of charts) chart.redraw();
  });
}
