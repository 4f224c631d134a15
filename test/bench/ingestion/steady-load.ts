/** `bun steady-load.ts <broker> <events per second> <seconds> <tenants>`: publishes at a constant rate; prints the number of acknowledged events. */
import { connect } from 'nats'
import { messageEvent } from '../measure/message-event.ts'

const TICK_MS = 20

const [url, rate, seconds, tenants] = process.argv.slice(2)
const connection = await connect({ servers: url! })
const jetstream = connection.jetstream()
const startedAt = performance.now()
let published = 0
let acknowledged = 0
const pending = new Set<Promise<void>>()
const publish = async (subject: string, body: string) => {
  await jetstream.publish(subject, body)
  acknowledged++
}
for (;;) {
  const elapsed = (performance.now() - startedAt) / 1_000
  if (elapsed >= Number(seconds)) break
  for (const due = Math.floor(elapsed * Number(rate)); published < due; published++) {
    const { subject, envelope } = messageEvent(published, `tenant-${(published % Number(tenants)) + 1}`, Date.now())
    const ack = publish(subject, JSON.stringify(envelope)).finally(() => pending.delete(ack))
    pending.add(ack)
  }
  await Bun.sleep(TICK_MS)
}
await Promise.all(pending)
process.stdout.write(JSON.stringify({ acknowledged, seconds: (performance.now() - startedAt) / 1_000 }))
process.exit(0)
