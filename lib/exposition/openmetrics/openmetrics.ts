import type { Family, MetricType } from '../../model/family.ts';
import { seriesNames } from '../../model/names.ts';
import type { NameScheme } from '../names/name-schemes.ts';
import { PLAIN, SUM_AND_COUNT } from '../text/family-lines.ts';
import { escapeLabelValue, metricNameText } from '../text/labels.ts';
import { cached, LineCache } from '../text/line-cache.ts';
import type { FamilyText, TextFormat } from '../text/text-encoder.ts';

/** Options for OpenMetrics. */
interface OpenMetricsOptions {
  /** Whether each series with a known start gets a `_created` line. */
  readonly hasCreatedLines: boolean;
  /** See `ScrapeOptions`. */
  readonly isLikePromClient: boolean;
}

/**
 * Returns OpenMetrics 1.0 for one scrape of `families`: names of counters and infos without their suffix, units,
 * exemplars, and a marked end. `key` tells name schemes apart.
 *
 * Single numbers without exemplars and `_created` have the same lines as in Prometheus's own format, and share its cache.
 *
 * @see https://prometheus.io/docs/specs/om/open_metrics_spec/
 */
export function openMetrics(
  families: readonly Family[],
  key: string,
  names: NameScheme,
  { hasCreatedLines, isLikePromClient }: OpenMetricsOptions,
): TextFormat {
  // Made once: a text that is joined at each look-up is hashed at each look-up.
  const keys = { names: `${key} names`, free: `${key} free`, taken: `${key} taken` };
  const taken = new Set<string>();
  for (const family of families) for (const name of namesOf(family).own) taken.add(name);
  return { separator: NOTHING, end: END, hasEmptyFamilies: isLikePromClient, textOf };

  function textOf(family: Family, series: Family['series']): FamilyText {
    const isFree = !namesOf(family).rivals.some((rival) => taken.has(rival));
    const { head, type, plainLines, lines } = cached(family, isFree ? keys.free : keys.taken, () =>
      newCache(family, isFree, names, isLikePromClient),
    );
    const options = {
      hasExemplars: family.hasExemplars === true && HAVE_EXEMPLARS.has(type),
      createdSeconds: hasCreatedLines && HAVE_CREATED.has(type) ? family.createdSeconds : undefined,
    };
    const isPlain = !options.hasExemplars && options.createdSeconds === undefined;
    return {
      head,
      lines: isPlain ? plainLines.linesOf(family, series, PLAIN) : lines.linesOf(family, series, options),
    };
  }

  function namesOf(family: Family): NameCache {
    return cached(family, keys.names, () => ({
      own: seriesNames(family.name, family.type, names.metric),
      rivals: rivalNames(family, names),
    }));
  }
}

/** The names that decide whether a family can have the name that OpenMetrics gives it. Costs more than a few lines. */
interface NameCache {
  readonly own: readonly string[];
  readonly rivals: readonly string[];
}

/** The cache of a family between scrapes. */
interface OpenMetricsCache {
  readonly head: Uint8Array;
  readonly type: MetricType;
  readonly plainLines: LineCache;
  /** With exemplars and `_created`. */
  readonly lines: LineCache;
}

function newCache(family: Family, isFree: boolean, names: NameScheme, hasPointsFirst: boolean): OpenMetricsCache {
  const { type, name, sampleName, totalSuffixes } = openMetricsNames(family, isFree, names);
  const nameText = metricNameText(name);
  // Escaping may have changed the end of the name, and a unit that it does not end with voids the whole exposition.
  const hasUnit = family.unit !== '' && name.endsWith(`_${family.unit}`);
  const head =
    `# HELP ${nameText} ${escapeLabelValue(family.help)}\n# TYPE ${nameText} ${type}\n` +
    (hasUnit ? `# UNIT ${nameText} ${family.unit}\n` : '');
  const style = {
    sampleName,
    names,
    totalSuffixes,
    createdName: `${name}_created`,
    isOpenMetrics: true,
    hasPointsFirst,
  };
  const lines = new LineCache(style);
  const isDistribution = HAVE_POINTS.has(family.type);
  return {
    head: encoder.encode(head),
    type,
    plainLines: isDistribution ? lines : LineCache.shared(family, style),
    lines,
  };
}

const HAVE_POINTS: ReadonlySet<MetricType> = new Set(['histogram', 'gaugehistogram', 'summary']);
const HAVE_EXEMPLARS: ReadonlySet<MetricType> = new Set(['counter', 'histogram', 'gaugehistogram']);
/** The types whose series have a beginning. */
const HAVE_CREATED: ReadonlySet<MetricType> = new Set(['counter', 'histogram', 'summary']);
const encoder = new TextEncoder();
const NOTHING = new Uint8Array(0);
const END = encoder.encode('# EOF\n');

/** The type of a family in OpenMetrics, and its names. */
interface OpenMetricsNames {
  readonly type: MetricType;
  /** The name of the family, escaped. */
  readonly name: string;
  /** The name that its sample names begin with, escaped. */
  readonly sampleName: string;
  /** The suffixes of a histogram's sum and count. */
  readonly totalSuffixes: readonly [sum: string, count: string];
}

/**
 * Returns the type and the names of a family in OpenMetrics. `isFree` says whether a counter or an info can have the name
 * without its suffix; otherwise the family gets a type that keeps its whole name.
 */
export function openMetricsNames(family: Family, isFree: boolean, names: NameScheme): OpenMetricsNames {
  const name = names.metric(family.name);
  const { type } = family;
  const whole = { name, sampleName: name, totalSuffixes: SUM_AND_COUNT };
  switch (type) {
    case 'counter': {
      if (!isFree) return { ...whole, type: 'unknown' };
      const base = withoutSuffix(name, '_total');
      return { type, name: base, sampleName: `${base}_total`, totalSuffixes: SUM_AND_COUNT };
    }
    case 'info':
      if (!isFree) return { ...whole, type: 'gauge' };
      return { ...whole, type, name: withoutSuffix(name, '_info') };
    case 'gaugehistogram':
      return { ...whole, type, totalSuffixes: ['_gsum', '_gcount'] };
    default:
      return { ...whole, type };
  }
}

/**
 * Returns the names that no other family may have, so that a counter or an info can have the name that OpenMetrics gives
 * it: `foo` for `foo_total`. If a family or a sample has one of them, such as a gauge `foo`, the counter is written with
 * its whole name and another type: it loses its type, but no series is lost or written twice. Of `foo_total` and
 * `foo_info`, the counter gets the name.
 */
export function rivalNames({ name, type }: Family, names: NameScheme): readonly string[] {
  if (type !== 'counter' && type !== 'info') return [];
  const escaped = names.metric(name);
  const base = withoutSuffix(escaped, type === 'counter' ? '_total' : '_info');
  const rivals = new Set([base, `${base}_total`]);
  if (type === 'counter') rivals.add(`${base}_created`);
  const stem = withoutSuffix(base, '_created');
  if (stem !== base) rivals.add(stem).add(`${stem}_total`); // of a counter with this sample
  rivals.delete(escaped);
  return [...rivals];
}

function withoutSuffix(name: string, suffix: string): string {
  return name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
}
