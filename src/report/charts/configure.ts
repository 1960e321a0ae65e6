import type { ChartConfiguration } from 'chart.js';
import { barsConfiguration } from './bars.js';
import type { Look } from './look.js';
import { rowsConfiguration } from './rows.js';
import type { ChartSpec } from './spec.js';

/** A new Chart.js configuration for one drawing: renderers change what they are given, so none is used twice. */
export const configure = (spec: ChartSpec, look: Look): ChartConfiguration =>
  (spec.kind === 'bars' ? barsConfiguration(spec, look) : rowsConfiguration(spec, look));
