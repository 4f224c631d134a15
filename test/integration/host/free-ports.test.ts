import { expect, test } from 'bun:test'
import { createServer } from 'node:net'
import { freePort } from '../../support/process/ports.ts'

/** More than a process claims at once. */
const COUNT = 70
const SOURCE = `
  const { freePort } = await import(${JSON.stringify(import.meta.resolve('../../support/process/ports.ts'))})
  const ports = []
  for (let index = 0; index < ${COUNT}; index++) ports.push(await freePort())
  console.log(JSON.stringify(ports))
  process.stdin.on('end', () => process.exit()).resume()
`

test('concurrent processes get different ports, outside of the range of outgoing connections', async () => {
  const processes = Array.from({ length: 3 }, () =>
    Bun.spawn([process.execPath, '-e', SOURCE], { stdin: 'pipe', stdout: 'pipe', stderr: 'inherit' }),
  )
  const given = await Promise.all(
    processes.map(async (child) => {
      const { value } = await child.stdout.pipeThrough(new TextDecoderStream()).getReader().read()
      return JSON.parse(value!) as number[]
    }),
  )
  const own = await Promise.all(Array.from({ length: COUNT }, freePort))
  for (const child of processes) {
    await child.stdin.end()
    await child.exited
  }
  const all = [...given.flat(), ...own]
  expect(new Set(all).size).toBe(4 * COUNT)
  expect(all.filter((port) => port >= 32_768)).toEqual([])
})

test('a port with another listener is left out', async () => {
  const next = (await freePort()) + 1
  const server = createServer()
  try {
    // Where it is refused, somebody listens there already.
    await new Promise((resolve) => server.once('error', resolve).listen(next, '127.0.0.1', () => resolve(undefined)))
    expect(await freePort()).not.toBe(next)
  } finally {
    server.close()
  }
})
