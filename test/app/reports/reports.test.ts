import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { ReportData, ReportListData, ReportVersionsData } from '../../../src/http/reports/report-data.ts'
import type { ScheduleData } from '../../../src/http/reports/schedule-data.ts'
import { openReportApp } from '../../support/app/report-app.ts'
import { type Ask, block, BLOCK_SUMMARIES, BLOCKS, REPORT } from '../../support/app/report-requests.ts'

const NOW = Date.now()

describe('reports and schedules', () => {
  let opened: Awaited<ReturnType<typeof openReportApp>>
  beforeAll(async () => {
    opened = await openReportApp()
  }, 60_000)
  afterAll(() => opened?.close(), 30_000)

  const ask: Ask = (method, path, request) => opened.ask(method, path, request)
  const createReport = (body: object = REPORT) => ask<ReportData>('POST', '/reports', { body })
  const createSchedule = (body: object) => ask<ScheduleData>('POST', '/schedules', { body })

  test('a report is stored, read, changed by its entity tag, and removed', async () => {
    const made = await createReport()
    expect([made.status, made.etag]).toEqual([201, expect.stringMatching(/^"\d+"$/)])
    expect(made.data).toMatchObject({ ...REPORT, version: 1 })
    const path = `/reports/${made.data.id}`
    expect(await ask('GET', path)).toMatchObject({ status: 200, etag: made.etag, data: made.data })
    const next = { ...REPORT, name: 'Renamed' }
    expect(await ask('PUT', path, { body: next })).toMatchObject({
      status: 428,
      error: { code: 'PRECONDITION_REQUIRED' },
    })
    for (const ifMatch of ['"999999"', '"x"', made.etag!.slice(1, -1), `"${made.etag!}"`])
      expect([ifMatch, (await ask('PUT', path, { body: next, ifMatch })).status]).toEqual([ifMatch, 412])
    // A proxy that compresses responses makes their entity tags weak.
    const changed = await ask('PUT', path, { body: next, ifMatch: `"other", W/${made.etag}` })
    expect(changed).toMatchObject({ status: 200, data: { id: made.data.id, name: 'Renamed', version: 2 } })
    expect(changed.etag).not.toBe(made.etag)
    expect(await ask('DELETE', path, { ifMatch: made.etag })).toMatchObject({
      status: 412,
      error: { code: 'PRECONDITION_FAILED' },
    })
    const { data: listed } = await ask<ReportListData>('GET', '/reports')
    expect(listed.reports).toEqual([
      expect.objectContaining({
        id: made.data.id,
        name: 'Renamed',
        version: 2,
        blocks: BLOCK_SUMMARIES,
      }),
    ])
    const { data: kept } = await ask<ReportVersionsData>('GET', `${path}/versions`)
    expect(kept.versions.map((each) => [each.version, each.name])).toEqual([
      [2, 'Renamed'],
      [1, 'All kinds'],
    ])
    expect((await ask('DELETE', path)).status).toBe(428)
    expect(await ask('DELETE', path, { ifMatch: '*' })).toMatchObject({ status: 200, data: { id: made.data.id } })
    for (const part of ['', '/versions', '/run']) expect((await ask('GET', path + part)).status).toBe(404)
  })

  test('a schedule is stored for a report of the tenant, and keeps it from being removed', async () => {
    const { data: report, etag: reportTag } = await createReport()
    const schedule = {
      reportId: report.id,
      recipients: ['a@example.com'],
      every: { kind: 'daily', time: '08:30' },
      timezone: 'UTC',
    }
    const made = await createSchedule(schedule)
    expect(made).toMatchObject({
      status: 201,
      data: {
        ...schedule,
        attachments: [],
        skipIfEmpty: false,
        enabled: true,
        disabledReason: null,
        delivery: 'not configured',
      },
    })
    expect(made.data.nextRuns).toHaveLength(12)
    expect(
      made.data.nextRuns.every((instant: string) => instant.endsWith('T08:30:00.000Z') && Date.parse(instant) > NOW),
    ).toBe(true)
    const refused = await ask('DELETE', `/reports/${report.id}`, { ifMatch: reportTag })
    expect(refused).toMatchObject({ status: 409, error: { code: 'CONFLICT', details: [{ path: 'schedules' }] } })
    expect(refused.error.details?.[0]?.message).toContain(made.data.id)
    expect((await createSchedule({ ...schedule, reportId: 'no-such' })).error.details).toMatchObject([
      { path: 'reportId' },
    ])
    expect((await ask('POST', '/schedules', { body: schedule, tenant: 'tenant-2' })).error.details).toMatchObject([
      { path: 'reportId' },
    ])

    const path = `/schedules/${made.data.id}`
    const body = { ...schedule, enabled: false }
    expect((await ask('PUT', path, { body })).status).toBe(428)
    const disabled = await ask('PUT', path, { body, ifMatch: made.etag })
    expect(disabled.data).toMatchObject({ enabled: false, nextRuns: [] })
    expect((await ask('PUT', path, { body, ifMatch: made.etag })).status).toBe(412)
    expect((await ask('GET', '/schedules')).data).toEqual({ schedules: [disabled.data] })
    expect((await ask('DELETE', path, { ifMatch: disabled.etag })).status).toBe(200)
    expect((await ask('DELETE', `/reports/${report.id}`, { ifMatch: reportTag })).status).toBe(200)
  })

  test('a schedule that the service has disabled says why, until it is enabled again', async () => {
    const { data: report } = await createReport()
    const schedule = {
      reportId: report.id,
      recipients: ['a@example.com'],
      every: { kind: 'monthly', day: 31, time: '08:30' },
      timezone: 'UTC',
    }
    const { data } = await createSchedule(schedule)
    const path = `/schedules/${data.id}`
    const { schedules } = opened.definitions.stores
    const stored = (await schedules.find('tenant-1', data.id))!
    await schedules.replace(
      'tenant-1',
      data.id,
      { ...stored.body, enabled: false, disabledReason: 'Refused three times.' },
      stored.revision,
    )
    const seen = await ask('GET', path)
    expect(seen.data).toMatchObject({ enabled: false, disabledReason: 'Refused three times.', nextRuns: [] })
    const kept = await ask<ScheduleData>('PUT', path, { body: { ...schedule, enabled: false }, ifMatch: seen.etag })
    expect(kept.data.disabledReason).toBe('Refused three times.')
    const enabled = await ask<ScheduleData>('PUT', path, { body: schedule, ifMatch: kept.etag })
    expect(enabled.data).toMatchObject({ enabled: true, disabledReason: null })
    expect(enabled.data.nextRuns).toHaveLength(12)
  })

  test('what a tenant has stored is not there for another one', async () => {
    const { data: report } = await createReport()
    const { data: schedule } = await createSchedule({
      reportId: report.id,
      recipients: ['a@example.com'],
      every: { kind: 'daily', time: '08:30' },
      timezone: 'UTC',
    })
    const tenant = 'tenant-2'
    for (const path of [
      `/reports/${report.id}`,
      `/reports/${report.id}/run`,
      `/reports/${report.id}/versions`,
      `/schedules/${schedule.id}`,
    ])
      expect([path, (await ask('GET', path, { tenant })).status]).toEqual([path, 404])
    expect((await ask('PUT', `/reports/${report.id}`, { tenant, body: REPORT, ifMatch: '*' })).status).toBe(404)
    for (const path of [`/reports/${report.id}`, `/schedules/${schedule.id}`])
      expect([path, (await ask('DELETE', path, { tenant, ifMatch: '*' })).status]).toEqual([path, 404])
    expect((await ask('GET', '/reports', { tenant })).data).toEqual({ reports: [] })
    expect((await ask('GET', '/schedules', { tenant })).data).toEqual({ schedules: [] })
  })

  test('reading needs one scope, and changing another one', async () => {
    const { data: report } = await createReport()
    const path = `/reports/${report.id}`
    const allowed = async (scope: string) =>
      Promise.all([
        ask('GET', '/reports', { scope }),
        ask('GET', `${path}/run`, { scope }),
        ask('GET', '/schedules', { scope }),
        ask('POST', '/reports', { scope, body: REPORT }),
        ask('PUT', path, { scope, body: REPORT, ifMatch: '*' }),
        ask('DELETE', '/schedules/no-such', { scope, ifMatch: '*' }),
      ]).then((answers) => answers.map(({ status }) => status))
    expect(await allowed('analytics:read')).toEqual([200, 200, 200, 403, 403, 403])
    expect(await allowed('analytics:write')).toEqual([403, 403, 403, 201, 200, 404])
    expect(await allowed('analytics:export')).toEqual([403, 403, 403, 403, 403, 403])
  })

  test('a body is refused by the path of its mistake', async () => {
    const report = (fields: object) => createReport({ ...REPORT, ...fields })
    for (const [answer, path] of [
      [await report({ bogus: 1 }), 'bogus'],
      [await report({ blocks: [] }), 'blocks'],
      [await report({ blocks: Array(13).fill(BLOCKS[0]) }), 'blocks'],
      [await report({ blocks: [{ ...BLOCKS[0], chart: 'pie' }] }), 'blocks[0].chart'],
      [await report({ blocks: [BLOCKS[0], block('query', { metrics: ['nope'] })] }), 'blocks[1].body.metrics[0]'],
      [await report({ name: 'a\nb' }), 'name'],
      [
        await createSchedule({
          reportId: 'r',
          recipients: [],
          every: { kind: 'daily', time: '08:30' },
          timezone: 'UTC',
        }),
        'recipients',
      ],
      [
        await createSchedule({
          reportId: 'r',
          recipients: ['x'],
          every: { kind: 'daily', time: '08:30' },
          timezone: 'UTC',
        }),
        'recipients[0]',
      ],
    ] as const)
      expect([answer.status, answer.error.code, answer.error.details?.[0]?.path]).toEqual([
        400,
        'VALIDATION_ERROR',
        path,
      ])
    expect((await report({ description: 'x'.repeat(70_000) })).status).toBe(413)
  })
})
