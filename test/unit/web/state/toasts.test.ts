import { expect, test } from 'bun:test'
import { Toasts } from '../../../../src/web/state/toasts.ts'

/** A list whose messages do not disappear by themselves during the test. */
function pausedToasts() {
  const toasts = new Toasts()
  toasts.pause()
  return { toasts, texts: () => toasts.list.value.map(({ text }) => text) }
}

test('a message with the same text replaces the earlier one', () => {
  const { toasts, texts } = pausedToasts()
  for (const text of ['saved', 'failed', 'saved']) toasts.show('success', text)
  expect(texts()).toEqual(['failed', 'saved'])
})

test('the page shows the latest three messages', () => {
  const { toasts, texts } = pausedToasts()
  for (const text of ['1', '2', '3', '4']) toasts.show('error', text)
  expect(texts()).toEqual(['2', '3', '4'])
})

test('a message is dismissed alone', () => {
  const { toasts, texts } = pausedToasts()
  for (const text of ['1', '2']) toasts.show('error', text)
  toasts.dismiss(toasts.list.value[0]!.id)
  expect(texts()).toEqual(['2'])
})
