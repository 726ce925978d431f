/** One block of code of a program, with what the page says that it prints. */
export interface Part {
  readonly code: string;
  printed?: string;
}

/** A program that a page shows, in one block or in several. */
export interface Program {
  /** Where it begins, such as `README.md:31`. */
  readonly place: string;
  readonly language: 'ts' | 'js';
  /** Why it cannot be run, only type-checked. */
  readonly fragment: string | undefined;
  readonly parts: readonly Part[];
}

interface Block {
  readonly language: string;
  readonly body: string;
  readonly fragment: string | undefined;
  readonly line: number;
}

/**
 * Returns the programs of a Markdown page.
 *
 * - A `ts` or `js` block that imports or requires something begins a program, and so does the first one of a page.
 *   Blocks without an import go on with it, so that a page can tell a program bit by bit.
 * - The block after it, if it is `text`, is what it prints; so is the `text` after `curl URL` in an `sh` block, which
 *   becomes a part of the program.
 * - `<!-- fragment: why -->` on the line before a block marks one that cannot be run.
 */
export function programsOfPage(page: string, text: string): Program[] {
  const programs: { place: string; language: 'ts' | 'js'; fragment: string | undefined; parts: Part[] }[] = [];
  let last: Part | undefined;
  for (const { language, body, fragment, line } of blocksOf(text)) {
    const program = programs.at(-1);
    const url = /^curl (\S+)\n$/.exec(body)?.[1];
    if (language === 'ts' || language === 'js') {
      last = { code: body };
      const isWhole = fragment === undefined && program?.fragment === undefined;
      if (isWhole && program?.language === language && !LOADS.test(body)) program.parts.push(last);
      else programs.push({ place: `${page}:${line}`, language, fragment, parts: [last] });
    } else if (language === 'sh' && url !== undefined && last !== undefined) {
      last = { code: `process.stdout.write(await (await fetch('${url}')).text());\n` };
      program?.parts.push(last);
    } else {
      if (language === 'text' && last !== undefined) last.printed = body;
      last = undefined;
    }
  }
  return programs;
}

const LOADS = /^import |\brequire\(/m;

function blocksOf(text: string): Block[] {
  return [...text.matchAll(/^(?:<!-- fragment: (.+?) -->\n)?```(\w+)\n(.*?)^```$/gms)].map((match) => ({
    language: match[2]!,
    body: match[3]!,
    fragment: match[1],
    line: text.slice(0, match.index).split('\n').length,
  }));
}
