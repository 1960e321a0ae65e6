/** What bench reads of its own package while it runs, besides node_modules: an image without one of these fails. */
export const RUN_FILES = ['package.json', 'dist', 'payload/bin', 'scenarios', 'schemas'];
