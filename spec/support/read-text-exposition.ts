/** An exemplar as it stands behind a sample. */
export interface TextExemplar {
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
  readonly timestampSeconds?: number;
}

/** A sample line. */
export interface TextSample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
  readonly exemplar?: TextExemplar;
}

/** The lines between one `# TYPE` or `# HELP` of a name and that of the next name. */
export interface TextFamily {
  readonly name: string;
  type: string;
  help: string;
  unit: string;
  readonly samples: TextSample[];
}

/**
 * Reads an exposition in text 0.0.4, text 1.0.0 or OpenMetrics, with names in quotes and exemplars, by the letter of the
 * grammar. Shares no code with the library, and refuses what it has no reason to write: a SyntaxError names the line.
 *
 * It knows nothing of metric types. That OpenMetrics ends with `# EOF`, and that nothing else does, it sees to.
 *
 * @see https://prometheus.io/docs/specs/om/open_metrics_spec/#text-format
 */
export function readTextExposition(text: string, isOpenMetrics: boolean): TextFamily[] {
  if (!text.isWellFormed()) throw new SyntaxError('Cannot read exposition: expected text that UTF-8 can carry');
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new SyntaxError('Cannot read exposition: expected a newline at its end');
  if (isOpenMetrics && lines.pop() !== '# EOF')
    throw new SyntaxError('Cannot read exposition: expected # EOF at its end');
  const families = new Map<string, TextFamily>();
  let current: TextFamily | undefined;
  for (const [i, line] of lines.entries()) {
    if (line === '' && !isOpenMetrics) continue;
    const reader = new LineReader(line, i + 1);
    if (!line.startsWith('#')) {
      if (current === undefined) throw reader.refusal('metadata before the first sample');
      current.samples.push(reader.sample());
      continue;
    }
    const keyword = reader
      .take(/# (HELP|TYPE|UNIT) /y, 'metadata')
      .slice(2, -1)
      .toLowerCase() as 'help' | 'type' | 'unit';
    const name = reader.metricName();
    const value = reader.take(/(?: .*)?$/y, 'a space').slice(1);
    if (current?.name !== name) {
      if (families.has(name)) throw reader.refusal('each family once');
      current = { name, type: '', help: '', unit: '', samples: [] };
      families.set(name, current);
    }
    if (current[keyword] !== '' || current.samples.length > 0)
      throw reader.refusal(`one ${keyword}, before the samples`);
    current[keyword] = keyword === 'help' ? unescaped(value, isOpenMetrics ? '\\"n' : '\\n', reader) : value;
  }
  return [...families.values()];
}

class LineReader {
  readonly #line: string;
  readonly #number: number;
  #at = 0;

  constructor(line: string, number: number) {
    this.#line = line;
    this.#number = number;
  }

  take(pattern: RegExp, expected: string): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#line)?.[0];
    if (found === undefined) throw this.refusal(expected);
    this.#at += found.length;
    return found;
  }

  metricName(): string {
    return this.#isNext('"') ? this.#quoted() : this.take(/[a-zA-Z_:][\w:]*/y, 'a metric name');
  }

  /** A name, labels in braces (the first of them the name if it is in quotes), a value, and what may follow `#`. */
  sample(): TextSample {
    let name = this.#isNext('{') ? undefined : this.metricName();
    const labels = this.#isNext('{') ? this.#labels((quoted) => (name ??= quoted)) : new Map<string, string>();
    if (name === undefined) throw this.refusal('a metric name in the braces');
    this.take(/ /y, 'a space before the value');
    const value = this.#value();
    if (this.#at === this.#line.length) return { name, labels, value };
    this.take(/ # (?={)/y, 'the end of the line, or an exemplar');
    const exemplarLabels = this.#labels(undefined);
    this.take(/ /y, 'a space before the value');
    const exemplar = { labels: exemplarLabels, value: this.#value() };
    if (this.#at === this.#line.length) return { name, labels, value, exemplar };
    const timestampSeconds = Number(this.take(/ -?\d+(?:\.\d+)?(?:e[+-]\d+)?$/y, 'a timestamp at the end'));
    return { name, labels, value, exemplar: { ...exemplar, timestampSeconds } };
  }

  refusal(expected: string): SyntaxError {
    return new SyntaxError(
      `Cannot read exposition: expected ${expected}, at line ${this.#number} column ${this.#at + 1}: ${this.#line.slice(0, 200)}`,
    );
  }

  #labels(takeName: ((name: string) => void) | undefined): Map<string, string> {
    const labels = new Map<string, string>();
    this.take(/{/y, 'a brace');
    while (!this.#isNext('}')) {
      if (labels.size > 0 || this.#line[this.#at - 1] !== '{') this.take(/,/y, 'a comma');
      const isQuoted = this.#isNext('"');
      const label = isQuoted ? this.#quoted() : this.take(/[a-zA-Z_]\w*/y, 'a label name');
      if (isQuoted && takeName !== undefined && labels.size === 0 && !this.#isNext('=')) {
        takeName(label);
        takeName = undefined;
        continue;
      }
      this.take(/=(?=")/y, 'a label value in quotes');
      if (labels.has(label)) throw this.refusal('each label once');
      labels.set(label, this.#quoted());
    }
    this.take(/}/y, 'a brace');
    return labels;
  }

  #quoted(): string {
    return unescaped(this.take(/"(?:[^"\\]|\\.)*"/y, 'a text in quotes').slice(1, -1), '\\"n', this);
  }

  #value(): number {
    const text = this.take(/NaN|[+-]Inf|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]\d+)?/y, 'a number');
    return text.endsWith('Inf') ? Number(`${text}inity`) : Number(text);
  }

  #isNext(character: string): boolean {
    return this.#line[this.#at] === character;
  }
}

function unescaped(text: string, escapes: string, reader: LineReader): string {
  return text.replace(/\\(.?)/gsu, (written, character: string) => {
    if (character === '' || !escapes.includes(character)) throw reader.refusal(`no escape such as ${written}`);
    return character === 'n' ? '\n' : character;
  });
}
