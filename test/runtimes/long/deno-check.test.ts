import { expect, test } from 'bun:test'
import { runDeno } from '../../support/runtimes/deno.ts'

const TIMEOUT_MS = 60_000

test.concurrent(
  'deno check accepts the code that runs on Deno, with the types of Deno only',
  async () => {
    expect(await runDeno(['task', 'check'])).toMatchObject({ code: 0 })
    const { output } = await runDeno(['info', '--json', 'src/main.ts'])
    const { modules } = JSON.parse(output) as { readonly modules: readonly { readonly specifier: string }[] }
    const checked = modules.map(({ specifier }) => specifier)
    for (const file of [
      'service.ts',
      'ingest/writer/writer.ts',
      'clickhouse/connection/embedded-store.ts',
      'http/app.ts',
    ])
      expect(checked.filter((specifier) => specifier.endsWith(`/src/${file}`))).toHaveLength(1)
    expect(checked.filter((specifier) => specifier.includes('/host/bun/'))).toEqual([])
  },
  TIMEOUT_MS,
)

test.concurrent(
  'control: it refuses the code for Bun',
  async () => {
    const { code, output } = await runDeno(['check', 'src/host/bun/build-page.ts'])
    expect([code, output]).toEqual([1, expect.stringContaining("Cannot find name 'Bun'")])
  },
  TIMEOUT_MS,
)
