import type { PeerCertificate } from 'node:tls';

// Each entry is KIND:value; Node writes a value with anything odd in it as a JSON string, so that no value can pass for
// two entries.
const ALTERNATIVE_NAME = /(?:^|, )(\w[\w ]*):("(?:[^"\\]|\\.)*"|[^,"]*)(?=, |$)/g;
const KINDS = ['DNS', 'URI', 'email', 'IP Address'];

/** Returns the names of a client's certificate: its common names and its alternative names, as they are written there. */
export function certificateNames({ subject, subjectaltname = '' }: PeerCertificate): readonly string[] {
  const alternatives = [...subjectaltname.matchAll(ALTERNATIVE_NAME)]
    .filter(([, kind = '']) => KINDS.includes(kind))
    .map(([, , value = '']) => (value.startsWith('"') ? (JSON.parse(value) as string) : value));
  // A certificate may have several common names, which its type does not know.
  return [(subject as typeof subject | undefined)?.CN ?? [], alternatives].flat();
}
