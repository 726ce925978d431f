import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { filesBelow } from '../support/files-below.ts';
import { packageRoot } from '../support/package-root.ts';

/** A turn of phrase that reads like a translation, an instance of it, and plain English for that instance. */
interface Turn {
  readonly pattern: RegExp;
  readonly instance: string;
  readonly instead: string;
}

/** A pattern begins a sentence where it says `START`: after a full stop, a heading, a cell, or the start of a comment. */
const START = String.raw`(?<=^|[.:;|] |\/\*\* |# |\/\/ |- |")`;

const TURNS: readonly Turn[] = [
  turn(
    `${START}Whats? [^.,:;?|]{0,60}\\b(is|are) (created|made|built|started) (with|from|of)\\b`,
    'What a counter is created with.',
    'Options for a counter.',
  ),
  turn(
    `${START}What (may|calls|follows|goes|came|makes|it will not|this Node|there is)\\b`,
    'What may pass is tried again',
    'Transient failures are retried',
  ),
  turn(
    `${START}What [^.,:;?|]{0,40} (needs? (of|from)|(can|may) be told)\\b`,
    'What a source needs from its aggregator.',
    'The parts of the aggregator that a source uses.',
  ),
  turn(
    `${START}(Whoever|Whatever) \\w+s\\b`,
    'Whatever writes bytes is loaded with the first scrape',
    'Encoders load on the first scrape',
  ),
  turn(
    `${START}Of (how|what|which|whom|both)\\b`,
    'Of how many series of a family it is kept what was written',
    'How many series per family are cached',
  ),
  turn(
    `${START}When which\\b`,
    'When which scraper comes, so that the last one can be waited for.',
    'Tracks when each scraper comes.',
  ),
  turn(
    `${START}That (it|the|an?) [^.?]{1,60} has been\\b`,
    'That the certificate is valid has been seen to by the handshake.',
    'The TLS handshake has already validated the certificate.',
  ),
  turn(
    `${START}(Kept|\\w+ed) it is\\b`,
    'Kept it is not: that would be 50 bytes a series',
    'Not cached: it would cost 50 bytes per series',
  ),
  turn(`${START}Takes? away\\b`, 'Takes away 1, or `amount`.', 'Subtracts 1, or `amount`.'),
  turn('\\b(that|which) (is|are) none\\b', 'Throws on labels that are none.', 'Throws if the labels are invalid.'),
  turn('\\banew\\b', 'Tries everything anew.', 'Tries everything again.'),
  turn(
    '\\btold (of|afresh)\\b|\\bthat is told so\\b',
    'Told afresh, what was refused may find its name free.',
    'A full report may succeed now.',
  ),
  turn(
    '\\b(say|says|tell|tells) of (itself|themselves|its|their)\\b',
    'what the server says of itself',
    "the server's own metrics",
  ),
  turn(
    '\\bwhat there is to\\b|\\bvalues apart\\b',
    'What there is to say of a metric, values apart.',
    "A metric's metadata.",
  ),
  turn(
    '\\bnothing else can be said\\b|\\bthese labels and nothing else\\b',
    'Nothing else can be said of FinPilot until then',
    'All other alerts are suppressed until then',
  ),
  turn('\\bup to no good\\b', 'What has more names is up to no good.', 'More than that is hostile.'),
  turn('\\bmend(s|ed|ing)?\\b', 'Mend what it names.', 'Fix the problem reported above.'),
  turn('\\b(can|could|cannot|not to) be had\\b', 'those that can be had', 'those that are available'),
  turn('\\bless by chance\\b|\\bmore by chance\\b', 'up to half of it less by chance', 'with up to 50 % jitter'),
  turn('\\bnothing of both\\b', 'Nothing of both keeps a process alive.', 'Neither keeps the process alive.'),
  turn('\\bis what is now\\b', 'a gauge is what is now', 'a gauge is the current value'),
  turn('\\bthat nobody can\\b|\\basks? nobody\\b', 'from a clock that nobody can set', 'from the monotonic clock'),
  turn('\\bthat are not ours\\b', 'Messages that are not ours are left alone.', 'Other messages are ignored.'),
  turn(
    '\\bthe better first\\b',
    'the encodings of this Node, the better first',
    'the encodings of this Node, best first',
  ),
  turn(
    "\\bstands? in for prom-client\\b|\\bin prom-client's place\\b",
    'It can stand in for prom-client.',
    'It is a drop-in replacement for prom-client.',
  ),
  turn(
    '\\bfor which that is enough\\b|\\bthat cannot read them\\b',
    'keep to the syntax for which that is enough',
    'use erasable syntax only',
  ),
  turn(
    '\\bthat is taken rejects\\b|\\bthat this user may open\\b',
    'A port that is taken rejects with an error',
    'If the port is taken, the promise rejects',
  ),
  turn(
    '\\bUpdates beyond (that )?go\\b',
    'Updates beyond go to one series',
    'Further updates go to a single overflow series',
  ),
  turn(
    '\\bwhoever (imports|echoes|looks|reads|asks)\\b',
    'whoever imports it gets its names',
    'an import of it gets its names',
  ),
  turn('\\b(is|are) what (is|are) shown\\b', 'The older is what is shown.', 'Reads return the older.'),
  turn('\\bSeen through are\\b', 'Seen through are encodings of all kinds', 'This covers encodings of all kinds'),
  turn('\\bof which nobody knows\\b', 'one of which nobody knows whether it arrived', 'one that may have arrived'),
  turn('\\bOther than in prom-client\\b', 'Other than in prom-client', 'Differences from prom-client'),
  turn(
    `${START}How (OpenMetrics|protobuf|text) is asked for`,
    'How OpenMetrics is asked for.',
    'The `Accept` header for OpenMetrics.',
  ),
];

