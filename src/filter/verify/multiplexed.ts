import { ownValue } from '../../model/own-value.js';

/**
 * Calls that some architectures also, or only, reach through socketcall(2) or ipc(2), with the first argument that
 * chooses each (linux/net.h; linux/ipc.h). libseccomp turns a rule for one of them into rules for both ways
 * (seccomp_rule_add(3): "internal rewriting of multiplexed syscalls").
 */
const SOCKETCALL: Readonly<Record<string, number>> = {
  socket: 1,
  bind: 2,
  connect: 3,
  listen: 4,
  accept: 5,
  getsockname: 6,
  getpeername: 7,
  socketpair: 8,
  send: 9,
  recv: 10,
  sendto: 11,
  recvfrom: 12,
  shutdown: 13,
  setsockopt: 14,
  getsockopt: 15,
  sendmsg: 16,
  recvmsg: 17,
  accept4: 18,
  recvmmsg: 19,
  sendmmsg: 20,
};
const IPC: Readonly<Record<string, number>> = {
  semop: 1,
  semget: 2,
  semctl: 3,
  semtimedop: 4,
  msgsnd: 11,
  msgrcv: 12,
  msgget: 13,
  msgctl: 14,
  shmat: 21,
  shmdt: 22,
  shmget: 23,
  shmctl: 24,
};

/** The call that a name goes through, and the value of that call's first argument; `undefined`: through none. */
export function multiplexerOf(
  name: string,
): { readonly call: 'socketcall' | 'ipc'; readonly operation: number } | undefined {
  const [socket, ipc] = [ownValue(SOCKETCALL, name), ownValue(IPC, name)];
  if (socket !== undefined) return { call: 'socketcall', operation: socket };
  return ipc === undefined ? undefined : { call: 'ipc', operation: ipc };
}
