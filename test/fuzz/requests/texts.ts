import { fc } from '../../support/base/properties.ts'

/** Texts with a meaning for a component on the way: the engine, the broker, a shell, a page, a log, the address itself. */
const FRAGMENTS = [
  ...["'", "''", '"', '`', '\\', "\\'", '\\\\', ';', '--', '/*', '*/', '#', '(', ')', ',', ' ', '\n', '\r\n', '\t'],
  ...[
    '{}',
    '{tenant:String}',
    '{start:Int64}',
    '{x:Identifier}',
    '${x}',
    '%s',
    '%27',
    '$(id)',
    '|',
    '&',
    '=',
    '+',
    '%',
  ],
  ...[' OR 1=1', " OR '1'='1", ' UNION ALL SELECT * FROM system.tables', '; DROP TABLE x', " INTO OUTFILE '/x'"],
  ...["file('/etc/passwd')", "url('http://127.0.0.1/')", ' FORMAT JSON', ' SETTINGS readonly=0', 'sleep(3)', 'NULL'],
  ...[
    '<script>',
    '${jndi:ldap://x}',
    '../../',
    '__proto__',
    'ʼ',
    '＇',
    '\u202e',
    '\ufeff',
    '\u2028',
    '😀',
    '\x1b[2J',
    '\x7f',
  ],
] as const

/** A text that exploits concatenation without escaping. It contains no NUL, which is refused everywhere except in ids. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(...FRAGMENTS), { minLength: 1, maxLength: 8 })
  .map((pieces) => pieces.join(''))

/** Letters that look like others, or that case folding turns into others. */
const LOOK_ALIKES: Readonly<Record<string, string>> = {
  ...{
    a: 'а',
    c: 'с',
    d: 'ԁ',
    e: 'е',
    h: 'һ',
    i: 'ı',
    k: 'K',
    m: 'ｍ',
    o: 'о',
    p: 'р',
    s: 'ſ',
    u: 'υ',
    w: 'ԝ',
    y: 'у',
  },
  ...{ '0': '０', '1': '１', '3': '３', '7': '７', '9': '９', '/': '∕', A: 'Α', B: 'Β', E: 'Ε', U: 'Ｕ' },
}

/** Modifications that make a value invalid. */
const DISTORTIONS: readonly ((value: string) => string)[] = [
  (value) => value.toUpperCase(),
  (value) => value.charAt(0).toUpperCase() + value.slice(1),
  (value) => value.slice(0, -1),
  (value) => value.slice(1),
  (value) => `${value}${value.at(-1)}`,
  (value) => `${value}x`,
  (value) => ` ${value}`,
  (value) => `${value} `,
  (value) => `${value}\n`,
  (value) => `${value}\0`,
  (value) => `\0${value}`,
  (value) => `${value}\u200b`,
  (value) => `\ufeff${value}`,
  (value) => `${value}\u0301`,
  (value) => value.replace(/./g, (letter) => LOOK_ALIKES[letter] ?? letter),
  (value) => `"${value}"`,
  (value) => `'${value}'`,
  (value) => `${value},${value}`,
  (value) => `[${value}]`,
  (value) => `${value};--`,
  (value) => `${value}' OR '1'='1`,
  (value) => `${value}%00`,
  (value) => encodeURIComponent(`/${value}`),
  (value) => `../${value}`,
]

/** A text that is similar to one of the values and equal to none of them. */
export function nearMisses(values: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...values), fc.constantFrom(...DISTORTIONS))
    .map(([value, distort]) => distort(value))
    .filter((text) => !values.includes(text))
}
