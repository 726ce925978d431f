/** A label name as the formats write it: in double quotes unless it is an identifier. */
export function writtenLabelName(name: string): string {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) ? name : `"${escapedText(name)}"`;
}

/** A label value, or a quoted name, as the formats write it between its quotes. */
export function escapedText(text: string): string {
  return text.replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`));
}

/** A copy of a text that does not keep the chunk alive of which the text is a part. */
export function ownCopy(text: string): string {
  return ` ${text}`.slice(1);
}
