import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NAME_SCHEMES } from '../../../lib/exposition/names/name-schemes.ts';
import { isLegacyLabelName, isLegacyMetricName } from '../../../lib/model/names.ts';
import { SeededRandom } from '../../support/seeded-random.ts';

/** Metric names as prometheus/common escapes them (model/metric.go). */
const METRIC_NAMES: readonly (readonly [name: string, underscores: string, dots: string, values: string])[] = [
  ['no:escaping_required', 'no:escaping_required', 'no:escaping__required', 'no:escaping_required'],
  ['http.server.duration', 'http_server_duration', 'http_dot_server_dot_duration', 'U__http_2e_server_2e_duration'],
  [
    'mysystem.prod.west.cpu.load_total',
    'mysystem_prod_west_cpu_load_total',
    'mysystem_dot_prod_dot_west_dot_cpu_dot_load__total',
    'U__mysystem_2e_prod_2e_west_2e_cpu_2e_load__total',
  ],
  ['http.status:sum', 'http_status:sum', 'http_dot_status:sum', 'U__http_2e_status:sum'],
  ['label with 😱', 'label_with__', 'label__with____', 'U__label_20_with_20__1f631_'],
  ['花火', '__', '____', 'U___82b1__706b_'],
  ['1a', '_a', '__a', 'U___31_a'],
  ['a1.9', 'a1_9', 'a1_dot_9', 'U__a1_2e_9'],
  ['a-b', 'a_b', 'a__b', 'U__a_2d_b'],
];

test('NAME_SCHEMES escape metric names as the code of prometheus/common does', () => {
  for (const [name, underscores, dots, values] of METRIC_NAMES) {
    assert.equal(NAME_SCHEMES.underscores.metric(name), underscores);
    assert.equal(NAME_SCHEMES.dots.metric(name), dots);
    assert.equal(NAME_SCHEMES.values.metric(name), values);
    assert.equal(NAME_SCHEMES['allow-utf-8'].metric(name), name);
  }
});

test('NAME_SCHEMES escape the colon in label names, where it is not legal', () => {
  assert.equal(NAME_SCHEMES.underscores.label('a:b'), 'a_b');
  assert.equal(NAME_SCHEMES.dots.label('a:b.c'), 'a__b_dot_c');
  assert.equal(NAME_SCHEMES.values.label('a:b'), 'U__a_3a_b');
  assert.equal(NAME_SCHEMES.values.label('a_b'), 'a_b');
});

test('NAME_SCHEMES but allow-utf-8 give names that every version of Prometheus takes', () => {
  const random = new SeededRandom(12);
  for (let i = 0; i < 2000; i++) {
    const name = `${random.text(6)}x`;
    for (const scheme of ['underscores', 'dots', 'values'] as const) {
      assert.ok(isLegacyMetricName(NAME_SCHEMES[scheme].metric(name)), name);
      assert.ok(isLegacyLabelName(NAME_SCHEMES[scheme].label(name)), name);
    }
  }
});

test('NAME_SCHEMES but allow-utf-8 never make a reserved label name of one that a registry takes', () => {
  const random = new SeededRandom(14);
  const names = ['éé1', '_name_', 'éname_', 'é_name__', '_', '__é'.slice(1), '花火', '..', '1_', '_le', 'éle'];
  for (let i = 0; i < 3000; i++)
    names.push(
      Array.from({ length: 1 + random.int(5) }, () =>
        random.pick(['a', '_', '.', '-', 'name', '1', ':', 'é', '😀']),
      ).join(''),
    );
  for (const name of names.filter((each) => !each.startsWith('__'))) {
    for (const scheme of ['underscores', 'dots', 'values'] as const) {
      const escaped = NAME_SCHEMES[scheme].label(name);
      assert.ok(!escaped.startsWith('__') && !['le', 'quantile'].includes(escaped), `${scheme} ${name}`);
    }
  }
  assert.equal(NAME_SCHEMES.dots.label('_name_'), '_name__');
  assert.equal(NAME_SCHEMES.dots.label('.name'), '_dot_name');
});

test('NAME_SCHEMES never make the same of two names that underscores keep apart', () => {
  // Which is why a registry that refuses what underscores make the same needs to ask no other scheme.
  const random = new SeededRandom(13);
  const names = Array.from({ length: 3000 }, () =>
    Array.from({ length: 1 + random.int(4) }, () => random.pick(['a', '_', '.', '-', 'dot', '1', ':', 'é', '😀'])).join(
      '',
    ),
  );
  for (const scheme of ['dots', 'values', 'allow-utf-8'] as const) {
    for (const kind of ['metric', 'label'] as const) {
      const underscoresOf = new Map<string, string>();
      for (const name of names) {
        if (kind === 'label' && name.startsWith('__')) continue; // no registry takes it
        const escaped = NAME_SCHEMES[scheme][kind](name);
        const underscores = NAME_SCHEMES.underscores[kind](name);
        assert.equal(underscoresOf.get(escaped) ?? underscores, underscores, `${scheme} ${kind} ${name}`);
        underscoresOf.set(escaped, underscores);
      }
    }
  }
});
