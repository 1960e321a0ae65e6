import { errnoName, libc } from '../libc.js';

const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 0o2000003;
const NETLINK_AUDIT = 9;
const SOL_SOCKET = 1;
const SO_RCVTIMEO = 20;
const AUDIT_GET = 1000;
const NLMSG_ERROR = 2;
const REQUEST_AND_ACK = 5;
const HEADER_BYTES = 16;
const ANSWER_BYTES = 1024;
/** The acknowledgement, the status, and others that may come between. */
const MOST_MESSAGES = 4;

/** struct audit_status of linux/audit.h, as far as it is told here. */
export interface AuditStatus {
  /** 0 off, 1 on, 2 on and locked. Off stops records of other kinds; seccomp's are written without looking at it. */
  readonly enabled: number;
  /** Whether an audit daemon takes the records; otherwise they go to the kernel's log. */
  readonly daemon: boolean;
  /** Most records in a second; 0: no limit. */
  readonly rateLimit: number;
  /** Most records that wait for the daemon. */
  readonly backlogLimit: number;
  /** Records that were dropped since the machine started. */
  readonly lost: number;
}

/** The kernel's answer: a status; no audit, as also with audit=0 on its command line; or why it does not tell. */
export type AuditAnswer =
  | ({ readonly state: 'read' } & AuditStatus)
  | { readonly state: 'absent' }
  | { readonly state: 'unreadable'; readonly cause: string };

/** Asks the kernel for the status of audit (AUDIT_GET over netlink), which needs CAP_AUDIT_CONTROL. Never throws. */
export function auditStatus(): AuditAnswer {
  const system = libc();
  const socket = system.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_AUDIT);
  if (socket < 0) {
    const cause = system.lastError();
    return isAbsent(cause) ? { state: 'absent' } : { state: 'unreadable', cause };
  }
  try {
    return ask(socket);
  } finally {
    system.close(socket);
  }
}

const isAbsent = (errno: string): boolean => ['EPROTONOSUPPORT', 'EAFNOSUPPORT', 'ECONNREFUSED'].includes(errno);

function ask(socket: number): AuditAnswer {
  const system = libc();
  const oneSecond = Buffer.alloc(16);
  oneSecond.writeBigInt64LE(1n, 0);
  system.setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, oneSecond, oneSecond.length);
  const request = Buffer.alloc(HEADER_BYTES);
  request.writeUInt32LE(HEADER_BYTES, 0);
  request.writeUInt16LE(AUDIT_GET, 4);
  request.writeUInt16LE(REQUEST_AND_ACK, 6);
  request.writeUInt32LE(1, 8);
  if (system.send(socket, request, request.length, 0) < 0) return refused(system.lastError());
  for (let message = 0; message < MOST_MESSAGES; message += 1) {
    const answer = Buffer.alloc(ANSWER_BYTES);
    const bytes = system.recv(socket, answer, answer.length, 0);
    if (bytes < 0) return refused(system.lastError());
    const read = readAuditMessage(answer.subarray(0, bytes));
    if (read !== null) return read;
  }
  return { state: 'unreadable', cause: 'no answer' };
}

const refused = (cause: string): AuditAnswer =>
  isAbsent(cause) ? { state: 'absent' } : { state: 'unreadable', cause: cause === 'EAGAIN' ? 'no answer' : cause };

/** One message of the kernel; `null`: it is only the acknowledgement, or of another kind. */
export function readAuditMessage(message: Buffer): AuditAnswer | null {
  if (message.length < HEADER_BYTES + 4) return null;
  const type = message.readUInt16LE(4);
  if (type === NLMSG_ERROR) {
    const errno = -message.readInt32LE(HEADER_BYTES);
    return errno === 0 ? null : { state: 'unreadable', cause: errnoName(errno) };
  }
  if (type !== AUDIT_GET || message.length < HEADER_BYTES + 32) return null;
  const word = (index: number): number => message.readUInt32LE(HEADER_BYTES + 4 * index);
  return {
    state: 'read',
    enabled: word(1),
    daemon: word(3) !== 0,
    rateLimit: word(4),
    backlogLimit: word(5),
    lost: word(6),
  };
}
