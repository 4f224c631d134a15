import { describe, expect, test } from 'bun:test'
import { ALERT_FILES, ALERT_OPERATIONS, DELIVERY_OPERATIONS } from '../../support/openapi/expected-operations.ts'
import { problemsOf } from '../../support/openapi/document-rules.ts'
import { servedDocument, withoutReferences } from '../../support/openapi/document.ts'
import { ALL_DASHBOARDS, DASHBOARD_NAMES } from '../../../src/analytics/dashboards/dashboards.ts'

describe('the OpenAPI document', () => {
  test('has no error and no warning', async () => {
    expect(await problemsOf(await servedDocument())).toEqual([])
  })

  test('describes all dashboards, queries and the live stream, which need a token or an API key, and the health checks', async () => {
    const { paths } = await servedDocument()
    const told = Object.entries(paths).flatMap(([path, operations]) =>
      Object.values(operations).map(({ operationId, security }) => [path, operationId, security.length]),
    )
    expect(told).toEqual([
      ...DASHBOARD_NAMES.map((name) => [`/api/v1/analytics/${name}`, name, 2]),
      ['/api/v1/analytics/query', 'query', 2],
      ['/api/v1/analytics/query/schema', 'querySchema', 2],
      ['/api/v1/analytics/cohorts', 'cohorts', 2],
      ['/api/v1/analytics/cohorts/members', 'cohortMembers', 2],
      ['/api/v1/analytics/funnels', 'funnel', 2],
      ['/api/v1/analytics/funnels/members', 'funnelMembers', 2],
      ['/api/v1/analytics/funnels/presets', 'funnelPresets', 2],
      ['/api/v1/analytics/events/search', 'eventsSearch', 2],
      ['/api/v1/analytics/messages/search', 'messagesSearch', 2],
      ['/api/v1/analytics/messages/{messageId}', 'message', 2],
      ['/api/v1/analytics/contacts/{contactId}', 'contact', 2],
      ['/api/v1/analytics/reports', 'reports', 2],
      ['/api/v1/analytics/reports', 'createReport', 2],
      ['/api/v1/analytics/reports/{reportId}', 'report', 2],
      ['/api/v1/analytics/reports/{reportId}', 'changeReport', 2],
      ['/api/v1/analytics/reports/{reportId}', 'removeReport', 2],
      ['/api/v1/analytics/reports/{reportId}/versions', 'reportVersions', 2],
      ['/api/v1/analytics/reports/{reportId}/run', 'runReport', 2],
      ['/api/v1/analytics/schedules', 'schedules', 2],
      ['/api/v1/analytics/schedules', 'createSchedule', 2],
      ['/api/v1/analytics/schedules/{scheduleId}', 'schedule', 2],
      ['/api/v1/analytics/schedules/{scheduleId}', 'changeSchedule', 2],
      ['/api/v1/analytics/schedules/{scheduleId}', 'removeSchedule', 2],
      ...DELIVERY_OPERATIONS,
      ...ALERT_OPERATIONS,
      ['/api/v1/analytics/live', 'live', 2],
      ['/api/v1/analytics/live/ws', 'liveSocket', 2],
      ['/api/v1/analytics/live/ticket', 'liveTicket', 2],
      ['/health/live', 'healthLive', 0],
      ['/health/ready', 'healthReady', 0],
    ])
  })

  test('describes every kind of credential, and the header that selects a tenant of a token', async () => {
    const { paths, components } = withoutReferences(await servedDocument())
    // The order matters: the dialog of the docs page shows the first one first.
    expect(Object.entries(components.securitySchemes)).toMatchObject([
      ['bearer', { type: 'http', scheme: 'bearer' }],
      ['apiKey', { type: 'apiKey', in: 'header', name: 'x-api-key' }],
    ])
    for (const [path, { get, post }] of Object.entries(paths)) {
      const headers = (get ?? post)?.parameters?.flatMap((each) => (each.in === 'header' ? [each.name] : [])) ?? []
      expect([path, headers]).toEqual([path, path.startsWith('/api/') ? ['x-tenant-id'] : []])
    }
  })

  test('requires If-Match where a stored version is changed or removed, and tells of its failures', async () => {
    const { paths } = withoutReferences(await servedDocument())
    const requiring = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).flatMap(([method, { parameters = [], responses }]) =>
        parameters.some(({ name, required }) => name === 'If-Match' && required)
          ? [[method, path.slice('/api/v1/analytics'.length), '412' in responses, '428' in responses]]
          : [],
      ),
    )
    expect(requiring).toEqual(
      ['/reports/{reportId}', '/schedules/{scheduleId}', '/alerts/{alertId}'].flatMap((path) =>
        ['put', 'delete'].map((method) => [method, path, true, true]),
      ),
    )
  })

  test('has the parameter ticket only on the two streams', async () => {
    const { paths } = withoutReferences(await servedDocument())
    const taking = Object.entries(paths).filter(([, { get }]) => get?.parameters?.some(({ name }) => name === 'ticket'))
    expect(taking.map(([path]) => path)).toEqual(['/api/v1/analytics/live', '/api/v1/analytics/live/ws'])
  })

  test('describes each response as one type with named parts', async () => {
    const { paths, components } = await servedDocument()
    const { schema } = paths['/api/v1/analytics/campaigns']!['get']!.responses['200']!.content!['application/json']!
    expect(schema?.properties).toMatchObject({
      success: { enum: [true] },
      data: { $ref: '#/components/schemas/Campaigns' },
      meta: { $ref: '#/components/schemas/ResponseMeta' },
    })
    expect(components.schemas['Campaigns']?.properties).toMatchObject({
      summary: { $ref: '#/components/schemas/CampaignsSummary' },
      topCampaigns: { type: 'array', items: { $ref: '#/components/schemas/Campaign' } },
      timeSeries: { type: 'array', items: { $ref: '#/components/schemas/CampaignsDay' } },
    })
    expect(components.schemas['ErrorResponse']?.properties).toMatchObject({
      error: { $ref: '#/components/schemas/ApiError' },
      meta: { $ref: '#/components/schemas/ErrorMeta' },
    })
  })

  test('describes each failure and each common parameter once', async () => {
    const { paths } = await servedDocument()
    for (const { get } of Object.values(paths))
      for (const [status, response] of Object.entries(get?.responses ?? {}))
        if (Number(status) >= 300)
          expect([status, JSON.stringify(response)]).toEqual([
            status,
            expect.stringMatching(/^\{"\$ref":"#\/components\/responses\/[^"]*"\}$/),
          ])
    const { parameters } = paths['/api/v1/analytics/overview']!['get']!
    expect(parameters).toContainEqual({ $ref: '#/components/parameters/StartDate' } as never)
  })

  test('describes the exports of every dashboard and the two parameters that select one', async () => {
    const { paths } = withoutReferences(await servedDocument())
    const told = Object.entries(paths).map(([path, { get }]) => {
      const choices = get?.parameters?.filter(({ name }) => ['format', 'table'].includes(name)) ?? []
      return [
        path,
        Object.keys(get?.responses['200']?.content ?? {}),
        Object.keys(get?.['x-files'] ?? {}),
        choices.map(({ schema }) => schema.enum),
      ]
    })
    const files = ['text/csv', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet']
    const formats = ['json', 'csv', 'xlsx']
    const described = (name: string, tables: string[]) => [
      `/api/v1/analytics/${name}`,
      ['application/json'],
      files,
      [formats, tables],
    ]
    expect(told).toEqual([
      ...ALL_DASHBOARDS.map(({ name, data }) => described(name, [...Object.keys(data.properties), 'comparison'])),
      ['/api/v1/analytics/query', [], [], []],
      ['/api/v1/analytics/query/schema', ['application/json'], [], []],
      ['/api/v1/analytics/cohorts', [], [], []],
      ['/api/v1/analytics/cohorts/members', [], [], []],
      ['/api/v1/analytics/funnels', [], [], []],
      ['/api/v1/analytics/funnels/members', [], [], []],
      ['/api/v1/analytics/funnels/presets', ['application/json'], [], []],
      ['/api/v1/analytics/events/search', [], [], []],
      ['/api/v1/analytics/messages/search', [], [], []],
      ['/api/v1/analytics/messages/{messageId}', ['application/json'], [], []],
      ['/api/v1/analytics/contacts/{contactId}', ['application/json'], [], []],
      ['/api/v1/analytics/reports', ['application/json'], [], []],
      ['/api/v1/analytics/reports/{reportId}', ['application/json'], [], []],
      ['/api/v1/analytics/reports/{reportId}/versions', ['application/json'], [], []],
      ['/api/v1/analytics/reports/{reportId}/run', ['application/json'], files, [formats]],
      ['/api/v1/analytics/schedules', ['application/json'], [], []],
      ['/api/v1/analytics/schedules/{scheduleId}', ['application/json'], [], []],
      ['/api/v1/analytics/schedules/{scheduleId}/deliveries', ['application/json'], [], []],
      ['/api/v1/analytics/schedules/{scheduleId}/deliveries/{deliveryId}/resend', [], [], []],
      ['/api/v1/analytics/schedules/{scheduleId}/test', [], [], []],
      ...ALERT_FILES,
      ['/api/v1/analytics/live', ['text/event-stream'], [], []],
      ['/api/v1/analytics/live/ws', [], [], []],
      ['/api/v1/analytics/live/ticket', [], [], []],
      ['/health/live', ['application/json'], [], []],
      ['/health/ready', ['application/json'], [], []],
    ])
  })
})

