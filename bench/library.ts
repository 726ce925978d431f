import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { pathToFileURL } from 'node:url';
import { PEERS_FOLDER, PROJECT_FOLDER } from './folders.ts';
import { loadOpenTelemetry, OPENTELEMETRY } from './opentelemetry.ts';

/** The name of this library in tables and on command lines; `finpilot@FOLDER` is a build of it in another folder. */
export const OURS = 'finpilot';

/** The libraries that ours is compared with. */
export const PEERS = ['prom-client', '@prometheus-io/client', '@platformatic/prom-client', OPENTELEMETRY] as const;

/** Labels as they are given in one object. */
export type LabelObject = Readonly<Record<string, string>>;

/** A counter, as far as every client here has the same one. */
export interface CounterUnderTest {
  inc(): void;
  inc(labels: LabelObject): void;
  labels(...values: string[]): { inc(): void; inc(amount: number): void };
  remove(labels: LabelObject): unknown;
}

/** A gauge, as far as every client here has the same one. */
export interface GaugeUnderTest {
  set(value: number): void;
  set(labels: LabelObject, value: number): void;
  labels(...values: string[]): { set(value: number): void };
}

/** A histogram, as far as every client here has the same one. */
export interface HistogramUnderTest {
  observe(value: number): void;
  observe(labels: LabelObject, value: number): void;
  labels(...values: string[]): { observe(value: number): void };
}

/** A summary, as far as every client here has the same one. */
export type SummaryUnderTest = HistogramUnderTest;

/** A series of a native (exponential) histogram. */
export interface NativeUnderTest {
  observe(value: number): void;
  /** How many observations it has. */
  count(): Promise<number>;
}

/** The options that the instruments of every client here accept. */
export interface InstrumentOptions {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly string[];
  readonly buckets?: readonly number[];
  readonly percentiles?: readonly number[];
  readonly registers: readonly object[];
  /** Ours alone knows it; the peers ignore it, as they have no limit. */
  readonly maxSeries?: number;
  /** The peers alone know it; ours needs no permission. */
  readonly enableExemplars?: boolean;
}

/** How a client takes exemplars. The instruments need `enableExemplars`. */
export interface ExemplarsUnderTest {
  /** Returns a registry whose exposition has exemplars. */
  createRegistry(): object;
  inc(counter: CounterUnderTest, labels: LabelObject, exemplar: LabelObject | undefined): void;
  observe(histogram: HistogramUnderTest, labels: LabelObject, value: number, exemplar: LabelObject | undefined): void;
}

/** The part that all the clients share; only the scrape and the server differ. */
export interface Library {
  readonly name: string;
  readonly Counter: new (options: InstrumentOptions) => CounterUnderTest;
  readonly Gauge: new (options: InstrumentOptions) => GaugeUnderTest;
  readonly Histogram: new (options: InstrumentOptions) => HistogramUnderTest;
  readonly Summary: new (options: InstrumentOptions) => SummaryUnderTest;
  readonly Registry: new () => object;
  readonly exemplars: ExemplarsUnderTest;
  /**
   * Returns a function that renders the registry to the bytes that leave the process, in the format that an `Accept` header
   * asks for; a library that has but one gives that.
   */
  scraperOf(registry: object, accept?: string): () => Promise<Uint8Array>;
  /** Serves the registry as the library's documentation shows it; resolves to the URL of the metrics. */
  serve(registry: object): Promise<string>;
  /** Turns the library's default metrics on. */
  collectDefaultMetrics(registry: object): void;
}

/** Whether a library is a build of this repository, in any folder. */
export function isOurs({ name }: { readonly name: string }): boolean {
  return name === OURS || name.startsWith(`${OURS}@`);
}

/** Loads a library by its name: `finpilot`, `finpilot@FOLDER` or one of the peers. */
export async function loadLibrary(name: string): Promise<Library> {
  if (isOurs({ name })) return loadOurs(name);
  return name === OPENTELEMETRY ? loadOpenTelemetry() : loadPeer(name);
}

/** A subpath that package.json exports. */
export type Entry = '.' | './core' | './finpilot' | './parse';

/** Returns the folder of a build of this repository. */
export function folderOf(libraryName: string): string {
  return libraryName === OURS ? PROJECT_FOLDER : libraryName.slice(OURS.length + 1);
}

