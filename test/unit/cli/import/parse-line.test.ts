import { expect, test } from 'bun:test'
import { parseLine } from '../../../../src/cli/import/parse-line.ts'

async function messageIdOf(eventId: string, number: number): Promise<string> {
  const read = await parseLine(`{"subject":"campaign.started","tenantId":"tenant-1","eventId":${eventId}}`, number)
  if (typeof read === 'string') throw new Error(read)
  return read.messageId
}

test('lines with one id have one message id, whatever their place', async () => {
  for (const eventId of ['"e1"', '7']) expect(await messageIdOf(eventId, 1)).toBe(await messageIdOf(eventId, 2))
})

test('ids beyond 2^53 that are read as one number have message ids of their own', async () => {
  expect(await messageIdOf('9007199254740993', 1)).not.toBe(await messageIdOf('9007199254740992', 2))
  expect(await messageIdOf('9007199254740993', 1)).toBe(await messageIdOf('9007199254740993', 1))
})

test('a fraction is no id: the line is what a message id is made of', async () => {
  expect(await messageIdOf('1.5', 1)).not.toBe(await messageIdOf('1.5', 2))
})
