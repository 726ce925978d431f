import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse, parseStream } from '../../lib/parse/index.ts';

const OPENMETRICS_TEXT = '# TYPE a info\na_info 1\n# EOF\n';
const EXPECTED =
  'text/plain with version 0.0.4 or 1.0.0, or application/openmetrics-text with version 2.0.0, 1.0.0 or 0.0.1, in UTF-8';

for (const contentType of [
  undefined,
  'text/plain',
  'text/plain;version=0.0.4',
  'text/plain; version=0.0.4; charset=utf-8',
  'TEXT/Plain ; Version = "0.0.4";charset=UTF-8;',
  'text/plain; version=1.0.0; escaping=underscores',
]) {
  test(`parse() reads ${contentType ?? 'no content type'} as text`, () => {
    assert.equal(parse('# a comment\na 1\n', contentType).length, 1);
  });
}

for (const contentType of [
  'application/openmetrics-text',
  'application/openmetrics-text; version=1.0.0; charset=utf-8',
  'application/openmetrics-text; version=1.0.0; escaping=values; charset=utf-8',
  'application/openmetrics-text;version=0.0.1',
]) {
  test(`parse() reads ${contentType} as OpenMetrics`, () => {
    assert.equal(parse(OPENMETRICS_TEXT, contentType)[0]?.type, 'info');
  });
}

for (const contentType of [
  'application/openmetrics-text;version=2.0.0',
  'application/openmetrics-text; version="2.0.0"; charset=utf-8; escaping=underscores',
]) {
  test(`parse() reads ${contentType} as OpenMetrics 2.0`, () => {
    assert.equal(parse('# TYPE a_info info\n{"a_info"} 1\n# EOF\n', contentType)[0]?.name, 'a_info');
  });
}

for (const contentType of [
  '',
  'text/html',
  'text/plain; version=0.0.3',
  'text/plain; charset=iso-8859-1',
  'application/openmetrics-text; version=2.0.0-rc0',
  'application/openmetrics-text; version=2.0.0; charset=iso-8859-1',
  'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited',
]) {
  test(`parse() and parseStream() refuse the content type ${JSON.stringify(contentType)}`, () => {
    const error = {
      name: 'RangeError',
      message:
        `Cannot parse an exposition of content type ${JSON.stringify(contentType)}: expected ${EXPECTED}. ` +
        'Ask the exporter for one of them in the Accept header.',
    };
    assert.throws(() => parse('', contentType), error);
    assert.throws(() => parseStream([], contentType), error);
  });
}

test('parse() refuses a content type that is not a string', () => {
  assert.throws(() => parse('', null as unknown as string), {
    name: 'TypeError',
    message: 'Cannot parse an exposition: expected a content type as a string, got object.',
  });
});