/** Returns the URL of what package.json exports for an entry of ours. */
export function entryUrl(libraryName: string, entry: Entry): string {
  const folder = folderOf(libraryName);
  const { exports } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as {
    exports: Record<string, { default: string }>;
  };
  return pathToFileURL(`${folder}/${exports[entry]!.default}`).href;
}

interface OurCounter {
  labels(labels: LabelObject): { inc(amount: number, exemplar: LabelObject | undefined): void };
}

interface OurHistogram {
  labels(labels: LabelObject): { observe(value: number, exemplar: LabelObject | undefined): void };
}

interface OurModule extends Pick<Library, 'Counter' | 'Gauge' | 'Histogram' | 'Summary'> {
  readonly MetricsRegistry: Library['Registry'];
  readonly PrometheusExporter: new (registry: object) => { render(accept?: string): Promise<Uint8Array> };
  startMetricsServer(options: { port: number; host: string; registry: object }): Promise<{ readonly port: number }>;
  collectDefaultMetrics(registry: object): unknown;
}

async function loadOurs(name: string): Promise<Library> {
  const ours = (await import(entryUrl(name, '.'))) as OurModule;
  return {
    name,
    Counter: ours.Counter,
    Gauge: ours.Gauge,
    Histogram: ours.Histogram,
    Summary: ours.Summary,
    Registry: ours.MetricsRegistry,
    exemplars: {
      createRegistry: () => new ours.MetricsRegistry(),
      inc: (counter, labels, exemplar) => (counter as unknown as OurCounter).labels(labels).inc(1, exemplar),
      observe: (histogram, labels, value, exemplar) =>
        (histogram as unknown as OurHistogram).labels(labels).observe(value, exemplar),
    },
    scraperOf(registry, accept) {
      const exporter = new ours.PrometheusExporter(registry);
      return () => exporter.render(accept);
    },
    async serve(registry) {
      const { port } = await ours.startMetricsServer({ port: 0, host: '127.0.0.1', registry });
      return `http://127.0.0.1:${port}/metrics`;
    },
    collectDefaultMetrics: (registry) => void ours.collectDefaultMetrics(registry),
  };
}

/** One argument holds everything, once a peer's instrument has `enableExemplars`. */
interface PeerEvent {
  readonly labels: LabelObject;
  readonly value: number;
  readonly exemplarLabels?: LabelObject;
}

interface PeerCounter {
  inc(event: PeerEvent): void;
}

interface PeerHistogram {
  observe(event: PeerEvent): void;
}

interface PeerRegistry {
  setContentType(contentType: string): void;
  readonly contentType: string;
  metrics(): string | Promise<string>;
}

interface PeerModule extends Pick<Library, 'Counter' | 'Gauge' | 'Histogram' | 'Summary'> {
  readonly Registry: (new () => PeerRegistry) & { readonly OPENMETRICS_CONTENT_TYPE: string };
  collectDefaultMetrics(options: { register: object }): void;
}

function loadPeer(name: string): Library {
  const peer = createRequire(`${PEERS_FOLDER}/package.json`)(name) as PeerModule;
  return {
    name,
    Counter: peer.Counter,
    Gauge: peer.Gauge,
    Histogram: peer.Histogram,
    Summary: peer.Summary,
    Registry: peer.Registry,
    exemplars: {
      createRegistry() {
        const registry = new peer.Registry();
        registry.setContentType(peer.Registry.OPENMETRICS_CONTENT_TYPE);
        return registry;
      },
      inc: (counter, labels, exemplar) => (counter as unknown as PeerCounter).inc(peerEvent(labels, 1, exemplar)),
      observe: (histogram, labels, value, exemplar) =>
        (histogram as unknown as PeerHistogram).observe(peerEvent(labels, value, exemplar)),
    },
    scraperOf: (registry) => async () => Buffer.from(await (registry as PeerRegistry).metrics()),
    serve: (registry) => servePeer(registry as PeerRegistry),
    collectDefaultMetrics: (registry) => peer.collectDefaultMetrics({ register: registry }),
  };
}

function peerEvent(labels: LabelObject, value: number, exemplarLabels: LabelObject | undefined): PeerEvent {
  return exemplarLabels === undefined ? { labels, value } : { labels, value, exemplarLabels };
}

async function servePeer(registry: PeerRegistry): Promise<string> {
  const server = createServer(async (_request, response) => {
    response.setHeader('Content-Type', registry.contentType);
    response.end(await registry.metrics());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
}
