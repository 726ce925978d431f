import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The price of a symbol at the end of a day, or of a month. */
export interface Bar {
  /** As `2000-01-03`, so that dates are ordered as texts are. */
  readonly date: string;
  readonly close: number;
}

/** The bars of each symbol, the oldest first. */
export type Prices = ReadonlyMap<string, readonly Bar[]>;

/** Reads the real prices beside this file: the S&P 500 daily, 2000 to 2020, and five stocks monthly, 2000 to 2010. */
export async function readPrices(folder = pricesFolder()): Promise<Prices> {
  const [index, stocks] = await Promise.all([
    readFile(join(folder, 'sp500-2000.csv'), 'utf8'),
    readFile(join(folder, 'stocks.csv'), 'utf8'),
  ]);
  return new Map([['SP500', parseIndex(index)], ...parseStocks(stocks)]);
}

/** Parses rows of `date,open,high,low,close,…`. */
export function parseIndex(csv: string): Bar[] {
  return rowsOf(csv).map(([date = '', , , , close]) => toBar(date, close));
}

/** Parses rows of `symbol,date,price`, the date as `Jan 1 2000`. */
export function parseStocks(csv: string): Map<string, Bar[]> {
  const stocks = new Map<string, Bar[]>();
  for (const [symbol = '', date = '', price] of rowsOf(csv)) {
    const bars = stocks.get(symbol) ?? [];
    bars.push(toBar(isoDate(date), price));
    stocks.set(symbol, bars);
  }
  return stocks;
}

function rowsOf(csv: string): string[][] {
  const lines = csv.trim().split('\n');
  return lines.slice(1).map((line) => line.trim().split(','));
}

function toBar(date: string, price: string | undefined): Bar {
  const close = Number(price);
  if (/^\d{4}-\d\d-\d\d$/.test(date) && close > 0) return { date, close };
  throw new SyntaxError(`Cannot read prices: expected a date and a price above 0, got "${date}" and "${price}".`);
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function isoDate(date: string): string {
  const [month = '', day = '', year = ''] = date.split(' ');
  return `${year}-${String(MONTHS.indexOf(month) + 1).padStart(2, '0')}-${day.padStart(2, '0')}`;
}

/** Compiled code runs from `dist/`, where no prices are, so look for them from each folder above this file. */
function pricesFolder(): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const prices = join(folder, 'docs/examples/scanner/prices');
    if (existsSync(prices)) return prices;
    if (folder === dirname(folder)) throw new Error(`Cannot find the prices above ${import.meta.dirname}.`);
  }
}