function turn(pattern: string, instance: string, instead: string): Turn {
  return { pattern: new RegExp(pattern, pattern.startsWith(START) ? 'gmu' : 'gimu'), instance, instead };
}

/** The turns in a text, each as its line and its words. Words of one phrase may stand on two lines of a comment. */
function turnsIn(text: string, turns = TURNS): string[] {
  // Line ends and comment marks become as many blanks, so that places stay what they are; an empty line stays.
  const joined = text.replace(/(?<!\n)\n(?=[^\n])[ \t]*(?:\*(?!\/)|\/\/|#(?!#))?/g, (mark) => ' '.repeat(mark.length));
  const prose = joined.replace(
    /([^\s.:;|]) {2,}/g,
    (blanks, before: string) => `${before} ${'\0'.repeat(blanks.length - 2)}`,
  );
  return turns.flatMap(({ pattern }) =>
    [...prose.matchAll(new RegExp(pattern.source.replaceAll(' ', ' \\0*'), pattern.flags))].map(
      ({ 0: words, index }) => `${text.slice(0, index).split('\n').length}: "${words.replaceAll('\0', '')}"`,
    ),
  );
}

const root = packageRoot();
const PLACES = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'docs',
  'lib',
  'monitoring',
  'bench',
  '.ci',
];
/** Made from other files that are read here; dependencies; other people's texts. */
const IS_LEFT_OUT = /node_modules|embedded\.ts$|^docs\/api\/|\/prices\//;
const files = PLACES.flatMap((place) =>
  statSync(join(root, place)).isDirectory() ? filesBelow(join(root, place)).map((path) => `${place}/${path}`) : [place],
).filter((path) => /\.(md|ts|mjs|yml|sh|css|html)$|dashboard\.json$|\/run$/.test(path) && !IS_LEFT_OUT.test(path));

test('Comments, messages and documents are free of turns that read like a translation', () => {
  assert.ok(files.length > 200 && files.every((path) => existsSync(join(root, path))));
  const found = files.flatMap((path) => turnsIn(readFileSync(join(root, path), 'utf8')).map((hit) => `${path}:${hit}`));
  assert.deepEqual(found, []);
});

test('Each turn is found where it stands, also across two lines of a comment, and plain English is not', () => {
  for (const searched of TURNS) {
    const { instance, instead } = searched;
    const [first = '', ...rest] = instance.split(' ');
    assert.notDeepEqual(turnsIn(`one\n/** ${instance} */\n`, [searched]), [], instance);
    for (let i = 1; i < rest.length; i++) {
      const broken = `/**\n * ${[first, ...rest.slice(0, i)].join(' ')}\n * ${rest.slice(i).join(' ')}\n */\n`;
      assert.notDeepEqual(turnsIn(broken, [searched]), [], broken);
    }
    assert.deepEqual(turnsIn(`/** ${instead} */`), []);
  }
  assert.match(turnsIn('one\ntwo\nTries it anew.')[0]!, /^3: "anew"$/);
});
