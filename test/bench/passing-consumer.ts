/**
 * `bun passing-consumer.ts <broker> <events> <way>`: takes each message of the stream EVENTS, parses it as far as telling its tenant takes, and passes it on to another
 * process: `stored` into a second stream, acknowledged by the broker, the same `packed`, a hundred in a message, or `told` by the broker's plain messages, acknowledged by
 * the receiver.
 */
import { AckPolicy, connect, type JsMsg } from 'nats'

/** So many are on their way and not acknowledged. */
const WINDOW = 5_000
const PACK_EVENTS = 100
const LINE_END = Buffer.from('\n')

const [url, events, way] = process.argv.slice(2)
const connection = await connect({ servers: url! })
const jsm = await connection.jetstreamManager()
await jsm.consumers.add('EVENTS', {
  durable_name: `passing-${way}`,
  ack_policy: AckPolicy.All,
  max_ack_pending: 50_000,
})
const jetstream = connection.jetstream()
const consumer = await jetstream.consumers.get('EVENTS', `passing-${way}`)
const decoder = new TextDecoder()

const progress = { sent: 0, acknowledged: 0, wake: () => {} }
const advance = (count: number) => {
  progress.acknowledged += count
  progress.wake()
}
/** Resolves when at most so many are not acknowledged. */
async function atMost(open: number): Promise<void> {
  while (progress.sent - progress.acknowledged > open)
    await new Promise<void>((resolve) => {
      progress.wake = resolve
    })
}
if (way === 'told') connection.subscribe('passed.back', { callback: (_, message) => advance(Number(message.string())) })

let pack: Uint8Array[] = []
async function pass(message: JsMsg, isLast: boolean): Promise<void> {
  if (way === 'told') return connection.publish('passed.on', message.data)
  if (way === 'packed') {
    pack.push(message.data)
    if (pack.length < PACK_EVENTS && !isLast) return
  }
  const passed = way === 'packed' ? pack : [message.data]
  pack = []
  // A line each.
  await jetstream.publish(`${way}.0`, Buffer.concat(passed.flatMap((one) => [one, LINE_END])))
  advance(passed.length)
}

let startedAt = 0
for await (const message of await consumer.consume({ max_messages: 5_000 })) {
  if (progress.sent === 0) startedAt = performance.now()
  JSON.parse(decoder.decode(message.data))
  const isLast = ++progress.sent === Number(events)
  void pass(message, isLast)
  if (progress.sent % 5_000 === 0) message.ack()
  if (isLast) break
  await atMost(WINDOW)
}
await atMost(0)
process.stdout.write(JSON.stringify({ events: progress.sent, seconds: (performance.now() - startedAt) / 1000 }))
process.exit(0)
