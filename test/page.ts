import { buildPage } from '../scripts/build/page.mjs';

/** Reports inline the script of their page, which the sources have only as modules: it is bundled before the tests. */
export default async function setup(): Promise<void> {
  await buildPage();
}
