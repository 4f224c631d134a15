import { describe, expect, test } from 'bun:test'
import { limitConnections } from '../../../../src/host/process/connection-limit.ts'
import { findOpenFiles } from '../../../../src/host/process/open-files.ts'
import { ManualClock } from '../../../support/base/manual-clock.ts'
import { keepingLogger } from '../../../support/base/silent-logger.ts'

/** A process with so many sockets and other files, of which a test says how many there are. */
function limited(limit: number) {
  const clock = new ManualClock(0)
  const logger = keepingLogger()
  const open = { sockets: 0, others: 0, reserved: 0, isListening: true, mayListen: true, mayCount: true }
  const end = limitConnections({
    files: {
      limit,
      count: () => open.sockets + open.others + open.reserved,
      countSockets() {
        if (!open.mayCount) throw new Error('Too many open files.')
        return open.sockets
      },
      reserve(count) {
        open.reserved = count
        return () => (open.reserved = 0)
      },
    },
    pause: () => (open.isListening = false),
    resume() {
      if (!open.mayListen) throw new Error('The port is taken.')
      open.isListening = true
    },
    clock,
    logger,
  })
  const having = async (changed: Partial<typeof open>) => {
    Object.assign(open, changed)
    await clock.advance(100)
    return open.isListening
  }
  return { open, having, logger, end }
}

describe('connections', () => {
  test('are accepted up to half of the open-file limit, and again when a quarter of them has closed', async () => {
    const { having, open } = limited(1_000)
    expect(open.reserved).toBe(250)
    expect(await having({ sockets: 500 })).toBe(true)
    expect(await having({ sockets: 501 })).toBe(false)
    expect(open.reserved).toBe(0)
    expect(await having({ sockets: 376 })).toBe(false)
    expect(await having({ sockets: 375 })).toBe(true)
    expect(open.reserved).toBe(250)
  })

  test('are distinguished from the files of the engine', async () => {
    const { having } = limited(1_000)
    expect(await having({ sockets: 100, others: 600 })).toBe(true)
    expect(await having({ sockets: 501, others: 100 })).toBe(false)
    expect(await having({ sockets: 100, others: 600 })).toBe(true)
  })

  test('are too many when no file is left for counting', async () => {
    const { having } = limited(1_000)
    expect(await having({ sockets: 400, others: 350, mayCount: false })).toBe(false)
    expect(await having({ sockets: 300, others: 60, mayCount: true })).toBe(true)
  })

  test('of a large limit need no reserved files', async () => {
    const { having, open } = limited(1_048_576)
    expect(open.reserved).toBe(0)
    expect(await having({ sockets: 524_000, others: 288 })).toBe(true)
    expect(await having({ sockets: 524_000, others: 289 })).toBe(false)
  })

  test('are accepted again once the port can be bound, with one log line per minute', async () => {
    const { having, logger, open } = limited(1_000)
    for (let times = 0; times < 5; times++) {
      await having({ sockets: 900 })
      await having({ sockets: 0, mayListen: false })
      expect([open.isListening, open.reserved]).toEqual([false, 0])
      expect(await having({ mayListen: true })).toBe(true)
    }
    expect(logger.lines.map(({ message }) => message)).toEqual([
      'too many connections; no new ones are accepted until some have closed',
    ])
  })

  test('are not checked after the listener has stopped', async () => {
    const { having, open, end } = limited(1_000)
    end()
    expect([await having({ sockets: 900 }), open.reserved]).toEqual([true, 0])
  })
})

test('the system reports how many files are open, and how many of them are sockets', () => {
  const files = findOpenFiles()!
  expect(files.limit).toBeGreaterThan(0)
  const before = files.count()
  const sockets = files.countSockets()
  const release = files.reserve(20)
  expect([files.count() - before, files.countSockets() - sockets]).toEqual([20, 0])
  const server = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } })
  expect(files.countSockets() - sockets).toBe(1)
  server.stop(true)
  release()
  expect(files.count()).toBeLessThan(before + 20)
})
