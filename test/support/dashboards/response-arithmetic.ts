type Fields = Readonly<Record<string, unknown>>

/** The names of a rate, its numerator and its denominator in an object of a response. */
const RATES: readonly (readonly [rate: string, numerator: string, denominator: string])[] = [
  ['deliveryRate', 'delivered', 'sent'],
  ['bounceRate', 'bounced', 'sent'],
  ['openRate', 'opened', 'delivered'],
  ['clickRate', 'clicked', 'delivered'],
  ['deliveryRate', 'totalDelivered', 'totalMessagesSent'],
  ['openRate', 'totalOpened', 'totalDelivered'],
  ['clickRate', 'totalClicked', 'totalDelivered'],
  ['completionRate', 'completed', 'runs'],
  ['conversionRate', 'goalReached', 'completed'],
  ['avgCompletionRate', 'completedRuns', 'totalRuns'],
  ['avgConversionRate', 'goalReachedRuns', 'completedRuns'],
  ['replyRate', 'replied', 'enrollments'],
  ['avgReplyRate', 'repliedEnrollments', 'totalEnrollments'],
]

/** A field of the summary and its name in the items of the series. */
const SUMMED: Readonly<Record<string, string>> = {
  totalMessagesSent: 'sent',
  totalDelivered: 'delivered',
  totalOpened: 'opened',
  totalClicked: 'clicked',
  totalRuns: 'started',
  completedRuns: 'completed',
  failedRuns: 'failed',
  goalReachedRuns: 'goalReached',
  totalEnrollments: 'enrolled',
  repliedEnrollments: 'replied',
  completedEnrollments: 'completed',
}

/** The inconsistencies within one response: of rates with their counts, of series and channels with their summary. */
export function inconsistenciesOf(answer: object): string[] {
  const { data } = answer as { readonly data: Fields }
  const found = wrongRates('data', data)
  const series = (data['timeSeries'] ?? data['trend']) as readonly Fields[] | undefined
  const summary = data['summary'] as Fields | undefined
  for (const [field, total] of Object.entries(summary ?? {})) {
    const item = SUMMED[field] ?? field
    if (series?.[0] && item in series[0] && sum(series, item) !== total)
      found.push(`summary.${field} is ${String(total)}, the series adds up to ${sum(series, item)}`)
  }
  for (const [field, total] of Object.entries(summary ?? {})) {
    const item = SUMMED[field] ?? field
    const channels = Object.values(data['byChannel'] ?? {}) as readonly Fields[]
    if (channels[0] && item in channels[0] && sum(channels, item) !== total)
      found.push(`summary.${field} is ${String(total)}, the channels add up to ${sum(channels, item)}`)
  }
  for (const list of ['peakHours', 'byDayOfWeek']) {
    const items = data[list] as readonly Fields[] | undefined
    if (items && series && sum(items, 'messageCount') !== sum(series, 'messageCount'))
      found.push(`${list} adds up to ${sum(items, 'messageCount')}, the series to ${sum(series, 'messageCount')}`)
  }
  return found
}

function wrongRates(path: string, value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  const fields = value as Fields
  const wrong = RATES.filter(([rate, numerator, denominator]) => {
    if (![rate, numerator, denominator].every((field) => typeof fields[field] === 'number')) return false
    const [of, by] = [Number(fields[numerator]), Number(fields[denominator])]
    // Both neighbours of an exact half are accepted.
    return Math.abs(Number(fields[rate]) - (by === 0 ? 0 : (of / by) * 100)) > 0.005 + 1e-9
  })
  const inner = Object.entries(fields).flatMap(([name, each]) => wrongRates(`${path}.${name}`, each))
  return [...wrong.map(([rate]) => `${path}.${rate} is ${String(fields[rate])}`), ...inner]
}

function sum(items: readonly Fields[], field: string): number {
  return items.reduce((total, item) => total + Number(item[field]), 0)
}
