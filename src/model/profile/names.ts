/** The profiles that bench knows by name; a version follows after an at sign, `docker@v0.2.1`. */
export const PROFILE_NAMES = ['default', 'docker', 'containerd', 'podman', 'systemd-service', 'unconfined'] as const;
export type ProfileName = (typeof PROFILE_NAMES)[number];

/** Whether a text is the name of a profile, with or without a version, and not the path of a file. */
export const isProfileName = (text: string): boolean => {
  const name = text.split('@', 1)[0] ?? '';
  return PROFILE_NAMES.some((known) => known === name);
};
