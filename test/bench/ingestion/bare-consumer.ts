/**
 * `bun bare-consumer.ts <broker> <events> <durable>`: the baseline of the ingestion benchmarks. It receives and parses each message, acknowledges cumulatively and stores
 * nothing.
 */
import { AckPolicy, connect } from 'nats'

const [url, events, durable] = process.argv.slice(2)
const connection = await connect({ servers: url! })
const jsm = await connection.jetstreamManager()
await jsm.consumers.add('EVENTS', { durable_name: durable!, ack_policy: AckPolicy.All, max_ack_pending: 200_000 })
const consumer = await connection.jetstream().consumers.get('EVENTS', durable)
const decoder = new TextDecoder()
let startedAt = 0
let count = 0
for await (const message of await consumer.consume({ max_messages: 5_000 })) {
  if (count === 0) startedAt = performance.now()
  JSON.parse(decoder.decode(message.data))
  if (++count % 5_000 === 0) message.ack()
  if (count === Number(events)) break
}
process.stdout.write(JSON.stringify({ events: count, seconds: (performance.now() - startedAt) / 1000 }))
process.exit(0)