describe('the server of the OpenAPI document', () => {
  const serverOf = async (environment: Record<string, string>, headers: Record<string, string>) =>
    (await servedDocument(environment, headers)).servers.map(({ url }) => url)

  test('is PUBLIC_URL, whatever the request contains', async () => {
    const environment = { PUBLIC_URL: 'https://stats.example/analytics/' }
    const headers = { host: 'service:3000', 'x-forwarded-prefix': '/other' }
    expect(await serverOf(environment, headers)).toEqual(['https://stats.example/analytics'])
  })

  test.each<[Record<string, string>, string]>([
    [{ host: 'localhost:3000' }, 'http://localhost:3000'],
    [{ host: '[::1]:3000' }, 'http://[::1]:3000'],
    [{ host: 'stats.example', 'x-forwarded-proto': 'https' }, 'https://stats.example'],
    [{ host: 'stats.example', 'x-forwarded-prefix': '/analytics/' }, 'http://stats.example/analytics'],
    [{ host: 'stats.example', 'x-forwarded-prefix': '//evil.example' }, 'http://stats.example'],
    [{ host: 'stats.example', 'x-forwarded-proto': 'javascript' }, 'http://stats.example'],
    [{ host: 'a b' }, '/'],
    [{ host: 'evil.example/path' }, '/'],
    [{}, '/'],
  ])('is derived from the request when PUBLIC_URL is not set: %j', async (headers, expected) => {
    expect(await serverOf({}, headers)).toEqual([expected])
  })
})

