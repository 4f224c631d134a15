/**
 * Compares ways to forward an event to the process that writes the rows of its tenant: through a second stream, as single messages or in batches, or as plain messages
 * of the broker. The baseline only reads the events.
 */
import { perSecond, ratio, startBacklog, timeConsumer } from '../ingestion/backlog.ts'
import { median } from '../measure/machine.ts'
import { cpuSeconds } from '../measure/process-usage.ts'

const WAYS = ['told', 'stored', 'packed'] as const

export interface Passing {
  readonly events: number
  readonly runs: number
}

export async function benchPassing({ events, runs }: Passing) {
  const rounds: Awaited<ReturnType<typeof measure>>[] = []
  for (let run = 1; run <= runs; run++) rounds.push(await measure(events))
  return {
    events,
    toBare: Object.fromEntries(
      WAYS.map((way) => [way, median(rounds.map((one) => ratio(one[way].eventsPerSecond, one.bare.eventsPerSecond)))]),
    ),
    brokerMicroseconds: Object.fromEntries(
      (['bare', ...WAYS] as const).map((way) => [way, median(rounds.map((one) => one[way].brokerMicroseconds))]),
    ),
    runs: rounds,
  }
}

async function measure(events: number) {
  const nats = await startBacklog(events, 50)
  try {
    const timed = async (consume: () => Promise<{ seconds: number }>) => {
      const before = cpuSeconds(nats.pid)
      const { seconds } = await consume()
      const brokerMicroseconds = Math.round(((cpuSeconds(nats.pid) - before) / events) * 1e7) / 10
      return { eventsPerSecond: perSecond(events, seconds), brokerMicroseconds }
    }
    const passed = (way: string) =>
      timed(async () => {
        const receiver = Bun.spawn(
          [process.execPath, `${import.meta.dir}/passed-consumer.ts`, nats.url, String(events), way],
          {
            stdout: 'pipe',
            stderr: 'inherit',
          },
        )
        await receiver.stdout.getReader().read()
        const result = await timeConsumer('cluster/passing-consumer.ts', nats, [String(events), way])
        await receiver.exited
        return result
      })
    const bare = await timed(() => timeConsumer('ingestion/bare-consumer.ts', nats, [String(events), 'bare']))
    const round = { bare, told: await passed('told'), stored: await passed('stored'), packed: await passed('packed') }
    process.stderr.write(`${JSON.stringify(round)}\n`)
    return round
  } finally {
    await nats.stop()
  }
}
