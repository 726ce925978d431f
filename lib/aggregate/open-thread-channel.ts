import { BroadcastChannel } from 'node:worker_threads';
import { PROTOCOL } from './message.ts';

/**
 * Opens the channel between a thread and those who gather from it. It is the thread's own, named after its id, so that
 * neither has to hand the other a port: neither `parentPort` nor the `Worker` sees messages that its user did not send,
 * and it does not matter who comes first. Keeps no thread alive.
 */
export function openThreadChannel(threadId: number): BroadcastChannel {
  const channel = new BroadcastChannel(`${PROTOCOL}, thread ${threadId}`);
  channel.unref();
  return channel;
}
