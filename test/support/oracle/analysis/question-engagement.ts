/** The engagement of a dashboard, by the slow calculation of each message. */
import type { Question } from '../counting.ts'
import type { SentMessage } from '../history.ts'
import { slowEngagement } from '../messages/message-engagement.ts'
import { bucketStart, bucketStarts, DAY_MS, type Granularity, HOUR_MS } from '../zone.ts'

/** The messages that were first sent in the range of a question, by a sending that passes. */
export function messagesOf(
  { history, range }: Question,
  passes: (sending: SentMessage['sending']) => boolean = () => true,
): SentMessage[] {
  return history.messages.filter(
    ({ sending }) => sending.atMs >= range.startMs && sending.atMs <= range.endMs && passes(sending),
  )
}

export function engagementOfMessages(messages: readonly SentMessage[], { asOfMs }: Pick<Question, 'asOfMs'>) {
  return slowEngagement(
    messages.map(({ events }) => events),
    asOfMs,
  )
}

const isCount = ([name]: readonly [string, unknown]) => !/Rate$|Share$|^median/.test(name)
const LONGER_THAN_A_BUCKET: Readonly<Record<Granularity, number>> = {
  hour: 2 * HOUR_MS,
  day: 2 * DAY_MS,
  week: 8 * DAY_MS,
  month: 32 * DAY_MS,
}

/** What the items of a series have besides their counts of events, in the order of the buckets. */
export function engagementSeries(messages: readonly SentMessage[], question: Question, granularity: Granularity) {
  const { range, zone, asOfMs } = question
  const byBucket = Map.groupBy(messages, ({ sending }) => bucketStart(sending.atMs, granularity, zone))
  return bucketStarts(range, granularity, zone).map((startMs) => {
    const all = Object.entries(engagementOfMessages(byBucket.get(startMs) ?? [], question))
    const [, endMs] = bucketStarts({ startMs, endMs: startMs + LONGER_THAN_A_BUCKET[granularity] }, granularity, zone)
    return { engagement: Object.fromEntries(all.filter(isCount)), mature: endMs! + 7 * DAY_MS <= asOfMs }
  })
}
