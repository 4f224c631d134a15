/** Filters and their values in the words of the page. */
import { signal } from '@preact/signals'
import { type DimensionName, FILTER_DIMENSIONS } from '../../analytics/dimensions.ts'
import { WEEKDAYS } from '../../analytics/time/buckets.ts'
import { hourName, weekdayName } from '../format/dates.ts'
import { messages } from '../messages/messages.ts'
import type { Filter } from './filter.ts'

/** The names of campaigns, workflows, … that the page has seen, by dimension and id. */
const names = signal<ReadonlyMap<string, string>>(new Map())

/** Remembers the names of entities, so that a filter shows them in place of ids. */
export function rememberNames(
  dimension: DimensionName,
  entities: Iterable<{ readonly id: string; readonly name: string }>,
): void {
  const next = new Map(names.peek())
  for (const { id, name } of entities) next.set(`${dimension} ${id}`, name)
  if (next.size > names.peek().size) names.value = next
}

/** Whether a filter contains ids whose names the page has not seen. */
export function lacksNames({ dimension, values }: Filter): boolean {
  const isNamed = FILTER_DIMENSIONS.some((name) => name !== 'channel' && name === dimension)
  return isNamed && values.some((value) => !names.peek().has(`${dimension} ${value}`))
}

/** One value of a dimension. */
export function valueText(dimension: DimensionName, value: string): string {
  const { channels, actorClasses, bounceClasses } = messages()
  const texts: Partial<Record<DimensionName, Readonly<Record<string, string>>>> = {
    channel: channels,
    actorClass: actorClasses,
    bounceClass: bounceClasses,
  }
  const known = texts[dimension]
  if (known && Object.hasOwn(known, value)) return known[value]!
  if (dimension === 'dayOfWeek') {
    const weekday = (WEEKDAYS as readonly string[]).indexOf(value)
    return weekday === -1 ? value : weekdayName(weekday, 'long')
  }
  if (dimension === 'hourOfDay' && /^\d{1,2}$/.test(value)) return hourName(Number(value))
  return names.value.get(`${dimension} ${value}`) ?? value
}

const MAX_SHOWN_VALUES = 3

/** What a filter lets through, such as "Email, SMS" or "not Email". */
export function conditionText({ dimension, operator, values }: Filter): string {
  const { filters } = messages()
  if (operator === 'exists') return filters.anyValue
  if (operator === 'missing') return filters.noValue
  const shown = values.slice(0, MAX_SHOWN_VALUES).map((value) => valueText(dimension, value))
  const more = values.length - shown.length
  const list = [...shown, ...(more > 0 ? [`+${more}`] : [])].join(', ')
  return operator === 'notIn' ? filters.not(list) : list
}
