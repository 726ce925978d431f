import { openSocket, type ReadAddress } from './line-socket.ts';
import { WorkSlice } from './push-loop.ts';
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
  readonly signal: AbortSignal;
  /** Told what has been sent, packet by packet. */
  readonly sent: SentValues;
}

/**
 * Sends the lines of one push in packets, with a pause each half millisecond of work. Composes them as they are sent, so that
 * a push of any size needs the memory of one packet.
 */
export async function sendLines(lines: Iterable<SentLine>, options: SendLinesOptions): Promise<void> {
  const { address, maxPacketBytes, signal, sent } = options;
  const socket = await openSocket(address, signal);
  let packet = '';
  let packetBytes = 0;
  let values: SentValue[] = [];
  const flush = async (): Promise<void> => {
    await socket.send(packet);
    sent.confirm(values);
    packet = '';
    packetBytes = 0;
    values = [];
  };
  try {
    const slice = new WorkSlice();
    sent.begin();
    for (const { text, value } of lines) {
      const bytes = Buffer.byteLength(text);
      if (packetBytes > 0 && packetBytes + 1 + bytes > maxPacketBytes) await flush();
      packet += packetBytes > 0 ? `\n${text}` : text;
      packetBytes += packetBytes > 0 ? bytes + 1 : bytes;
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
}
