/**
 * Measures the effect of a client that sends the most expensive requests: on `/health/live`, on the dashboards of another tenant, before and during each attack, and on the
 * memory for responses that are not read. The attacks run in a separate process.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dashboardNames } from '../../support/oracle/oracle.ts'
import { startNatsServer } from '../../support/broker/nats-server.ts'
import { type RunningService, startService } from '../../support/process/service.ts'
import { token } from '../../support/http/tokens.ts'
import { ratio } from '../ingestion/backlog.ts'
import { fillHistory } from '../history/fill.ts'
import { median, THREADS } from '../measure/machine.ts'
import { watchResident } from '../measure/process-usage.ts'

const ATTACKER = 'tenant-1'
const MODEST = 'tenant-2'
const HEALTH_EVERY_MS = 20
const MODEST_EVERY_MS = 20
const SETTLE_MS = 1_000
const DAY_MS = 86_400_000
const ATTACKS = ['xlsx', 'json', 'unread', 'numbers'] as const

export async function benchLoop({ events, seconds }: { readonly events: number; readonly seconds: number }) {
  const dataDir = mkdtempSync(join(tmpdir(), 'outreach-bench-'))
  const nats = await startNatsServer()
  try {
    await fillHistory(join(dataDir, 'clickhouse'), events)
    const service = await startService({ natsUrl: nats.url, dataDir, env: { ...THREADS, LOG_LEVEL: 'warn' } })
    await observe(service, 2)
    const attacks: Record<string, unknown> = {}
    for (const attack of ATTACKS) {
      const idle = await observe(service, seconds)
      const attacker = startAttack(attack, service, nats.url, seconds + SETTLE_MS / 1_000)
      await Bun.sleep(SETTLE_MS)
      const during = await observe(service, seconds)
      const byStatus = await attacker
      attacks[attack] = {
        healthWorstMs: during.healthWorstMs,
        healthIdleWorstMs: idle.healthWorstMs,
        idle: idle.modest,
        during: during.modest,
        ratioP99: ratio(during.modest.p99, idle.modest.p99),
        addedMebibytes: during.mostMebibytes - idle.mostMebibytes,
        beforeMebibytes: idle.mostMebibytes,
        mostMebibytes: during.mostMebibytes,
        byStatus,
      }
      process.stderr.write(`${JSON.stringify({ attack, ...(attacks[attack] as object) })}\n`)
    }
    await service.stop()
    return attacks
  } finally {
    await nats.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

/** Requests the health check and the dashboards of the modest tenant concurrently, each one after the other with a pause, and samples the memory of the service. */
async function observe(service: RunningService, seconds: number) {
  const end = performance.now() + seconds * 1_000
  const repeat = async (everyMs: number, task: (index: number) => Promise<void>) => {
    for (let index = 0; performance.now() < end; index++) {
      await task(index)
      await Bun.sleep(everyMs)
    }
  }
  const health: number[] = []
  const modest: number[] = []
  const mostMebibytes = watchResident(service.pid)
  const timed = async (times: number[], send: () => Promise<{ readonly status: number }>) => {
    const startedAt = performance.now()
    const { status } = await send()
    if (status !== 200) throw new Error(`The observer got ${status}.`)
    times.push(performance.now() - startedAt)
  }
  const startedAt = Date.now()
  await Promise.all([
    repeat(HEALTH_EVERY_MS, () => timed(health, () => service.get('/health/live', { authorization: '' }))),
    repeat(MODEST_EVERY_MS, (index) => timed(modest, () => service.get(queryOf(startedAt, index), { tenant: MODEST }))),
  ])
  return {
    healthWorstMs: rounded(Math.max(...health)),
    modest: { requests: modest.length, p50: rounded(median(modest)), p99: rounded(percentile(modest, 0.99)) },
    mostMebibytes: mostMebibytes(),
  }
}

/** A query of a range that was not queried before, so that no response is cached. */
function queryOf(startedAt: number, index: number): string {
  const startDate = new Date(startedAt - 30 * DAY_MS + index).toISOString()
  return `/api/v1/analytics/${dashboardNames[index % dashboardNames.length]}?startDate=${startDate}`
}

async function startAttack(
  attack: string,
  service: RunningService,
  natsUrl: string,
  seconds: number,
): Promise<unknown> {
  const bearer = token(service.secret, { tenantId: ATTACKER })
  const script = join(import.meta.dir, 'loop-attack.ts')
  const child = Bun.spawn([process.execPath, script, attack, String(service.port), bearer, String(seconds), natsUrl], {
    stdout: 'pipe',
    stderr: 'inherit',
  })
  return JSON.parse(await new Response(child.stdout).text())
}

function percentile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) * share)]!
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10
}
