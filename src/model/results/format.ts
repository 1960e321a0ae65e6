/** Of every file of a results folder. A reader refuses a version that it does not know. */
export const FORMAT_VERSION = 1;
