import type { CiEffect } from './effect.js';

/** A name in a label: nothing in it has a meaning in the format, or in GitLab's reader of it. */
const plainName = (text: string): string => text.replace(/[^A-Za-z0-9._-]+/g, '_').slice(0, 200);

const SERIES = [
  ['change', 'Change against the baseline in percent; negative is faster.'],
  ['low', 'Lower bound of its 95 % interval.'],
  ['high', 'Upper bound of its 95 % interval.'],
] as const;

/** Effects as OpenMetrics text, for a metrics report of GitLab; what has no value has no line. */
export function metricsText(effects: readonly CiEffect[]): string {
  const families = SERIES.map(([key, help]) => {
    const name = `bench_${key}_percent`;
    const lines = effects.flatMap((effect) => {
      const value = effect[key];
      return value === null ? [] : [`${name}{${labelsOf(effect)}} ${percentText(value)}\n`];
    });
    return lines.length === 0 ? '' : `# TYPE ${name} gauge\n# HELP ${name} ${help}\n${lines.join('')}`;
  });
  return `${families.join('')}# EOF\n`;
}

const labelsOf = ({ scenario, machine, arm, metric }: CiEffect): string =>
  Object.entries({ scenario, machine, arm, metric })
    .map(([name, value]) => `${name}="${plainName(value)}"`)
    .join(',');

/** `-36.90`: two decimals, in ASCII. */
export const percentText = (percent: number): string => percent.toFixed(2).replace(/^-(?=0\.00$)/, '');
