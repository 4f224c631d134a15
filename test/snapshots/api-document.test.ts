import { test } from 'bun:test'
import { servedDocument } from '../support/openapi/document.ts'
import { expectRecorded, withSortedKeys } from './recorded.ts'

test('the OpenAPI document at /docs/json is as recorded', async () => {
  const document = (await servedDocument()) as unknown as { readonly info: object }
  await expectRecorded('api-document', withSortedKeys({ ...document, info: { ...document.info, version: 'VERSION' } }))
})
