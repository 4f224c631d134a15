import { connect } from 'nats'
import { startNatsServer } from '../../support/broker/nats-server.ts'
import { startTcpProxy } from '../../support/broker/tcp-proxy.ts'
import { hundredths } from './capacity-deployment.ts'
import { cpuSeconds } from '../measure/process-usage.ts'
import { addEventStream, publishLoad, type ReadyEvent } from './simulated-load.ts'

/** The cost of publishing for the broker, without consumers: processor seconds, and bytes on the connections of the producers and in the stream. */
export async function measurePublishing(warmUp: readonly ReadyEvent[], events: readonly ReadyEvent[]) {
  const nats = await startNatsServer()
  const proxy = await startTcpProxy(nats.port)
  try {
    await addEventStream(nats.url)
    const url = `nats://127.0.0.1:${proxy.port}`
    await publishLoad(url, warmUp)
    const [cpu, wire, stored] = [cpuSeconds(nats.pid), { ...proxy.bytes }, await streamBytes(nats.url)]
    await publishLoad(url, events)
    return {
      events: events.length,
      seconds: hundredths(cpuSeconds(nats.pid) - cpu),
      payloadBytes: events.reduce((sum, { payload }) => sum + payload.byteLength, 0),
      streamBytes: (await streamBytes(nats.url)) - stored,
      toBroker: proxy.bytes.toServer - wire.toServer,
      fromBroker: proxy.bytes.toClient - wire.toClient,
    }
  } finally {
    await proxy.close()
    await nats.stop()
  }
}

async function streamBytes(url: string): Promise<number> {
  const connection = await connect({ servers: url })
  const { state } = await (await connection.jetstreamManager()).streams.info('EVENTS')
  await connection.close()
  return state.bytes
}
