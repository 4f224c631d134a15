/** The parameters of a comparison, and what a request with them asks for. */
import { type Static, type TObject, Type } from '@sinclair/typebox'
import { MAX_DATE_TIME_LENGTH } from '../../base/date-time.ts'
import { invalidParameter } from '../../base/errors.ts'
import type { TimeZone } from '../../base/time-zone.ts'
import { choice } from '../schemas.ts'
import {
  type Alignment,
  ALIGNMENTS,
  type ComparedRange,
  comparedRange,
  type ComparisonKind,
  COMPARISONS,
} from '../time/comparison-range.ts'
import { resolveDates, type TimeRange } from '../time/time-range.ts'

const DEFAULT_ALIGNMENT = 'weekday'

/** The parameters of every dashboard that compare its range with an older one. None but `compare` has a default that the framework would fill in: they need it. */
export const comparisonParameters = () => ({
  compare: Type.Optional({
    ...choice(
      COMPARISONS,
      'The older range to compare with. `previous` is the one before, `year` the one a year before, `custom` the one from `compareStart` to `compareEnd`. While the range has not ended, both end at the same local time.',
      'none',
    ),
    // All examples together are a valid request.
    examples: ['custom'],
  }),
  align: Type.Optional(
    choice(
      ALIGNMENTS,
      `How the older range is chosen for \`previous\` and \`year\`, \`${DEFAULT_ALIGNMENT}\` without it. \`weekday\`: whole weeks earlier, so that weekdays meet. \`date\`: the days directly before, or the same dates a year before. Needs \`compare\`.`,
    ),
  ),
  compareStart: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: MAX_DATE_TIME_LENGTH,
      description: 'First day or instant of the older range, written like `startDate`. With `compare=custom` only.',
      examples: ['2026-01-19'],
    }),
  ),
  compareEnd: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: MAX_DATE_TIME_LENGTH,
      description:
        'Last day or instant of the older range, written like `endDate` and included as a whole. With `compare=custom` only; at most 2 years behind `compareStart`.',
      examples: ['2026-01-21'],
    }),
  ),
})

/** The names of these parameters: they choose no events of the range. */
export const COMPARISON_PARAMETERS = Object.keys(comparisonParameters())

/** The values of these parameters in a request. */
export type ComparisonParameters = {
  readonly [Name in keyof ReturnType<typeof comparisonParameters>]?:
    Static<TObject<ReturnType<typeof comparisonParameters>>>[Name] | undefined
}

/** What a range is compared with. */
export interface Comparison extends ComparedRange {
  readonly compare: ComparisonKind
  /** `date` for `custom`, whose dates move by the distance of the two starts. */
  readonly align: Alignment
}

/** The comparison that a request asks for; undefined for none. Throws a VALIDATION_ERROR that names the parameter. */
export function resolveComparison(
  { compare = 'none', align, compareStart, compareEnd }: ComparisonParameters,
  range: TimeRange,
  zone: TimeZone,
): Comparison | undefined {
  if (compare === 'none' && align !== undefined) throw invalidParameter('align', 'align needs compare beside it.')
  if (compare !== 'custom') {
    for (const [name, value] of Object.entries({ compareStart, compareEnd }))
      if (value !== undefined) throw invalidParameter(name, `${name} needs compare=custom beside it.`)
    if (compare === 'none') return undefined
    const alignment = align ?? DEFAULT_ALIGNMENT
    return { compare, align: alignment, ...comparedRange(range, zone, { compare, align: alignment }) }
  }
  if (compareStart === undefined) throw invalidParameter('compareStart', 'compare=custom needs compareStart.')
  if (compareEnd === undefined) throw invalidParameter('compareEnd', 'compare=custom needs compareEnd.')
  const older = resolveDates(['compareStart', compareStart], ['compareEnd', compareEnd], zone)
  return { compare, align: 'date', ...comparedRange(range, zone, { compare, older }) }
}
