/** Label values that break careless keys, property look-ups, escaping or encoding. All distinct. */
export const NASTY_LABEL_VALUES: readonly string[] = [
  '', ' ', '|', ',', ':', ';', '=', '"', '\\', '\\"', '\n', '\\n', '\r', '\t', '\0', '\0\0', '\x7f', '{', '}', '#', '# EOF',
  'a|b', 'a,b', 'a:b', 'a', 'b', '1', '1.0', '01', 'true', 'null', 'undefined', 'NaN', '[object Object]', 'overflow',
  '__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', 'length', 'le', '+Inf',
  '\ud800', '\udfff', '\udc00', '\ud83d', '\ud800\ud800', '\ufffd', '\ufffdd800', '\ufffdfffdd800', '😀', '👩‍💻', 'é', 'e\u0301',
  '漢', '\u2028', '\ufeff', '\uffff', 'x'.repeat(5000),
];
