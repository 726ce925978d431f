/** Escapes a label value for the text formats: backslash, double quote and line feed. */
export function escapeLabelValue(value: string): string {
  return /[\\"\n]/.test(value) ? value.replace(/[\\"\n]/g, escapeCharacter) : value;
}

/** Escapes a help text for the Prometheus text formats: backslash and line feed, but no quotes. */
export function escapeHelp(help: string): string {
  return help.replace(/[\\\n]/g, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return character === '\n' ? '\\n' : `\\${character}`;
}
