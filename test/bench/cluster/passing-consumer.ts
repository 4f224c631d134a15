/**
 * `bun passing-consumer.ts <broker> <events> <way>`: receives each message of the stream EVENTS, parses enough of it to find its tenant, and forwards it to another
 * process in one of three ways: `stored` publishes to a second stream with an acknowledgement of the broker; `packed` does the same with a hundred events per message;
 * `told` uses plain messages of the broker, which the receiver acknowledges.
 */
import { AckPolicy, connect, type JsMsg } from 'nats'

/** Maximum number of messages in flight without an acknowledgement. */
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
/** Resolves when no more than this number of messages are unacknowledged. */
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
  // One event per line.
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
