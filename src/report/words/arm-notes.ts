import type { ArmNote } from '../../model/run/arm-notes.js';

/** What could not be told of an arm before its first start, as one sentence without a full stop. */
export function armNoteWords(note: ArmNote): string {
  const { arm } = note;
  switch (note.code) {
    case 'listenerUnknown':
      return `${note.engine} runs the containers of arm ${arm} on another machine: whether anybody listens at \
${note.path} there is unknown`;
    case 'flagsUnknown':
      return `${note.engine} does not say whether it loads ${note.flags.join(', ')} (arm ${arm}): its first start \
shows it`;
    case 'flagsDropped':
      return `the kernel takes ${note.flag} only with a listener: crun loads the filter of arm ${arm} without \
its flags`;
    case 'noListener':
      return `arm ${arm} has SCMP_ACT_NOTIFY and no listenerPath: crun loads it, and a notified call fails \
with ENOSYS`;
  }
}
