/** The formats of a response with their media types. The first one is the default. */
export const MEDIA_TYPES = {
  json: 'application/json',
  csv: 'text/csv',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
} as const
export type ResponseFormat = keyof typeof MEDIA_TYPES
export type ExportFormat = Exclude<ResponseFormat, 'json'>

export const RESPONSE_FORMATS = ['json', 'csv', 'xlsx'] as const satisfies readonly ResponseFormat[]

const MEDIA_RANGE = /^[\w!#$&^.+*-]+\/[\w!#$&^.+*-]+$/
const WEIGHT = /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/i

interface MediaRange {
  // `text/csv`, `text/*` or `*/*`.
  readonly name: string
  readonly weight: number
}

/**
 * The format of a response: that of the parameter if there is one, otherwise the preferred one of the Accept header (RFC 9110, 12.5.1). Among equally preferred formats,
 * the one with the more specific media range comes first, then the one that is named first, then JSON. The format is also JSON when no format is acceptable, because
 * clients that send no fitting header must keep working.
 */
export function negotiateFormat(requested: ResponseFormat | undefined, accept: string | null): ResponseFormat {
  if (requested !== undefined) return requested
  if (accept === null) return 'json'
  const ranges = accept.split(',').flatMap(parseMediaRange)
  const [best] = RESPONSE_FORMATS.map((format) => ({ format, ...bestMatchOf(MEDIA_TYPES[format], ranges) }))
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight || b.closeness - a.closeness || a.place - b.place)
  return best?.format ?? 'json'
}

/** A part of the header that cannot be parsed is ignored. */
function parseMediaRange(text: string): MediaRange[] {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim())
  const name = MEDIA_RANGE.exec(range)?.[0].toLowerCase()
  const weightText = parameters.find((parameter) => /^q=/i.test(parameter)) ?? 'q=1'
  const weight = WEIGHT.exec(weightText)?.[1]
  return name === undefined || weight === undefined ? [] : [{ name, weight: Number(weight) }]
}

/** The weight of a media type: that of the most specific range that includes it. */
function bestMatchOf(type: string, ranges: readonly MediaRange[]) {
  const names = ['*/*', `${type.split('/')[0]}/*`, type]
  for (const closeness of [2, 1, 0]) {
    const place = ranges.findIndex(({ name }) => name === names[closeness])
    if (place !== -1) return { weight: ranges[place]!.weight, closeness, place }
  }
  return { weight: 0, closeness: 0, place: 0 }
}
