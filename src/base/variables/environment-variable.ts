/**
 * Types of environment variables. Pure: texts in, values and problems out.
 */

/** The problem of a text, as the rest of a sentence that begins with the name of the variable: `must be …`. */
export class VariableProblem {
  readonly sentence: string

  constructor(sentence: string) {
    this.sentence = sentence
  }
}

export interface VariableType<Value> {
  /** Reads a text that is not empty. The problem never contains the text, which may be a secret. */
  parse(text: string): Value | VariableProblem
  /** Whether surrounding spaces belong to the value. */
  readonly isVerbatim?: boolean
}

/** A variable: its name, its type, its value when it is not set, and its meaning as the documentation describes it (Markdown). */
export interface EnvironmentVariable<Value, Default = Value | undefined> {
  readonly name: string
  readonly type: VariableType<Value>
  readonly default: Default
  /** How the documentation shows the default, where the value itself does not say it. */
  readonly defaultText?: string
  readonly help: string
}

type Variables = Readonly<Record<string, EnvironmentVariable<unknown, unknown>>>

/** The values of a list of variables, by the keys of the list. */
export type VariableValues<List extends Variables> = {
  readonly [Key in keyof List]:
    (List[Key]['type'] extends VariableType<infer Value> ? Value : never) | List[Key]['default']
}

export type Environment = Readonly<Record<string, string | undefined>>

/** Reads every variable of a list; an empty text counts as unset. A variable with a problem has its default. */
export function readVariables<List extends Variables>(
  variables: List,
  environment: Environment,
): { readonly values: VariableValues<List>; readonly problems: readonly string[] } {
  const problems: string[] = []
  const values = Object.entries(variables).map(([key, { name, type, default: defaultValue }]) => {
    const text = type.isVerbatim ? environment[name] : environment[name]?.trim()
    const value = text ? type.parse(text) : defaultValue
    if (!(value instanceof VariableProblem)) return [key, value]
    problems.push(`${name} ${value.sentence}`)
    return [key, defaultValue]
  })
  return { values: Object.fromEntries(values) as VariableValues<List>, problems }
}

export const text: VariableType<string> = { parse: (value) => value }

/** A text that may begin or end with a space. */
export const secret: VariableType<string> = { parse: (value) => value, isVerbatim: true }

export function secretOfBytes(minBytes: number): VariableType<string> {
  return {
    isVerbatim: true,
    parse: (value) =>
      new TextEncoder().encode(value).byteLength < minBytes
        ? new VariableProblem(`must be at least ${minBytes} bytes long.`)
        : value,
  }
}

export function integer(min: number, max: number): VariableType<number> {
  return {
    parse: (value) =>
      /^\d{1,9}$/.test(value) && Number(value) >= min && Number(value) <= max
        ? Number(value)
        : new VariableProblem(`must be a whole number from ${min} to ${max}.`),
  }
}

/** A text of a form; `rule` completes the sentence `NAME must be …`. */
export function matching(pattern: RegExp, rule: string): VariableType<string> {
  return { parse: (value) => (pattern.test(value) ? value : new VariableProblem(`must be ${rule}.`)) }
}

export function oneOf<Value extends string>(...values: readonly Value[]): VariableType<Value> {
  return {
    parse: (value) =>
      values.find((candidate) => candidate === value) ?? new VariableProblem(`must be one of ${values.join(', ')}.`),
  }
}

/** An address that starts with one of the protocols, such as `http:`. */
/** `true` or `false`. */
export const flag: VariableType<boolean> = {
  parse: (value) => value === 'true' || (value === 'false' ? false : new VariableProblem('must be true or false.')),
}

export function url(...protocols: readonly string[]): VariableType<string> {
  return {
    parse(value) {
      const parsed = URL.canParse(value) ? new URL(value) : undefined
      return parsed && parsed.hostname !== '' && protocols.includes(parsed.protocol)
        ? value
        : new VariableProblem(`must be a URL that starts with ${protocols.map((each) => `${each}//`).join(' or ')}.`)
    },
  }
}

/** Items between commas; the rule completes the sentence `NAME must be …`. Empty items are left out. */
export function list<Item>(parseItem: (item: string) => Item | undefined, rule: string): VariableType<readonly Item[]> {
  return {
    parse(value) {
      const items = splitList(value).map(parseItem)
      const valid = items.filter((item) => item !== undefined)
      return valid.length === items.length ? valid : new VariableProblem(`must be ${rule}.`)
    },
  }
}

/** The items between the commas of a text, without spaces around them and without empty ones. */
export function splitList(value: string): string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}
