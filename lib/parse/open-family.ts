import { KnownLabels } from './known-labels.ts';
import type { LabelNames } from './label-names.ts';
import type { ParsedFamily, ParsedSample, ParsedType } from './parsed-family.ts';
import type { SampleChecks } from './rules/sample-checks.ts';
import type { Suffix } from './suffixes.ts';

/** A name that samples of a family have. */
export interface SampleName {
  readonly name: string;
  readonly suffix: Suffix;
  /** How a line begins that has it, `x_sum` or `{"x.y_sum"`, by its codes. */
  readonly opening: Uint16Array;
}

/** What is known of a family from the moment on that its type is. */
export interface Settled {
  readonly type: ParsedType;
  readonly sampleNames: readonly SampleName[];
  readonly checks: SampleChecks;
}

/** A family whose lines are being read. */
export class OpenFamily {
  readonly name: string;
  /** The line that it begins with. */
  readonly firstLine: number;
  help: string | undefined;
  unit: string | undefined;
  hasType = false;
  /** Undefined until its TYPE line, or a sample without one. */
  settled: Settled | undefined;
  /** The name of its last sample: the next one mostly has it too. */
  lastName: SampleName | undefined;
  readonly labels: KnownLabels;
  readonly samples: ParsedSample[] = [];

  constructor(name: string, firstLine: number, labelNames: LabelNames) {
    this.name = name;
    this.firstLine = firstLine;
    this.labels = new KnownLabels(labelNames);
  }

  /** The family as it is given away. */
  parsed(type: ParsedType): ParsedFamily {
    const { name, help = '', unit = '', samples } = this;
    return { name, type, help, unit, samples };
  }
}
