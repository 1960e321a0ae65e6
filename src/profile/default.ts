import { defaultNamed } from './named/index.js';

/**
 * The built-in default profile as text in Docker's format. It behaves like the default profile of moby/profiles seccomp
 * v0.2.3 on every architecture, kernel and set of capabilities, but is written anew.
 */
export function defaultProfile(): { readonly text: string; readonly name: string } {
  const { text, name } = defaultNamed();
  return { text, name };
}
