import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seriesTitle } from '../../../lib/page/text/series-title.ts';

test('seriesTitle() is the series as the exposition has it', () => {
  assert.equal(seriesTitle({ name: 'a', labels: [] }), 'a');
  assert.equal(
    seriesTitle({
      name: 'a',
      labels: [
        ['x', '1'],
        ['y', '"'],
      ],
    }),
    'a{x="1", y="\\""}',
  );
});
