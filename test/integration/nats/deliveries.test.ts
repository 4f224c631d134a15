import { afterAll, describe, expect, test } from 'bun:test'
import { connect } from 'nats'
import { systemClock } from '../../../src/base/clock.ts'
import { claimed, pendingDelivery } from '../../../src/delivery/delivery.ts'
import { NOT_BEGUN, runAttempt } from '../../../src/delivery/delivery-attempt.ts'
import { createDeliveryStore } from '../../../src/nats/deliveries/delivery-store.ts'
import { eraseDeliveries } from '../../../src/nats/deliveries/erase-deliveries.ts'
import { createRunStateStore } from '../../../src/nats/deliveries/run-state-store.ts'
import { createSharedSecret } from '../../../src/nats/deliveries/shared-secret.ts'
import { DELIVERY_BUCKET, OPEN_DELIVERY_BUCKET } from '../../../src/nats/names.ts'
import { startNatsServer } from '../../support/broker/nats-server.ts'

const server = await startNatsServer()
const connection = await connect({ servers: server.url })
const store = createDeliveryStore<string>(() => connection, 'report')
const keyOf = (id: string, tenantId = 't.1') => ({ tenantId, sourceId: 'schedule-1', id })
const openOf = (id: string, target: string, tenantId?: string) => ({ key: keyOf(id, tenantId), target, startBy: 0 })
const entriesOf = async (bucket: string) =>
  (await (await connection.jetstreamManager()).streams.info(`KV_${bucket}`)).state.messages

afterAll(async () => {
  await connection.close()
  await server.stop()
})

describe('deliveries on the broker', () => {
  test('are created and changed by one caller only', async () => {
    const created = await Promise.all(
      ['a', 'b', 'c'].map((target) => store.create(keyOf('1'), pendingDelivery(target, 0))),
    )
    const [winner] = created.filter((each) => each !== undefined)
    expect(created.filter((each) => each !== undefined)).toHaveLength(1)
    const claims = await Promise.all(
      ['p1', 'p2', 'p3'].map((owner) => store.replace(winner!, claimed(winner!.delivery, owner, 1))),
    )
    const [claim] = claims.filter((each) => each !== undefined)
    expect(claims.filter((each) => each !== undefined)).toHaveLength(1)
    expect(await store.read(keyOf('1'))).toEqual(claim)
    expect(await store.replace(winner!, winner!.delivery)).toBeUndefined()
  })

  test.each([
    ['nobody else has claimed it', false, [true], 'sent', 'p1'],
    ['another process has claimed it meanwhile', true, [false], 'sending', 'p2'],
  ] as const)('may be handed over where %s', async (_, isTaken, expected, status, owner) => {
    const key = keyOf(`begun-${owner}`)
    const created = await store.create(key, pendingDelivery('x', 0))
    const mine = await store.replace(created!, claimed(created!.delivery, 'p1', 0))
    const began: boolean[] = []
    const written = await runAttempt(mine!, {
      store,
      clock: systemClock,
      signal: new AbortController().signal,
      onDefect: (error) => expect(error).toBeUndefined(),
      async send(_key, delivery, _signal, begin) {
        if (isTaken) await store.replace(mine!, claimed(delivery, 'p2', 0))
        began.push(await begin())
        const { claim } = (await store.read(key))!.delivery
        expect([claim?.owner, claim?.isPreparing]).toEqual([owner, isTaken ? true : undefined])
        return began[0] ? { status: 'sent' } : NOT_BEGUN
      },
    })
    expect(began).toEqual([...expected])
    expect([written?.delivery.status, (await store.read(key))?.delivery]).toEqual([status, written!.delivery])
  })

  test('are open until they are closed; one that was opened again stays', async () => {
    const first = await store.open(openOf('2', 'x'))
    const again = await store.open({ ...openOf('2', 'x'), resendOf: 7 })
    await store.close(first)
    expect(await store.listOpen()).toEqual([again])
    await store.close(again)
    expect(await store.listOpen()).toEqual([])
    // Nothing is left of it: a start reads open deliveries only.
    expect(await entriesOf(OPEN_DELIVERY_BUCKET)).toBe(0)
  })

  test('are listed by their source, the newest first', async () => {
    for (const id of ['20', '30', '10']) await store.create(keyOf(id), pendingDelivery('x', 0))
    await store.create({ ...keyOf('40'), sourceId: 'schedule-10' }, pendingDelivery('x', 0))
    await store.create(keyOf('50', 't-1'), pendingDelivery('x', 0))
    await createDeliveryStore<string>(() => connection, 'alert').create(keyOf('60'), pendingDelivery('x', 0))
    expect(await store.listIds('t.1', 'schedule-1')).toEqual(['begun-p2', 'begun-p1', '30', '20', '10', '1'])
    expect(await store.listIds('t.1', 'schedule')).toEqual([])
    expect(() => store.listIds('t.1', '*')).toThrow(TypeError)
    expect(() => store.read(keyOf('a.b'))).toThrow(TypeError)
  })

  test('of a tenant are erased, those of others are not', async () => {
    await store.open(openOf('70', 'x'))
    await store.open(openOf('70', 'x', 't-1'))
    const states = createRunStateStore<number>(() => connection, 'schedule')
    for (const tenant of ['t.1', 't-1']) await states.write(tenant, 'schedule-1', 1, 0)
    const before = await entriesOf(DELIVERY_BUCKET)
    const erased = await eraseDeliveries(connection, 't.1')
    expect(erased).toBe(before - 1)
    expect(await entriesOf(DELIVERY_BUCKET)).toBe(1)
    expect((await store.listOpen()).map(({ key }) => key.tenantId)).toEqual(['t-1'])
    expect(await states.read('t.1', 'schedule-1')).toBeUndefined()
    expect(await states.read('t-1', 'schedule-1')).toMatchObject({ state: 1 })
  })

  test('share a secret with all processes', async () => {
    const secrets = await Promise.all([1, 2, 3].map(() => createSharedSecret(() => connection, 'links')()))
    expect(new Set(secrets.map((secret) => secret.toHex())).size).toBe(1)
    expect(secrets[0]).toHaveLength(32)
    expect(await createSharedSecret(() => connection, 'other')()).not.toEqual(secrets[0])
  })
})
