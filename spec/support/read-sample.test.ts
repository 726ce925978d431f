import { declareRefusals } from './declare-refusals.ts';
import type { RefusalCase } from './declare-refusals.ts';

const NO_VALUES = [
  'nan', 'Nan', 'Infinity', 'Inf', 'inf', '+inf', '-Infinity', '0x10', '1_000', '1,5', '+1', '.5', '5.', '01', '1e',
  '1e999', '-1e999', '--1', '1n', 'true', 'undefined', '\u0661',
];

declareRefusals([
  ['a bad metric name', '1a 1\n', '1: expected a metric name, got "1a"'],
  ['a metric name beyond ASCII', 'é 1\n', '1: expected a metric name, got "é"'],
  ['a quoted metric name', '{"a.b"} 1\n', '1: expected a metric name, got ""'],
  ['a bad label name', 'a{1b="c"} 1\n', '1: expected a label name, got "1b"'],
  ['a colon in a label name', 'a{b:c="d"} 1\n', '1: expected a label name, got "b:c"'],
  ['a blank before a label name', 'a{b="c", d="e"} 1\n', '1: expected a label name, got " d"'],
  ['a blank after a label name', 'a{b ="c"} 1\n', '1: expected a label name, got "b "'],
  ['a blank before the braces', 'a {b="c"} 1\n',
    '1: expected a value: a decimal number, NaN, +Inf or -Inf, got "{b=\\"c\\"}"'],
  ['the label __name__', 'a{__name__="b"} 1\n', '1: expected a label name other than the reserved one, got "__name__"'],
  ['a label name twice', 'a{b="c",d="e",b="f"} 1\n', '1: expected each label name once in a sample, got "b"'],
  ['empty braces', 'a{} 1\n', '1: expected a label name (no empty braces, no trailing comma), got ""'],
  ['a trailing comma', 'a{b="c",} 1\n', '1: expected a label name (no empty braces, no trailing comma), got ""'],
  ['two commas', 'a{b="c",,d="e"} 1\n', '1: expected a label name (no empty braces, no trailing comma), got ""'],
  ['braces that do not close', 'a{b="c" 1\n',
    '1: expected , or } after the value of b (a quote inside a value is \\"), got " 1"'],
  ['braces that end with the line', 'a{\n', '1: expected a label name (no empty braces, no trailing comma), got ""'],
  ['a label without a value', 'a{b} 1\n', '1: expected =" after the label name b, got "} 1"'],
  ['a value without quotes', 'a{b=c} 1\n', '1: expected =" after the label name b, got "=c} 1"'],
  ['a value in single quotes', "a{b='c'} 1\n", '1: expected =" after the label name b, got "=\'c\'} 1"'],
  ['an unescaped quote', 'a{b="c"d"} 1\n',
    '1: expected , or } after the value of b (a quote inside a value is \\"), got "d\\"} 1"'],
  ['an unescaped newline', 'a{b="c\nd"} 1\n',
    '1: expected a closing quote after the value of b (a newline inside a value is \\n), got "c"'],
  ['an unescaped backslash at the end of a value', 'a{b="\\"} 1\n',
    '1: expected a closing quote after the value of b (a newline inside a value is \\n), got "\\\\\\"} 1"'],
  ['a bad escape in a value', 'a{b="c\\t"} 1\n',
    '1: expected one of the escapes \\\\ \\" \\n in a label value, got "\\\\t"'],
  ['an escaped emoji', 'a{b="\\😀"} 1\n', '1: expected one of the escapes \\\\ \\" \\n in a label value, got "\\\\😀"'],

  ['a missing value', 'a\n', '1: expected one space and a value after the series, got ""'],
  ['a missing value after labels', 'a{b="c"}\n', '1: expected one space and a value after the series, got ""'],
  ['a value that touches the braces', 'a{b="c"}1\n', '1: expected one space and a value after the series, got "1"'],
  ...NO_VALUES.map((value): RefusalCase => [
    `the value ${value}`,
    `a ${value}\n`,
    `1: expected a value: a decimal number, NaN, +Inf or -Inf, got "${value}"`,
  ]),
  ['a fraction as timestamp', 'a 1 1.5\n', '1: expected a timestamp in whole milliseconds, got "1.5"'],
  ['a timestamp that a double cannot hold', 'a 1 9007199254740993\n',
    '1: expected a timestamp in whole milliseconds, got "9007199254740993"'],
  ['an exemplar', 'a 1 # {b="c"} 1\n', '1: expected nothing after value and timestamp, got "{b=\\"c\\"} 1"'],
]);
