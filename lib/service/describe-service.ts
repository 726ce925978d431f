import { Info } from '../metrics/info.ts';
import { warn } from '../model/error-text.ts';
import { isLegacyLabelName, describe as shown } from '../model/names.ts';
import type { MetricsRegistry } from '../registry/metrics-registry.ts';
import { register } from '../registry/register.ts';
import { gitRevision, nearestPackage } from './project-files.ts';

/** Options for {@link describeService}. What is not given is looked up. */
export interface ServiceOptions {
  /** By default that of `OTEL_SERVICE_NAME`, of `OTEL_RESOURCE_ATTRIBUTES`, or of `package.json`. */
  readonly name?: string;
  /** By default that of `OTEL_RESOURCE_ATTRIBUTES`, or of `package.json`. */
  readonly version?: string;
  /** Unique for each process. By default that of `OTEL_RESOURCE_ATTRIBUTES`, or a random UUID. */
  readonly instance?: string;
  /** The commit that was built. By default that of `GIT_COMMIT` or `GITHUB_SHA`, or of the Git repository around the program. */
  readonly revision?: string;
  /** Further attributes of the service, such as `{ 'deployment.environment.name': 'staging' }`. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** A file or folder of the program; its `package.json` is the nearest above. By default the main module. */
  readonly location?: string;
  /** By default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** What {@link describeService} has found out. */
export interface ServiceDescription {
  readonly name: string;
  /** Empty if it is not known, as are the others. */
  readonly version: string;
  readonly instance: string;
  readonly revision: string;
  /** The attributes of the service by their names in OpenTelemetry, `service.name` and the like included. */
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * Adds two infos to a registry, `target_info` and `build_info`, and returns what they say.
 *
 * ```text
 * target_info{service_name="shop",service_version="1.4.0",service_instance_id="627cc493-f310-47de-96bd-71410b7dec09"} 1
 * build_info{version="1.4.0",revision="4df9522",nodejs_version="v24.1.0"} 1
 * ```
 *
 * `target_info` has the attributes of the OpenTelemetry resource, with `_` for characters that label names do not have.
 * PromQL's `info()` joins them to other series, and a bridge to OTLP makes a resource of them.
 *
 * Reads files synchronously, once; call it when the program starts. Throws a TypeError if an option is invalid, and a RangeError
 * if the registry has metrics of these names, or if two attributes of the option have the same label name; then nothing has
 * changed. An attribute of the environment that cannot be a label is left out, with a process warning.
 *
 * @example
 * ```ts
 * describeService(registry, { name: 'shop', attributes: { 'deployment.environment.name': 'staging' } });
 * ```
 */
export function describeService(
  registry: MetricsRegistry = register,
  options: ServiceOptions = {},
): ServiceDescription {
  checkOptions(registry, options);
  const { env = process.env, location = process.argv[1] ?? process.cwd() } = options;
  const given = options.attributes ?? {};
  const declared = { ...usable(attributesOf(env['OTEL_RESOURCE_ATTRIBUTES'] ?? ''), given), ...given };
  const about = nearestPackage(location);
  const name =
    options.name || env['OTEL_SERVICE_NAME'] || declared['service.name'] || about.name || 'unknown_service:node';
  const version = options.version ?? declared['service.version'] ?? about.version ?? '';
  const instance = options.instance || declared['service.instance.id'] || globalThis.crypto.randomUUID();
  const revision = options.revision ?? (env['GIT_COMMIT'] || env['GITHUB_SHA'] || gitRevision(location) || '');
  const attributes = {
    'service.name': name,
    ...(version === '' ? {} : { 'service.version': version }),
    'service.instance.id': instance,
  };
  const all = { ...attributes, ...withoutKeys(declared, OWN_ATTRIBUTES) };
  const target = addInfo(registry, 'target_info', 'Attributes of this service.', labelsOf(all));
  try {
    addInfo(registry, 'build_info', 'Version and revision that this service was built from.', {
      version,
      revision,
      nodejs_version: process.version,
    });
  } catch (error) {
    registry.unregister(target);
    throw error;
  }
  return { name, version, instance, revision, attributes: all };
}

const TEXTS = [
  'name',
  'version',
  'instance',
  'revision',
  'location',
] as const satisfies readonly (keyof ServiceOptions)[];
const RECORDS = ['attributes', 'env'] as const satisfies readonly (keyof ServiceOptions)[];

function checkOptions(registry: MetricsRegistry, options: ServiceOptions): void {
  const refuse = (what: string, got: unknown): never => {
    throw new TypeError(`Cannot describe the service: expected ${what}, got ${shown(got)}.`);
  };
  // By shape: a registry may come from another copy of this module.
  if (typeof registry?.registerCollector !== 'function') refuse('a registry', registry);
  if (typeof options !== 'object' || options === null) refuse('an object of options', options);
  const known: readonly string[] = [...TEXTS, ...RECORDS];
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) refuse(`the options ${known.join(', ')}`, unknown);
  for (const name of TEXTS) {
    const value: unknown = options[name] ?? '';
    if (typeof value !== 'string') refuse(`${name} to be a string`, value);
  }
  for (const name of RECORDS) {
    const value: unknown = options[name] === undefined ? {} : options[name];
    if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(`${name} to be an object`, value);
  }
  for (const [name, value] of Object.entries<unknown>(options.attributes ?? {})) {
    if (typeof value !== 'string') refuse(`a string for attribute ${shown(name)}`, value);
  }
}

function addInfo(registry: MetricsRegistry, name: string, help: string, labels: Readonly<Record<string, string>>) {
  const info = new Info<string>({ name, help, labelNames: Object.keys(labels), registers: [registry] });
  info.set(labels);
  return info;
}

/** Parses `OTEL_RESOURCE_ATTRIBUTES`: `key=value` pairs between commas, values percent-encoded. Invalid pairs are left out. */
function attributesOf(text: string): Record<string, string> {
  const pairs = text.split(',').flatMap((pair): [string, string][] => {
    const [key = '', ...rest] = pair.split('=');
    if (key.trim() === '' || rest.length === 0) return [];
    return [[key.trim(), decoded(rest.join('=').trim())]];
  });
  return Object.fromEntries(pairs);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function withoutKeys(all: Readonly<Record<string, string>>, keys: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(all).filter(([key]) => !keys.includes(key)));
}

/**
 * Returns the attributes of the environment that can be labels beside those of the program. The others are left out, with a
 * warning: whoever sets the variable must not be able to keep the service from starting.
 */
function usable(
  declared: Readonly<Record<string, string>>,
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  const keys = new Map([...OWN_ATTRIBUTES, ...Object.keys(given)].map((key) => [labelOf(key), key]));
  const refused: string[] = [];
  const accepted = Object.entries(declared).filter(([key]) => {
    const label = labelOf(key);
    const isFree = !RESERVED.includes(label) && (keys.get(label) ?? key) === key;
    if (isFree) keys.set(label, key);
    else refused.push(key);
    return isFree;
  });
  if (refused.length > 0) {
    const names = refused.map(shown).join(', ');
    warn(
      'METRICS_RESOURCE_ATTRIBUTES',
      `OTEL_RESOURCE_ATTRIBUTES: left out ${names}, whose label is reserved or taken.`,
    );
  }
  return Object.fromEntries(accepted);
}

const OWN_ATTRIBUTES = ['service.name', 'service.version', 'service.instance.id'];
/** Labels of histograms and summaries. */
const RESERVED = ['le', 'quantile'];

/** OpenTelemetry's compatibility specification: label names have `_` for other characters, and begin with a letter. */
function labelOf(key: string): string {
  const plain = key.replace(/\W+/g, '_').replace(/^_+/, '');
  return isLegacyLabelName(plain) ? plain : `key_${plain}`;
}

function labelsOf(attributes: Readonly<Record<string, string>>): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [key, value] of Object.entries(attributes)) {
    const label = labelOf(key);
    if (Object.hasOwn(labels, label)) {
      throw new RangeError(
        `Cannot describe the service: expected attributes with different label names, got two for ${shown(label)}. Remove one.`,
      );
    }
    labels[label] = value;
  }
  return labels;
}
