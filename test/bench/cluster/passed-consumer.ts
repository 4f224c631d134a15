/** `bun passed-consumer.ts <broker> <events> <way>`: receives, parses and acknowledges the events that the passing consumer forwards. */
import { AckPolicy, connect } from 'nats'

const [url, events, way] = process.argv.slice(2)
const connection = await connect({ servers: url! })
const decoder = new TextDecoder()
let count = 0

if (way === 'told') {
  await new Promise<void>((resolve) => {
    connection.subscribe('passed.on', {
      callback: (_, message) => {
        JSON.parse(decoder.decode(message.data))
        count++
        if (count % 500 === 0 || count === Number(events)) connection.publish('passed.back', String(count % 500 || 500))
        if (count === Number(events)) resolve()
      },
    })
    process.stdout.write('ready')
  })
} else {
  const jsm = await connection.jetstreamManager()
  const stream = `PASSED_${way}`
  await jsm.streams.add({ name: stream, subjects: [`${way}.*`] })
  await jsm.consumers.add(stream, { durable_name: 'passed', ack_policy: AckPolicy.All, max_ack_pending: 50_000 })
  const consumer = await connection.jetstream().consumers.get(stream, 'passed')
  process.stdout.write('ready')
  for await (const message of await consumer.consume({ max_messages: 5_000 })) {
    for (const line of decoder.decode(message.data).split('\n')) {
      if (line === '') continue
      JSON.parse(line)
      count++
    }
    if (message.seq % 50 === 0) message.ack()
    if (count === Number(events)) break
  }
}
await connection.drain()
process.exit(0)
