/** Reads the numbers of a funnel: from the facts of messages where they follow from them, else from the events. */
import { AttemptFinder, type AttemptRules } from './attempts.ts'
import { messageChainOf } from './facts/message-chain.ts'
import { readNumbersOfFacts } from './facts/read-facts-numbers.ts'
import type { FunnelQuery } from './funnel-request.ts'
import { type FunnelNumbers, FunnelTotals } from './funnel-totals.ts'
import { type FunnelReading, type FunnelSource, readEntities } from './read-events.ts'

/** The rules of the attempts of a funnel, where events after `until` do not count. */
export function attemptRulesOf(
  { order, steps, windowMs, range, exclusions }: FunnelQuery,
  until: number,
): AttemptRules {
  return { order, stepCount: steps.length, windowMs, range, until, exclusions }
}

/** The numbers as of an instant. `buckets` are the starts of the buckets of the trend. Rejects with a StoreFailure. */
export async function readNumbers(
  source: FunnelSource,
  tenantId: string,
  query: FunnelQuery,
  until: number,
  buckets: readonly number[],
): Promise<FunnelNumbers> {
  const totals = new FunnelTotals(query, until, buckets)
  const addEntities = async (among?: FunnelReading['among']) => {
    const finder = new AttemptFinder(attemptRulesOf(query, until))
    await readEntities(source, { tenantId, query, until, needs: 'numbers', among }, (events, from, to) =>
      totals.add(finder.find(events, from, to), finder.chosen, events),
    )
  }
  const columns = messageChainOf(query)
  if (columns !== undefined && 'rules' in source.facts)
    return readNumbersOfFacts(
      source.port,
      { tenantId, query, columns, facts: source.facts, buckets },
      totals,
      addEntities,
    )
  await addEntities()
  return totals.numbers()
}
