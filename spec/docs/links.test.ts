import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { filesBelow } from '../support/files-below.ts';
import { packageRoot } from '../support/package-root.ts';

const root = packageRoot();
const docs = filesBelow(join(root, 'docs')).filter((path) => path.endsWith('.md'));
const pages = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', ...docs.map((path) => `docs/${path}`)];

/** The targets of the links of a page that are not on another host, such as `metrics.md#default-metrics`. */
function linksOf(page: string): string[] {
  const text = readFileSync(join(root, page), 'utf8').replace(/^```.*?^```$/gms, '');
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => !/^\w+:/.test(target));
}

/** The anchors of a page's headings where pages are read: lower case, without punctuation, `-` for a space. */
function anchorsOf(path: string): string[] {
  const text = readFileSync(path, 'utf8').replace(/^```.*?^```$/gms, '');
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

for (const page of pages) {
  test(`${page} links to files and headings that are there`, () => {
    for (const link of linksOf(page)) {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? join(root, page) : join(root, dirname(page), path);
      assert.ok(existsSync(target), `${link}: there is no ${relative(root, target)}`);
      if (anchor === undefined || statSync(target).isDirectory()) continue;
      assert.ok(anchorsOf(target).includes(anchor), `${link}: no heading there is "${anchor}"`);
    }
  });
}
