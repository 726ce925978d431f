import assert from 'node:assert/strict';
import { test } from 'node:test';
import { negotiate } from '../../lib/exposition/negotiate.ts';
import { SeededRandom } from '../support/seeded-random.ts';

const TEXT = 'text/plain; version=0.0.4; charset=utf-8';
const TEXT_1 = 'text/plain; version=1.0.0; charset=utf-8; escaping=';
const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=';
const OPENMETRICS_2 = 'application/openmetrics-text; version=2.0.0; charset=utf-8; escaping=';
const OPENMETRICS_0 = 'application/openmetrics-text; version=0.0.1; charset=utf-8';
const PROTOBUF =
  'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=';

function declareAnswers(
  cases: Readonly<Record<string, readonly (readonly [accept: string | undefined, contentType: string])[]>>,
): void {
  for (const [claim, answers] of Object.entries(cases)) {
    test(`negotiate() ${claim}`, () => {
      for (const [accept, contentType] of answers) assert.equal(negotiate(accept).contentType, contentType, accept);
    });
  }
}

// What the systems send was recorded on the wire: Prometheus 3.5.3 and 2.42, VictoriaMetrics 1.145.
const PROMETHEUS_3_TEXT =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,' +
  'text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1';
const PROTOBUF_RANGE = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';

declareAnswers({
  'gives each scraper what it prefers': [
    [PROMETHEUS_3_TEXT, `${OPENMETRICS}allow-utf-8`],
    [`${PROTOBUF_RANGE};q=0.6,${PROMETHEUS_3_TEXT}`, `${PROTOBUF}underscores`],
    ['application/openmetrics-text;version=1.0.0;escaping=dots;q=0.6,*/*;q=0.5', `${OPENMETRICS}dots`],
    ['text/plain;version=0.0.4;q=0.6,*/*;q=0.5', TEXT],
    ['text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,*/*;q=0.5', `${TEXT_1}allow-utf-8`],
    [
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      `${OPENMETRICS}underscores`,
    ],
    [
      `${PROTOBUF_RANGE},application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5,*/*;q=0.1`,
      `${PROTOBUF}underscores`,
    ],
    ['text/plain;version=0.0.4;q=1,*/*;q=0.1', TEXT],
  ],
  'gives text 0.0.4 to whoever does not ask for more': [
    [undefined, TEXT],
    ['', TEXT],
    ['*/*', TEXT],
    ['text/*', TEXT],
    ['text/*;version=1.0.0', TEXT],
    ['text/plain', TEXT],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8', TEXT],
  ],
  'takes OpenMetrics without a version for 1.0.0, and knows 0.0.1': [
    ['application/openmetrics-text', `${OPENMETRICS}underscores`],
    ['application/openmetrics-text; version=0.0.1; escaping=allow-utf-8', OPENMETRICS_0],
  ],
  'gives OpenMetrics 2.0 to whoever prefers it, and to nobody else': [
    // What Prometheus sends with its feature flag for it, and scrape_protocols in this order.
    [
      `application/openmetrics-text;version=2.0.0;escaping=allow-utf-8;q=0.6,${PROMETHEUS_3_TEXT}`,
      `${OPENMETRICS_2}allow-utf-8`,
    ],
    ['application/openmetrics-text;version=2.0.0', `${OPENMETRICS_2}underscores`],
    ['application/openmetrics-text; version="2.0.0"; escaping=dots, */*;q=0.1', `${OPENMETRICS_2}dots`],
    [`application/openmetrics-text;version=2.0.0;q=0.4,${PROMETHEUS_3_TEXT}`, `${OPENMETRICS}allow-utf-8`],
    [
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=2.0.0',
      `${OPENMETRICS}underscores`,
    ],
    ['application/openmetrics-text;version=2.0.0;q=0,*/*', TEXT],
  ],
  'passes over versions and encodings that it does not have': [
    ['application/openmetrics-text;version=2.1.0,text/plain;version=1.0.0;q=0.5', `${TEXT_1}underscores`],
    ['application/openmetrics-text;version=2.0.0-rc0,text/plain;version=1.0.0;q=0.5', `${TEXT_1}underscores`],
    ['text/plain;version=0.0.5', TEXT],
    ['application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text', TEXT],
    ['application/vnd.google.protobuf;encoding=delimited', TEXT],
    ['application/json', TEXT],
  ],
  'goes by the q-values, and between equals by the order': [
    ['text/plain;q=0.4,application/openmetrics-text;q=0.5', `${OPENMETRICS}underscores`],
    ['text/plain;q=0.5,application/openmetrics-text;q=0.5', TEXT],
    ['application/openmetrics-text;q=0,text/plain;version=1.0.0;q=0.001', `${TEXT_1}underscores`],
    ['application/openmetrics-text;q=0', TEXT],
    ['text/*;q=0.9,application/openmetrics-text;q=0.5', TEXT],
    ['text/plain;q=0.9,application/openmetrics-text;q=0.5', TEXT],
    ['text/plain;version=0.0.4;q=0.9,application/openmetrics-text;q=0.5', TEXT],
    ['application/openmetrics-text;q', `${OPENMETRICS}underscores`],
  ],
  'takes escaping schemes that it knows, and underscores for others': [
    ['text/plain;version=1.0.0;escaping=values', `${TEXT_1}values`],
    ['text/plain;version=1.0.0;escaping="dots"', `${TEXT_1}dots`],
    ['text/plain;version=1.0.0;escaping=rot13', `${TEXT_1}underscores`],
    [`${PROTOBUF_RANGE};escaping=allow-utf-8`, `${PROTOBUF}allow-utf-8`],
    ['text/plain;version=0.0.4;escaping=allow-utf-8', TEXT],
  ],
  'reads blanks, capitals and quotes as HTTP allows them': [
    [' Application/OpenMetrics-Text ; Version = "1.0.0" ; Q = 0.9 , text/plain;q=0.1', `${OPENMETRICS}underscores`],
  ],
  'passes over ranges that it cannot read': [
    ['application/openmetrics-text;q=high,text/plain', TEXT],
    ['application/openmetrics-text;q=2', TEXT],
    ['application/openmetrics-text;q=-1', TEXT],
    [';;;q=1,,application/openmetrics-text', `${OPENMETRICS}underscores`],
    [','.repeat(10_000), TEXT],
    [';q=1'.repeat(10_000), TEXT],
    [`application/openmetrics-text;${'x=y;'.repeat(5000)}version=1.0.0`, `${OPENMETRICS}underscores`],
  ],
});

