/** What befalls the service and the store between the events of messages and their facts. */
import type { Fault } from '../../support/clickhouse-front/faults.ts'
import type { Scenario } from '../scenario.ts'
import { HTML_ANSWER } from './store-faults.ts'

const INSERT = 'INSERT INTO analytics_message_facts'
/** A block has up to six inserts of facts: one per month of new rows, then one per month that messages leave. */
const INSERT_MS = 300
const KILLS = 5

const BAD_ANSWERS: readonly Fault[] = [
  { match: INSERT, at: 'after', drop: true, times: 3 },
  { match: INSERT, at: 'before', drop: true, times: 3 },
  { match: INSERT, at: 'after', fail: HTML_ANSWER, times: 3 },
  { match: INSERT, abandonMs: 1_500, times: 2 },
  { match: INSERT, fail: { status: 500, code: 241 }, times: 3 },
  { match: 'find_message_', fail: { status: 503 }, times: 3 },
]

export const FACTS_FAULTS: readonly Scenario[] = [
  {
    name: 'facts-killed',
    guarantee: 'killed between events and facts, and between the inserts of facts: the facts are what the events say',
    store: 'server',
    control: 'without-repeated-facts',
    rate: 1_000,
    async run(context, seconds) {
      await context.front.fault({ match: INSERT, delayMs: INSERT_MS, times: 0 })
      context.note('inserts of facts slow')
      for (let kill = 0; kill < KILLS; kill++) {
        await context.service.ready()
        await Bun.sleep((seconds * 1_000 * (0.5 + context.chance.next())) / KILLS)
        await context.service.kill()
        context.note('service killed')
        await context.service.start()
      }
    },
  },
  {
    name: 'facts-answers',
    guarantee:
      'inserts and lookups of facts fail, before and after they were applied: the facts are what the events say',
    store: 'server',
    control: 'without-repeated-facts',
    rate: 1_000,
    async run(context, seconds) {
      for (const fault of BAD_ANSWERS) {
        await context.front.fault(fault)
        context.note(`store fault: ${JSON.stringify(fault)}`)
        await Bun.sleep((seconds * 1_000) / BAD_ANSWERS.length)
      }
      await context.service.kill()
      context.note('service killed')
    },
  },
]
