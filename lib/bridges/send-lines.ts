import { errorCode } from '../model/error-text.ts';
import type { Family } from '../model/family.ts';
import { openSocket, placeOfAddress, type ReadAddress } from './line-socket.ts';
import { type PushContext, WorkSlice } from './push-loop.ts';
import type { SentValue, SentValues } from './sent-values.ts';

/** One line, or several that belong together, and the value that has arrived when it has. */
export interface SentLine {
  readonly text: string;
  readonly value?: SentValue;
}

/** Where lines go, and how. */
export interface SendLinesOptions {
  readonly address: ReadAddress;
  /** A line that is longer is sent alone. */
  readonly maxPacketBytes: number;
  /** A line that is longer is left out; by default none is. */
  readonly maxLineBytes?: number;
  readonly signal: AbortSignal;
  readonly context: PushContext;
  /** What the lines are of. */
  readonly families: readonly Family[];
  /** Told what has been sent, packet by packet. */
  readonly sent: SentValues;
}

/**
 * Sends the lines of one push in packets, with a pause each half millisecond of work. Composes them as they are sent, so that
 * a push of any size needs the memory of one packet.
 *
 * A line that is too long, for a datagram or for the receiver, must not keep back all others: it is left out, its change stays
 * due, and the push fails at its end.
 */
export async function sendLines(lines: Iterable<SentLine>, options: SendLinesOptions): Promise<void> {
  const { address, maxPacketBytes, maxLineBytes = Infinity, signal, sent, context, families } = options;
  const socket = await openSocket(address, signal);
  let packet = '';
  let packetBytes = 0;
  let lineCount = 0;
  let values: SentValue[] = [];
  let tooLong: { readonly count: number; readonly bytes: number } | undefined;
  const leaveOut = (count: number, bytes: number): void => {
    tooLong = { count: (tooLong?.count ?? 0) + count, bytes: Math.max(bytes, tooLong?.bytes ?? 0) };
  };
  const flush = async (): Promise<void> => {
    try {
      await socket.send(packet);
      sent.confirm(values);
    } catch (error) {
      if (errorCode(error) !== 'EMSGSIZE') throw error;
      leaveOut(lineCount, packetBytes);
    }
    packet = '';
    packetBytes = 0;
    lineCount = 0;
    values = [];
  };
  try {
    const slice = new WorkSlice();
    sent.begin();
    for (const { text, value } of lines) {
      const bytes = Buffer.byteLength(text);
      if (bytes > maxLineBytes) {
        leaveOut(1, bytes);
        continue;
      }
      if (packetBytes > 0 && packetBytes + 1 + bytes > maxPacketBytes) await flush();
      packet += packetBytes > 0 ? `\n${text}` : text;
      packetBytes += packetBytes > 0 ? bytes + 1 : bytes;
      lineCount++;
      if (value !== undefined) values.push(value);
      if (slice.isOver) await slice.next(signal);
    }
    if (packetBytes > 0) await flush();
    sent.end();
    await socket.end();
  } catch (error) {
    socket.destroy();
    throw error;
  }
  if (tooLong === undefined) return;
  const { count, bytes } = tooLong;
  context.taken(families.reduce((total, { series }) => total + series.length, 0) - count);
  context.refused(
    new Error(
      `Cannot push metrics to ${placeOfAddress(address)}: expected lines that are not too long for it, got ${count} of up to ` +
        `${bytes} bytes. Shorten their label values.`,
    ),
  );
}
