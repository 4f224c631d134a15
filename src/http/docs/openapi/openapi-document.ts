/**
 * The OpenAPI 3.0 document: `@elysiajs/swagger` makes it from the schemas of the routes; then it is completed and brought into a form that suits generators of clients.
 */
import type { AnyElysia } from 'elysia'
import { API_KEY_HEADER } from '../../auth/credential-headers.ts'
import { Components } from './components.ts'
import { describeOperation } from './operation.ts'
import { shareParameters } from './parameters.ts'
import { pluginDocument } from './plugin-document.ts'
import { serverAddressOf } from './server-address.ts'

const DESCRIPTION = `Analytics of messages, campaigns, workflows and sequences, updated within seconds of each event.

Authenticate with a bearer token (JWT) whose claim \`tenantId\` names the tenant, or with an API key, which belongs to one tenant; do not send two different ones.
A token with the claim \`tenantIds\` is for several tenants: the header \`x-tenant-id\` selects one of them. Every response carries \`x-correlation-id\`.
A rate is a percentage from 0, rounded to two decimals: opens and clicks are divided by what was delivered, on every endpoint. Each open and each click counts,
so that a rate can exceed 100.

Every dashboard is also available as a file: \`format=csv\` (one table, selected by \`table\`) or \`format=xlsx\` (all tables), or by the media type in \`Accept\`. The schemas below
describe the JSON; the extension \`x-files\` of an operation describes its files. A token without the claim \`scope\` may read and export. With that claim, and with an API key, JSON
needs \`analytics:read\` and files need \`analytics:export\`; single events, messages and contacts need \`analytics:contacts\`; \`analytics:admin\` includes all of them.`

const TAGS = [
  { name: 'Dashboards', description: 'The dashboards, one endpoint each.' },
  { name: 'Drill-down', description: 'Single events, messages and contacts: what is behind a number.' },
  { name: 'Query', description: 'Any metrics by any dimensions.' },
  { name: 'Cohorts', description: 'Decay of engagement and retention of contacts, by cohorts.' },
  { name: 'Funnels', description: 'Steps of messages, contacts, enrollments and runs.' },
  {
    name: 'Reports',
    description:
      'Saved reports of queries, funnels, cohorts and dashboards. Changing them needs `analytics:write`, which a token without the claim `scope` does not have.',
  },
  {
    name: 'Schedules',
    description: 'When and to whom reports are sent. Changing them needs `analytics:write` as well.',
  },
  {
    name: 'Alerts',
    description:
      'Rules that tell people when a metric is unusual. Changing them needs `analytics:write`; a back-test does not.',
  },
  { name: 'Live', description: 'Live event counts.' },
  { name: 'Operations', description: 'Health checks for operators.' },
]

const SECURITY_SCHEMES = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'A JWT with the claims `tenantId` (or `tenantIds`) and `exp`. An API key is accepted here too.',
  },
  apiKey: {
    type: 'apiKey',
    in: 'header',
    name: API_KEY_HEADER,
    description: 'An API key, for programs.',
  },
}

/** Returns the document for a request. */
export type OpenApiDocument = (request: Request) => { readonly servers: readonly { readonly url: string }[] }

/** The document of the routes, which is made on the first request. Its server is `publicUrl`, or by default the address that the request was sent to. */
export function createOpenApiDocument(routes: readonly AnyElysia[], publicUrl: string | undefined): OpenApiDocument {
  let cached: object | undefined
  return (request) => {
    cached ??= describeRoutes(routes)
    return { ...cached, servers: [{ url: publicUrl ?? serverAddressOf(request) }] }
  }
}

function describeRoutes(routes: readonly AnyElysia[]): object {
  const document = pluginDocument(routes, {
    info: { title: 'Outreach Analytics', version: '1.0.0', description: DESCRIPTION, license: { name: 'Proprietary' } },
    // Keeps the position of the property in the document; each request sets its own server.
    servers: [],
    tags: TAGS,
  })
  // The app of an edge runtime has fewer operations.
  const used = new Set(
    Object.values(document.paths).flatMap((operations) => Object.values(operations).flatMap(({ tags = [] }) => tags)),
  )
  const components = new Components()
  const paths = mapValues(document.paths, (operations) =>
    mapValues(operations, (operation) => describeOperation(operation, components)),
  )
  shareParameters(
    Object.values(paths).flatMap((operations) => Object.values(operations)),
    components,
  )
  return {
    ...document,
    tags: TAGS.filter(({ name }) => used.has(name)),
    paths,
    components: { ...components.toJson(), securitySchemes: SECURITY_SCHEMES },
  }
}

function mapValues<From, To>(values: Readonly<Record<string, From>>, map: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value)]))
}
