/** Whether this process has root's effective user id. */
export const isRoot = (): boolean => process.geteuid?.() === 0;

/** An environment as posix_spawn wants it. */
export function childEnvironment(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
}
