/** The forms an answer may have, each with its media type. The first is the default. */
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
  // `text/csv`, or one with stars.
  readonly name: string
  readonly weight: number
}

/**
 * The format of an answer: the parameter's if there is one, else what the Accept header likes best (RFC 9110, 12.5.1). Of what it likes equally well, what it names
 * more closely comes first, then what it names earlier, then JSON. JSON too when nothing fits: a client that never said what it takes must not break.
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

/** A part of the header that cannot be read is none. */
function parseMediaRange(text: string): MediaRange[] {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim())
  const name = MEDIA_RANGE.exec(range)?.[0].toLowerCase()
  const weightText = parameters.find((parameter) => /^q=/i.test(parameter)) ?? 'q=1'
  const weight = WEIGHT.exec(weightText)?.[1]
  return name === undefined || weight === undefined ? [] : [{ name, weight: Number(weight) }]
}

/** How well a media type fits: by the range that names it most closely, whatever the others say. */
function bestMatchOf(type: string, ranges: readonly MediaRange[]) {
  const names = ['*/*', `${type.split('/')[0]}/*`, type]
  for (const closeness of [2, 1, 0]) {
    const place = ranges.findIndex(({ name }) => name === names[closeness])
    if (place !== -1) return { weight: ranges[place]!.weight, closeness, place }
  }
  return { weight: 0, closeness: 0, place: 0 }
}
