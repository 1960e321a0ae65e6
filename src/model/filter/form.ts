/**
 * How libseccomp lays a filter out: rules one after the other (its default), or a binary tree over the numbers of
 * system calls.
 */
export type FilterForm = 'plain' | 'tree';
