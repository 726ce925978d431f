import { refusal } from './refusal.ts';

/** Returns `name` if it is a metric name of text 0.0.4, and throws a SyntaxError otherwise. */
export function requireMetricName(name: string, line: number): string {
  if (!/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name)) throw refusal(line, 'a metric name', name);
  return name;
}
