/** Writes a Markdown table with padded columns, so that it reads well in a terminal too; the first row is the head. */
export function tableOf(rows: readonly (readonly string[])[]): string {
  // Two characters at least: the rule of an empty column is still `-:`.
  const widths = (rows[0] ?? []).map((_, column) => Math.max(2, ...rows.map((row) => (row[column] ?? '').length)));
  const lines = rows.map((row) => lineOf(row.map((cell, column) => padded(cell, column, widths[column] ?? 0))));
  const rule = lineOf(widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)));
  return [lines[0], rule, ...lines.slice(1)].join('\n');
}

function lineOf(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function padded(cell: string, column: number, width: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}
