/** Measures repeated dashboard requests whose responses have not changed, compared with an empty route of the same framework. */
import { startNatsServer } from '../../support/broker/nats-server.ts'
import { forget, startService } from '../../support/process/service.ts'
import { token } from '../../support/http/tokens.ts'
import { ratio } from '../ingestion/backlog.ts'
import { median } from '../measure/machine.ts'

const CONNECTIONS = 200
const SECONDS = 5
/** Includes the first second, which is not counted. */
export const LOAD_SECONDS = SECONDS + 1
const PATH = '/api/v1/analytics/overview'

/** Sends the same request repeatedly over many connections; returns the responses per second by status. */
export async function load(port: number, lines: readonly string[]): Promise<Record<string, number>> {
  const child = Bun.spawn(
    [process.execPath, `${import.meta.dir}/request-load.ts`, String(port), String(CONNECTIONS), String(SECONDS)],
    { stdin: new TextEncoder().encode(`${lines.join('\r\n')}\r\n\r\n`), stdout: 'pipe', stderr: 'inherit' },
  )
  return JSON.parse(await new Response(child.stdout).text()) as Record<string, number>
}

/** Measures the bare route and conditional requests alternately; returns the ratio of each pair and the number of queries to the store. */
export async function benchPolling(runs: number) {
  const nats = await startNatsServer()
  const service = await startService({ natsUrl: nats.url })
  const bare = Bun.spawn([process.execPath, `${import.meta.dir}/bare-route.ts`], { stdout: 'pipe', stderr: 'inherit' })
  const { value } = await bare.stdout.getReader().read()
  const barePort = Number(new TextDecoder().decode(value))
  const bearer = `authorization: Bearer ${token(service.secret, { tenantId: 'tenant-1' })}`
  const queries = async () => {
    const { text } = await service.get('/metrics')
    return Number(/^analytics_dashboard_responses_total\{source="store"\} (\d+)/m.exec(text)?.[1] ?? 0)
  }
  const { headers } = await service.get(PATH, { tenant: 'tenant-1' })
  const before = await queries()
  const pairs: { bare: number; unchanged: number; ratio: number; byStatus: Record<string, number> }[] = []
  for (let run = 0; run < runs; run++) {
    const bareStatus = await load(barePort, ['GET /bare HTTP/1.1', 'host: localhost', bearer])
    const byStatus = await load(service.port, [
      `GET ${PATH} HTTP/1.1`,
      'host: localhost',
      bearer,
      `if-none-match: ${headers.get('etag') ?? ''}`,
    ])
    const [bareCount, unchanged] = [bareStatus['200'] ?? 0, byStatus['304'] ?? 0]
    pairs.push({ bare: bareCount, unchanged, ratio: ratio(unchanged, bareCount), byStatus })
    process.stderr.write(`${JSON.stringify(pairs.at(-1))}\n`)
  }
  const storeQueries = (await queries()) - before
  bare.kill()
  await service.stop()
  forget(service)
  await nats.stop()
  return { connections: CONNECTIONS, ratio: median(pairs.map((pair) => pair.ratio)), storeQueries, runs: pairs }
}
