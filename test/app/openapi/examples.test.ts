import { describe, expect, test } from 'bun:test'
import { FormatRegistry, type TSchema } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { ALL_DASHBOARDS } from '../../../src/analytics/dashboards/dashboards.ts'
import { QueryData, QuerySchemaData } from '../../../src/analytics/custom-query/query-response.ts'
import { CohortData, CohortMembersData } from '../../../src/analytics/cohorts/cohort-response.ts'
import { responsesOf } from '../../../src/http/dashboards/dashboard-responses.ts'
import {
  ContactData,
  EventSearchData,
  MessageData,
  MessageSearchData,
} from '../../../src/http/drill-down/drill-down-data.ts'
import { RESPONSE_EXAMPLES } from '../../../src/http/docs/openapi/response-examples.ts'
import { LiveTicket } from '../../../src/http/live/live-routes.ts'
import { LivenessResponse, ReadinessResponse } from '../../../src/http/health.ts'
import { servedDocument } from '../../support/openapi/document.ts'
import { inconsistenciesOf } from '../../support/dashboards/response-arithmetic.ts'

const ANSWERS: Readonly<Record<string, TSchema>> = {
  ...Object.fromEntries(ALL_DASHBOARDS.map(({ name, responseData }) => [name, responsesOf(responseData)[200]])),
  query: responsesOf(QueryData)[200],
  querySchema: responsesOf(QuerySchemaData)[200],
  cohorts: responsesOf(CohortData)[200],
  cohortMembers: responsesOf(CohortMembersData)[200],
  eventsSearch: responsesOf(EventSearchData)[200],
  messagesSearch: responsesOf(MessageSearchData)[200],
  message: responsesOf(MessageData)[200],
  contact: responsesOf(ContactData)[200],
  liveTicket: responsesOf(LiveTicket)[200],
  healthLive: LivenessResponse,
  healthReady: ReadinessResponse,
}

const isInstant = (text: string) =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/.test(text) && !Number.isNaN(Date.parse(text))
FormatRegistry.Set('date-time', isInstant)

describe('the examples', () => {
  test('exist for every operation and for no other', async () => {
    const { paths } = await servedDocument()
    const operations = Object.values(paths).flatMap((each) => Object.values(each).map(({ operationId }) => operationId))
    // A WebSocket has no example of a response.
    const shown = operations.filter((name) => name !== 'liveSocket')
    expect(Object.keys(RESPONSE_EXAMPLES).toSorted()).toEqual(shown.toSorted())
  })

  test.each(Object.entries(ANSWERS))('%s matches its schema', (name, schema) => {
    expect(
      [...Value.Errors(schema, RESPONSE_EXAMPLES[name])].map(({ path, message }) => `${path}: ${message}`),
    ).toEqual([])
  })

  test.each(Object.entries(RESPONSE_EXAMPLES).filter(([, example]) => typeof example === 'object'))(
    '%s has consistent sums and rates',
    (_, example) => {
      expect(inconsistenciesOf(example as object)).toEqual([])
    },
  )

  test('control: a wrong rate or sum is found', () => {
    const example = structuredClone(RESPONSE_EXAMPLES['messages']) as { data: Record<string, any> }
    example.data['summary'].opened += 1
    example.data['byChannel'][0].openRate += 0.01
    expect(inconsistenciesOf(example)).toEqual([
      'data.byChannel.0.openRate is 50.55',
      'summary.opened is 951, the series adds up to 950',
      'summary.opened is 951, the channels add up to 950',
    ])
  })
})
