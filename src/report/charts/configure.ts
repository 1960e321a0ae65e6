import type { ChartConfiguration } from 'chart.js';
import { barsConfiguration } from './bars.js';
import { curveConfiguration } from './curve.js';
import { distributionConfiguration } from './distribution.js';
import { linesConfiguration } from './lines.js';
import type { Look } from './look.js';
import { partsConfiguration } from './parts.js';
import { powerConfiguration } from './power.js';
import { rowsConfiguration } from './rows.js';
import { scatterConfiguration } from './scatter.js';
import type { ChartSpec } from './spec.js';
import { timeConfiguration } from './time.js';

/** A new Chart.js configuration for one drawing: renderers change what they are given, so none is used twice. */
export function configure(spec: ChartSpec, look: Look): ChartConfiguration {
  switch (spec.kind) {
    case 'bars':
      return barsConfiguration(spec, look);
    case 'rows':
      return rowsConfiguration(spec, look);
    case 'curve':
      return curveConfiguration(spec, look);
    case 'lines':
      return linesConfiguration(spec, look);
    case 'scatter':
      return scatterConfiguration(spec, look);
    case 'distribution':
      return distributionConfiguration(spec, look);
    case 'time':
      return timeConfiguration(spec, look);
    case 'parts':
      return partsConfiguration(spec, look);
    case 'power':
      return powerConfiguration(spec, look);
  }
}
