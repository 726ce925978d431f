import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { packageRoot } from './package-root.ts';

const { parse, parseAllDocuments } = createRequire(join(packageRoot(), '.ci', 'yaml', 'package.json'))('yaml') as {
  parse: (text: string) => unknown;
  parseAllDocuments: (text: string) => readonly { toJS(): unknown }[];
};

/** Reads a YAML file, with the package of .ci/yaml, which .ci/test.mjs installs. The caller has to know what it holds. */
export function readYaml(path: string): unknown {
  return parse(readFileSync(path, 'utf8'));
}

/** Reads the documents of a text in YAML. */
export function readYamlDocuments(text: string): unknown[] {
  return parseAllDocuments(text).map((document) => document.toJS());
}
