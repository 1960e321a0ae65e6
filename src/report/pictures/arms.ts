import type { AnalysedRun } from '../../model/analysis/analysis.js';
import type { Placed } from '../charts/spec.js';
import { rolesOf } from '../words/run.js';

/** The role of an arm and its place among the compared ones, which decide its colour in every picture of a run. */
export function placedIn(analysed: AnalysedRun): (arm: string) => Placed {
  const { baseline, control, compared } = rolesOf(analysed);
  return (arm) => {
    if (arm === baseline) return { role: 'baseline', place: 0 };
    if (arm === control) return { role: 'control', place: 0 };
    return { role: 'compared', place: Math.max(0, compared.indexOf(arm)) };
  };
}
