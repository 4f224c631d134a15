/** What an analysis shows as a text in the address, and how its untrusted parts are read. */
import type { FilterLeaf, FilterTree } from '../../analytics/filter/filter-tree.ts'
import { DIMENSION_NAMES } from '../../analytics/dimensions.ts'

/** An unknown value whose parts are read one by one. */
export type Untrusted = Readonly<Record<string, unknown>>

/** An event type: the last part of some is chosen by the producer. */
const EVENT = /^[a-z0-9_]{1,100}$/
const OPERATORS = ['in', 'notIn', 'exists'] as const
const MAX_DEPTH = 5
const MAX_NAME_LENGTH = 100

/** The object that a text of the address contains; empty for anything else. */
export function parseDefinition(text: string | undefined): Untrusted {
  try {
    return objectOf(JSON.parse(text ?? '{}'))
  } catch {
    return {}
  }
}

export function objectOf(value: unknown): Untrusted {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Untrusted) : {}
}

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** The value if it is one of the choices, otherwise the first of them. */
export function choiceOf<const Choice>(choices: readonly Choice[], value: unknown): Choice {
  return choices.find((choice) => choice === value) ?? choices[0]!
}

export function eventOf(value: unknown): string | undefined {
  return typeof value === 'string' && EVENT.test(value) ? value : undefined
}

export function nameOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, MAX_NAME_LENGTH) : undefined
}

/** A whole number between two bounds, otherwise the fallback. */
export function numberOf(value: unknown, [least, largest]: readonly [number, number], fallback: number): number {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= largest ? value : fallback
}

/** A filter of the form that the service accepts; undefined for anything else. */
export function filterOf(value: unknown, depth = 1): FilterTree | undefined {
  const node = objectOf(value)
  if (depth > MAX_DEPTH) return undefined
  if ('not' in node) {
    const part = filterOf(node['not'], depth + 1)
    return part && { not: part }
  }
  const combination = 'and' in node ? 'and' : 'or' in node ? 'or' : undefined
  if (combination === undefined) return leafOf(node)
  const parts = listOf(node[combination]).map((part) => filterOf(part, depth + 1))
  const known = parts.filter((part) => part !== undefined)
  if (known.length === 0 || known.length < parts.length) return undefined
  return combination === 'and' ? { and: known } : { or: known }
}

function leafOf({ dimension, operator, values }: Untrusted): FilterLeaf | undefined {
  const name = DIMENSION_NAMES.find((each) => each === dimension)
  const known = OPERATORS.find((each) => each === operator)
  if (name === undefined || known === undefined) return undefined
  if (known === 'exists') return { dimension: name, operator: known }
  const list = listOf(values).filter((each) => typeof each === 'string' || typeof each === 'number')
  return list.length > 0 ? { dimension: name, operator: known, values: list } : undefined
}
