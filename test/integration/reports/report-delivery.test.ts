import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { changeDefinition } from '../../../src/definitions/change-definition.ts'
import { DeliveryService, HOUR_MS, MINUTE_MS, START, TENANT } from './delivery-service.ts'

const AT_8 = Date.parse('2026-11-29T08:00:00Z')
const DAY_MS = 24 * HOUR_MS

let service: DeliveryService
beforeEach(async () => {
  service = await DeliveryService.start()
})
afterEach(() => service.stop())

describe('a schedule', () => {
  test('sends each recipient a mail of their own with the data of its instant, and logs no address', async () => {
    const { id } = await service.save({ recipients: ['a@x.example', 'b@x.example'], attachments: ['csv', 'xlsx'] })
    const listed = await service.settled(id, 'sent', 'sent')
    expect(service.clock.now()).toBeGreaterThanOrEqual(AT_8)
    expect(new Set(service.runs)).toEqual(new Set([AT_8]))
    expect(service.mail.received.map(({ recipient }) => recipient).toSorted()).toEqual(['a@x.example', 'b@x.example'])
    const mail = service.mail.receivedFor('a@x.example')[0]!
    expect(mail.content).toContain('Subject: =?UTF-8?Q?Numbers_=E2=80=93_2026-11-29?=')
    expect(mail.content).not.toContain('b@x.example')
    expect(mail.content).toContain('filename=report-2026-11-29.csv')
    expect(mail.content).toContain(btoa('csv of 2026-11-29T08:00:00.000Z'))
    const inLog = listed.find(({ delivery }) => delivery.target.recipient === 'a@x.example')
    expect(inLog).toMatchObject({
      messageId: mail.messageId,
      delivery: { attempts: 1, target: { scheduledFor: AT_8 } },
    })
    expect(service.logger.lines.length).toBeGreaterThan(0)
    expect(JSON.stringify(service.logger.lines)).not.toMatch(/@x\.example/)
  })

  test('repeats a known failure after a minute with the same Message-ID, and an unknown outcome never', async () => {
    service.mail.behave('busy@x.example', { at: 'content', code: 450, text: '4.2.1 busy', times: 1 })
    service.mail.behave('lost@x.example', { at: 'content', breaksOff: true })
    const { id } = await service.save({ recipients: ['busy@x.example', 'lost@x.example'] })
    const retrying = await service.pass(
      HOUR_MS,
      async () => (await service.list(id)).find(({ delivery }) => delivery.status === 'retrying'),
      'a failure',
    )
    expect(retrying.delivery.error).toBe('450 4.2.1 busy')
    const failedAt = retrying.delivery.nextAttemptAt! - MINUTE_MS
    expect(failedAt).toBeGreaterThanOrEqual(AT_8)
    expect(failedAt).toBeLessThanOrEqual(service.clock.now())
    await service.pass(HOUR_MS, () => service.mail.receivedFor('busy@x.example').length === 2, 'the second attempt')
    expect(service.clock.now()).toBeGreaterThanOrEqual(failedAt + MINUTE_MS)
    await service.jump(AT_8 + 5 * HOUR_MS)
    const busy = service.mail.receivedFor('busy@x.example')
    expect(new Set(busy.map(({ messageId }) => messageId)).size).toBe(1)
    expect(service.mail.receivedFor('lost@x.example')).toHaveLength(1)
    const statuses = (await service.list(id)).map(({ delivery }) => `${delivery.target.recipient} ${delivery.status}`)
    expect(statuses.toSorted()).toEqual(['busy@x.example sent', 'lost@x.example unknown'])
    // The data of both attempts is that of the instant.
    expect(new Set(service.runs)).toEqual(new Set([AT_8]))
  })

  // The open deliveries are listed every 5 seconds, and the second attempt is due after a minute.
  test.each([6_000, 0])(
    'whose tenant is erased while a delivery waits is not logged again (%d ms)',
    async (afterMs) => {
      service.mail.behave('busy@x.example', { at: 'content', code: 450, text: '4.2.1 busy', times: 1 })
      const { id } = await service.save({ recipients: ['busy@x.example'] })
      await service.settled(id, 'retrying')
      await service.erase()
      await service.jump(service.clock.now() + afterMs)
      await service.jump(service.clock.now() + 2 * MINUTE_MS)
      await service.jump(service.clock.now() + 6_000)
      expect(await service.list(id)).toEqual([])
      expect(service.mail.receivedFor('busy@x.example')).toHaveLength(1)
    },
  )

  test('sends nothing when it is empty and is to be skipped then', async () => {
    service.value = 0
    const { id } = await service.save({ skipIfEmpty: true })
    const [delivery] = await service.settled(id, 'skipped')
    expect(delivery?.delivery.error).toBe('Every number of the report is 0.')
    expect(service.mail.received).toEqual([])
  })

  test('that is disabled, was deleted or was saved after its time sends nothing', async () => {
    const disabled = await service.save({ enabled: false })
    const deleted = await service.save()
    await service.stores.schedules.remove(TENANT, deleted.id, deleted.revision)
    const control = await service.save({ recipients: ['control@x.example'] })
    await service.jump(AT_8)
    const late = await service.save({ recipients: ['late@x.example'] })
    await service.settled(control.id, 'sent')
    expect(await service.list(disabled.id)).toEqual([])
    expect(await service.list(deleted.id)).toEqual([])
    expect(await service.list(late.id)).toEqual([])
    expect(service.mail.received.map(({ recipient }) => recipient)).toEqual(['control@x.example'])
    await service.jump(AT_8 + DAY_MS)
    await service.settled(late.id, 'sent')
  })

  test('makes up for the newest missed run within six hours, and records older ones', async () => {
    const { id } = await service.save({ recipients: ['a@x.example', 'b@x.example'] })
    service = await service.startNext(AT_8 + 2 * DAY_MS + 5 * HOUR_MS)
    const listed = await service.settled(id, 'sent', 'sent', 'missed', 'missed', 'missed', 'missed')
    expect(new Set(service.runs)).toEqual(new Set([AT_8 + 2 * DAY_MS]))
    expect(listed.map(({ delivery }) => (delivery.target.scheduledFor - AT_8) / DAY_MS)).toEqual([2, 2, 1, 1, 0, 0])
    // The next start has nothing to do.
    service = await service.startNext(service.clock.now() + HOUR_MS)
    const time = new Date(service.clock.now() + MINUTE_MS).toISOString().slice(11, 16)
    const control = await service.save({ recipients: ['control@x.example'], every: { kind: 'daily', time } })
    await service.settled(control.id, 'sent')
    expect(service.mail.receivedFor('a@x.example')).toHaveLength(1)
    service = await service.startNext(AT_8 + 3 * DAY_MS + 6 * HOUR_MS + 1)
    await service.settled(
      id,
      ...Array<'missed'>(2).fill('missed'),
      'sent',
      'sent',
      ...Array<'missed'>(4).fill('missed'),
    )
  })

  test('is disabled by three runs in a row that are refused, also when its time changes', async () => {
    service.mail.behave('gone@x.example', { at: 'recipient', code: 550, text: '5.1.1 no such user' })
    const gone = await service.save({ recipients: ['gone@x.example'] })
    // One recipient who is refused does not disable the schedule of the others.
    const mixed = await service.save({ recipients: ['gone@x.example', 'a@x.example'] })
    const { schedules } = service.stores
    await service.settled(gone.id, 'failed')
    const every = { kind: 'daily' as const, time: '09:00' }
    await changeDefinition(schedules, TENANT, gone.id, (body) => ({ ...body, every, savedAt: service.clock.now() }))
    await service.jump(AT_8 + HOUR_MS)
    await service.settled(gone.id, 'failed', 'failed')
    expect((await schedules.find(TENANT, gone.id))?.body.enabled).toBe(true)
    await service.jump(AT_8 + HOUR_MS + DAY_MS)
    await service.settled(gone.id, 'failed', 'failed', 'failed')
    const disabled = await service.pass(
      MINUTE_MS,
      async () => (await schedules.find(TENANT, gone.id))?.body.disabledReason,
      'the schedule to be disabled',
    )
    expect(disabled).toContain('550 5.1.1 no such user')
    expect((await schedules.find(TENANT, gone.id))?.body.enabled).toBe(false)
    await service.jump(AT_8 + HOUR_MS + 2 * DAY_MS)
    await service.pass(HOUR_MS, async () => (await service.list(mixed.id)).length === 6, 'three runs of the other')
    expect(await service.list(gone.id)).toHaveLength(3)
    expect((await schedules.find(TENANT, mixed.id))?.body.enabled).toBe(true)
    // Enabled again, it has three runs again.
    await changeDefinition(schedules, TENANT, gone.id, ({ disabledReason, ...body }) =>
      disabledReason === undefined ? undefined : { ...body, enabled: true, savedAt: service.clock.now() },
    )
    await service.jump(AT_8 + HOUR_MS + 3 * DAY_MS)
    await service.settled(gone.id, 'failed', 'failed', 'failed', 'failed')
    expect((await schedules.find(TENANT, gone.id))?.body.enabled).toBe(true)
  })
})

test('the times of these tests are those of the fixture', () => {
  expect(AT_8 - START).toBe(30_000)
})
