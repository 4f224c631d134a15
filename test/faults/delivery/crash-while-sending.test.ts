import { afterEach, describe, expect, test } from 'bun:test'
import { isSettled } from '../../../src/delivery/delivery.ts'
import { until } from '../../support/process/until.ts'
import { DeliveryFixture } from './delivery-fixture.ts'

const RECIPIENT = 'reader@x.example'
/** Beyond the time after which the claim of a process that has ended counts no more. */
const LATER = ['--later-ms', '60000']

let fixture: DeliveryFixture
afterEach(() => fixture.stop())

/** A delivery whose process is killed at a step, and what the next process makes of it. */
async function afterCrash(step: string, nextOptions: readonly string[] = []) {
  let kill = () => {}
  fixture = await DeliveryFixture.start({
    onRecipient: () => step === 'envelope' && kill(),
    onContent: () => step === 'content' && kill(),
  })
  const child = await fixture.startProcess('--die-at', step)
  kill = () => child.kill('SIGKILL')
  const scheduleId = await fixture.saveDueSchedule([RECIPIENT])
  await child.exited
  kill = () => {}
  const receivedBefore = fixture.mail.received.length
  await fixture.startProcess(...LATER, ...nextOptions)
  const delivery = await until(
    async () => (await fixture.deliveries(scheduleId)).find(isSettled),
    20_000,
    'the delivery to be settled',
  )
  return { signal: child.signalCode, receivedBefore, received: fixture.mail.received, status: delivery.status }
}

describe('a process that is killed while it delivers', () => {
  test.each([
    ['when the delivery is open', 'open', 0, 'sent', 1],
    ['when it is recorded', 'record', 0, 'sent', 1],
    ['when it is claimed, before the mail is made', 'claim', 0, 'sent', 1],
    ['when the mail is made', 'handed over', 0, 'unknown', 0],
    ['before the content of the mail', 'envelope', 0, 'unknown', 0],
    ['after the content, before the answer of the server', 'content', 1, 'unknown', 1],
    ['after the server accepted the mail, before the log', 'log', 1, 'unknown', 1],
  ] as const)('%s: nothing is sent twice', async (_, step, before, status, sent) => {
    const crash = await afterCrash(step)
    expect(crash.signal).toBe('SIGKILL')
    expect(crash.receivedBefore).toBe(before)
    expect(crash.status).toBe(status)
    expect(crash.received).toHaveLength(sent)
  })

  test('control: without claims the mail is sent again', async () => {
    const { received } = await afterCrash('log', ['--without-claims'])
    expect(received).toHaveLength(2)
    // The one thing that lets mail programs notice it.
    expect(new Set(received.map(({ messageId }) => messageId)).size).toBe(1)
  })
})

describe('two processes that deliver the same schedule', () => {
  const recipients = Array.from({ length: 40 }, (_, index) => `reader-${index}@x.example`)

  async function receivedFromTwo(...options: readonly string[]): Promise<string[]> {
    fixture = await DeliveryFixture.start()
    await Promise.all([fixture.startProcess(...options), fixture.startProcess(...options)])
    const scheduleId = await fixture.saveDueSchedule(recipients)
    await until(
      async () => {
        const deliveries = await fixture.deliveries(scheduleId)
        return deliveries.length === recipients.length && deliveries.every(({ status }) => status === 'sent')
      },
      30_000,
      'all mails to be sent',
    )
    return fixture.mail.received.map(({ recipient }) => recipient)
  }

  test('send each mail once', async () => {
    expect((await receivedFromTwo()).toSorted()).toEqual(recipients.toSorted())
  })

  test('control: without compare-and-set some mails are sent twice', async () => {
    const received = await receivedFromTwo('--without-comparison')
    expect(new Set(received).size).toBe(recipients.length)
    expect(received.length).toBeGreaterThan(recipients.length)
  })
})
