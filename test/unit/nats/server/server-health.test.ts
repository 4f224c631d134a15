import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ServerHealth } from '../../../../src/nats/server/server-health.ts'

describe('a local server has to be restarted', () => {
  let directory = ''
  let health: ServerHealth
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'outreach-health-'))
    mkdirSync(join(directory, 'jetstream'))
    say('[INF] Server is ready')
    health = new ServerHealth(directory, () => Promise.resolve(true))
  })
  afterEach(() => rmSync(directory, { recursive: true }))
  const say = (line: string) => appendFileSync(join(directory, 'server.log'), `[1] 2026/01/01 00:00:00 ${line}\n`)

  test('not for its usual log lines', async () => {
    say('[ERR] 127.0.0.1:4711 - cid:4 - authentication error')
    say('[WRN] JetStream request queue has high pending count')
    expect(await health.needsRestart()).toBe(false)
  })

  test.each([
    "[ERR] JetStream failed to store a msg on stream '$G > EVENTS': write 2.blk: no space left on device",
    '[ERR] JetStream out of space, will be DISABLED',
    '[ERR] JetStream out of resources, will be DISABLED',
  ])('after: %s', async (line) => {
    say(line)
    expect(await health.needsRestart()).toBe(true)
    // Until it is done.
    expect(await health.needsRestart()).toBe(true)
    health.reset()
    expect(await health.needsRestart()).toBe(false)
  })

  test('also when it started a new log file', async () => {
    for (let n = 0; n < 100; n++) say('[INF] something')
    expect(await health.needsRestart()).toBe(false)
    renameSync(join(directory, 'server.log'), join(directory, 'server.log.1'))
    say('[ERR] JetStream out of space, will be DISABLED')
    expect(await health.needsRestart()).toBe(true)
  })
})
