import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RealProgram } from '../support/real-system.ts';
import { runProgram } from '../support/run-program.ts';

/** A sample as Python's client has read it. */
export interface PythonSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly exemplar?: PythonExemplar;
}

/** An exemplar as Python's client has read it. */
export interface PythonExemplar {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly timestampSeconds?: number;
}

/** A metric family as Python's client has read it. */
export interface PythonFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly unit: string;
  readonly samples: readonly PythonSample[];
}

/** Numbers go as text, since JSON has neither NaN nor infinities. */
const SCRIPT = `
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as text

def number(value):
    return None if value is None else repr(float(value))

def exemplar_of(exemplar):
    if exemplar is None:
        return None
    return {"labels": exemplar.labels, "value": number(exemplar.value), "timestampSeconds": number(exemplar.timestamp)}

def sample_of(sample):
    labels, exemplar = sample.labels, exemplar_of(sample.exemplar)
    return {"name": sample.name, "labels": labels, "value": number(sample.value), "exemplar": exemplar}

def family_of(family):
    head = {"name": family.name, "type": family.type, "help": family.documentation, "unit": family.unit}
    return {**head, "samples": [sample_of(sample) for sample in family.samples]}

def read(exposition):
    parse = openmetrics if exposition["isOpenMetrics"] else text
    try:
        return [family_of(family) for family in parse(exposition["text"])]
    except Exception as error:
        return repr(error)

with open(sys.argv[1], encoding="utf-8") as given, open(sys.argv[2], "w", encoding="utf-8") as made:
    json.dump([read(exposition) for exposition in json.load(given)], made)
`;

/** An exposition in OpenMetrics, or in text 0.0.4. */
export interface ExpositionText {
  readonly text: string;
  readonly isOpenMetrics: boolean;
}

/**
 * Reads expositions by Python's client in one run of it, and returns what it makes of each: families, or its error as a
 * text. `folder` is where the expositions are put for it.
 */
export function readByPython(
  { path }: RealProgram,
  expositions: readonly ExpositionText[],
  folder: string,
): (PythonFamily[] | string)[] {
  const given = join(folder, 'given.json');
  const made = join(folder, 'made.json');
  writeFileSync(given, JSON.stringify(expositions));
  const { status, stderr } = runProgram(path, ['-c', SCRIPT, given, made], folder);
  assert.equal(status, 0, stderr);
  const all = JSON.parse(readFileSync(made, 'utf8')) as (RawFamily[] | string)[];
  return all.map((read) => (typeof read === 'string' ? read : read.map(familyOf)));
}

interface RawFamily extends Omit<PythonFamily, 'samples'> {
  readonly samples: readonly RawSample[];
}

interface RawSample extends Pick<PythonSample, 'name' | 'labels'> {
  readonly value: string;
  readonly exemplar: RawExemplar | null;
}

interface RawExemplar extends Pick<PythonExemplar, 'labels'> {
  readonly value: string;
  readonly timestampSeconds: string | null;
}

function familyOf({ samples, ...head }: RawFamily): PythonFamily {
  return {
    ...head,
    samples: samples.map(({ name, labels, value, exemplar }) => {
      return { name, labels, value: numberOf(value), ...(exemplar === null ? {} : { exemplar: exemplarOf(exemplar) }) };
    }),
  };
}

function exemplarOf({ labels, value, timestampSeconds: time }: RawExemplar): PythonExemplar {
  return { labels, value: numberOf(value), ...(time === null ? {} : { timestampSeconds: numberOf(time) }) };
}

function numberOf(text: string): number {
  return text.endsWith('inf') ? Number(text.replace('inf', 'Infinity')) : Number(text);
}