describe('the check of the document', () => {
  const overview = '/api/v1/analytics/overview'
  type Loose = Record<string, any>
  const spoilt: readonly (readonly [what: string, sentence: string, spoil: (get: Loose, document: Loose) => void])[] = [
    ['a missing licence', 'info-license', (_, document) => delete document['info'].license],
    [
      'a parameter without a description',
      'timeRange has no description',
      (get) => delete get['parameters'][0].description,
    ],
    [
      'a property without a description',
      'sent has no description',
      (_, { components }) => delete components.schemas.OverviewDay.properties.sent.description,
    ],
    [
      'a response without a description',
      '401 has no description',
      (_, { components }) => delete components.responses.Unauthorized.description,
    ],
    [
      'another content type',
      'offers text/plain',
      (_, { components }) => (components.responses.BadRequest.content['text/plain'] = {}),
    ],
    ['an export that is not described', 'does not offer text/csv', (get) => delete get['x-files']['text/csv']],
    ['an export beside the JSON', 'offers text/csv', (get) => (get['responses'][200].content['text/csv'] = {})],
    ['a parameter without an example', 'timeRange has no example', (get) => delete get['parameters'][0].example],
    ['an invalid example', 'its example is "8d"', (get) => (get['parameters'][0].example = '8d')],
    [
      'an object without a name',
      'trend is an object without a name',
      (_, { components }) => (components.schemas.Overview.properties.trend.items = components.schemas.OverviewDay),
    ],
    [
      'a schema with the name of a parameter',
      'OverviewTimeRange is also what a parameter is called',
      (_, { components: { schemas } }) => (schemas.OverviewTimeRange = schemas.OverviewDay),
    ],
    ['a closed object', 'is closed', (get) => (json(get)['schema'].additionalProperties = false)],
    ['a missing example', '200 has no example', (get) => delete json(get)['example']],
    ['a refusal that is not described', 'does not tell of its 403', (get) => delete get['responses'][403]],
    ['an example of another type', 'openRate', (get) => (json(get)['example'].data.summary.openRate = '49%')],
    ['an example with an additional field', 'surplus', (get) => (json(get)['example'].data.summary.surplus = 1)],
    ['an example with a missing field', 'trend', (get) => delete json(get)['example'].data.trend],
  ]
  const json = (get: Loose) => get['responses'][200].content['application/json'] as Loose

  test.each(spoilt)('reports %s', async (_, sentence, spoil) => {
    const document = structuredClone(await servedDocument()) as Loose
    spoil(document['paths'][overview].get as Loose, document)
    const problems = await problemsOf(document as unknown as Awaited<ReturnType<typeof servedDocument>>)
    expect(problems.length).toBeGreaterThan(0)
    expect(problems.join('\n')).toContain(sentence)
  })
})
