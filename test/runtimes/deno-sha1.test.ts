import { expect, test } from 'bun:test'
import { runDeno } from '../support/runtimes/deno.ts'

const TIMEOUT_MS = 60_000

test(
  'the SHA-1 of Deno is that of Bun',
  async () => {
    const texts = ['', 'abc', 'a namespace and the key é', 'x'.repeat(1_000)]
    const program = `
      const { runtime } = await import('./src/host/deno/runtime.ts')
      const hashes = ${JSON.stringify(texts)}.map((text) => {
        const digest = new Uint8Array(20)
        runtime.sha1(new TextEncoder().encode(text), digest)
        return [...digest]
      })
      console.log(JSON.stringify(hashes))`
    const { code, output } = await runDeno(['eval', program])
    expect([code, output.trim()]).toEqual([
      0,
      JSON.stringify(texts.map((text) => [...new Bun.SHA1().update(text).digest()])),
    ])
  },
  TIMEOUT_MS,
)
