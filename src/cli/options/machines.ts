/** Machines by Go's, uname's or libseccomp's names, or all that libseccomp knows. */
export type MachineList = readonly string[] | 'all';

/** From names separated by commas; `all` among them counts for all. */
export function machineList(text: string): MachineList {
  const names = text.split(',').map((name) => name.trim());
  return names.includes('all') ? 'all' : [...new Set(names)];
}
