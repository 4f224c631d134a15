import { expect, test } from 'bun:test'
import { readFileSync, rmSync } from 'node:fs'
import { startNatsServer } from '../../support/broker/nats-server.ts'
import { freePort } from '../../support/process/ports.ts'
import { forget, spawnService, startService } from '../../support/process/service.ts'

test('a second process on a data directory or on a port refuses to start with a reason and does not affect the first', async () => {
  const nats = await startNatsServer()
  const first = await startService({ natsUrl: nats.url })
  const logFile = `${first.dataDir}.second.log`
  const otherDirectory = `${first.dataDir}-second`
  for (const [dataDir, port, reason] of [
    [first.dataDir, await freePort(), `${first.dataDir} is in use by another process`],
    [otherDirectory, first.port, `Port ${first.port} is in use by another process. Stop that one, or set PORT`],
  ] as const) {
    const second = await spawnService({ natsUrl: nats.url }, { dataDir, port, secret: first.secret, logFile })
    expect((await second.exited).code).toBe(1)
    expect(readFileSync(logFile, 'utf8')).toContain(reason)
    rmSync(logFile)
  }
  expect((await first.get('/health/ready')).status).toBe(200)
  rmSync(otherDirectory, { recursive: true })
  expect((await first.stop()).code).toBe(0)
  forget(first)
  await nats.stop()
}, 60_000)

test('the output of a service can be read after its file was removed', async () => {
  const nats = await startNatsServer()
  const service = await startService({ natsUrl: nats.url })
  rmSync(`${service.dataDir}.log`)
  await service.stop()
  expect(service.log()).toContain('"stopped"')
  forget(service)
  await nats.stop()
}, 60_000)
