import type { AnalysedRun } from '../../model/analysis/analysis.js';
import { QUESTIONS, type Picture } from '../charts/picture.js';
import type { PublishedCase } from '../run/published.js';
import { rolesOf, runTitle } from '../words/run.js';
import { servicePicture } from '../workload/service-picture.js';
import { callPictures } from './calls.js';
import { changePicture } from './change.js';
import { distributionsPicture } from './distributions.js';
import { powerPicture } from './power.js';
import { pricePictures } from './price.js';
import { publishedPictures } from './published-bars.js';
import { timePicture } from './time.js';
import { wherePictures } from './where.js';

/** All pictures of a run, in the order of the questions; `prefix` makes their ids unique in a report of several. */
export function picturesOf(
  analysed: AnalysedRun,
  prefix: string,
  published: PublishedCase | undefined,
): readonly Picture[] {
  const title = `${runTitle(analysed)}: change against ${rolesOf(analysed).baseline}`;
  const all = [
    changePicture([analysed], `${prefix}change`, title),
    distributionsPicture(analysed, `${prefix}distributions`),
    timePicture(analysed, `${prefix}time`),
    ...wherePictures(analysed, prefix),
    servicePicture(analysed, `${prefix}service`),
    ...pricePictures(analysed, prefix),
    ...callPictures(analysed, prefix),
    powerPicture(analysed, `${prefix}power`),
    ...(published === undefined ? [] : publishedPictures(analysed, published, prefix)),
  ].filter((picture) => picture !== null);
  return QUESTIONS.flatMap((question) => all.filter((picture) => picture.question === question));
}
