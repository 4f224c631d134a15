import { expect, test } from 'bun:test'
import { parseLine } from '../../../../src/cli/import/parse-line.ts'

async function messageIdOf(eventId: string, number: number): Promise<string> {
  const read = await parseLine(`{"subject":"campaign.started","tenantId":"tenant-1","eventId":${eventId}}`, number)
  if (typeof read === 'string') throw new Error(read)
  return read.messageId
}

test('lines with the same event id have the same message id, whatever their position', async () => {
  for (const eventId of ['"e1"', '7']) expect(await messageIdOf(eventId, 1)).toBe(await messageIdOf(eventId, 2))
})

test('event ids beyond 2^53 that are parsed as the same number have different message ids', async () => {
  expect(await messageIdOf('9007199254740993', 1)).not.toBe(await messageIdOf('9007199254740992', 2))
  expect(await messageIdOf('9007199254740993', 1)).toBe(await messageIdOf('9007199254740993', 1))
})

test('a fraction is not an event id: the message id is derived from the line', async () => {
  expect(await messageIdOf('1.5', 1)).not.toBe(await messageIdOf('1.5', 2))
})