test('negotiate() names the protocol and the escaping that the encoder needs', () => {
  const formatOf = (accept: string): string => {
    const { protocol, escaping } = negotiate(accept);
    return `${protocol} ${escaping}`;
  };
  assert.equal(formatOf('*/*'), 'text underscores');
  assert.equal(formatOf('text/plain;version=1.0.0;escaping=dots'), 'text dots');
  assert.equal(formatOf('application/openmetrics-text;version=0.0.1;escaping=dots'), 'openmetrics underscores');
  assert.equal(formatOf('application/openmetrics-text;version=1.0.0;escaping=values'), 'openmetrics values');
  assert.equal(formatOf('application/openmetrics-text;version=2.0.0;escaping=values'), 'openmetrics2 values');
  assert.equal(formatOf(`${PROTOBUF_RANGE};escaping=allow-utf-8`), 'protobuf allow-utf-8');
});

test('negotiate() answers whatever the header holds', () => {
  const random = new SeededRandom(11);
  const pieces = [
    'text/plain',
    'application/openmetrics-text',
    '*/*',
    ';',
    ',',
    'q=',
    'version=',
    '1.0.0',
    '0.5',
    'escaping=',
    'dots',
    '"',
    '=',
  ];
  for (let i = 0; i < 5000; i++) {
    const accept = Array.from({ length: random.int(20) }, () =>
      random.int(4) === 0 ? random.text(5) : random.pick(pieces),
    ).join('');
    assert.match(
      negotiate(accept).contentType,
      /^(?:text\/plain|application\/(?:openmetrics-text|vnd\.google\.protobuf)); /,
      accept,
    );
  }
});
