import type { QueryData } from '../../analytics/custom-query/query-response.ts'
import { apiPath } from '../api/api-client.ts'
import { ApiError } from '../api/api-error.ts'
import { filterTreeOf } from '../filters/filter.ts'
import type { BlockRequest } from '../../reports/report.ts'
import { AddToReport } from '../reports/add-to-report.tsx'
import { useApp } from '../state/app.ts'
import type { ViewState } from '../state/view-state.ts'
import type { LazyPage } from '../views/lazy/lazy-view.ts'
import type { LoadRequest, ViewProps } from '../views/view.ts'
import { changed, type Exploration, formatExploration, parseExploration, queryBodyOf } from './exploration.ts'
import { ExplorerResult, titleOf } from './result/explorer-result.tsx'
import { QueryEditor } from './editor/query-editor.tsx'
import { metricOf, type QuerySchema, readQuerySchema } from './query-schema.ts'
import { RefusedQuery } from './refused-query.tsx'
import { chartOf, pairsOf } from './restrictions.ts'

export interface ExplorerData {
  readonly schema: QuerySchema
  /** Undefined where the service refused the query. */
  readonly answer: QueryData | undefined
  /** The code of the refusal; undefined for a combination that the service would refuse. */
  readonly refusal: string | undefined
}

const PATH = 'query'

export const page: LazyPage<ExplorerData> = {
  async load(request) {
    const schema = await readQuerySchema(request.api)
    const exploration = parseExploration(request.viewState.definition, schema)
    const chosen = { ...exploration, filters: request.viewState.filters }
    if (pairsOf(schema, chosen).length > 0)
      return { data: { schema, answer: undefined, refusal: undefined }, asOf: request.now }
    try {
      const { data, meta } = await readAnswer(request, schema, exploration)
      return { data: { schema, answer: data, refusal: undefined }, asOf: Date.parse(meta.asOf) }
    } catch (error) {
      // The user changes the query, which an error in place of the view would not permit.
      if (!(error instanceof ApiError) || error.status !== 400) throw error
      return { data: { schema, answer: undefined, refusal: error.code ?? '' }, asOf: request.now }
    }
  },
  async file({ viewState, api }) {
    const schema = await readQuerySchema(api)
    const exploration = parseExploration(viewState.definition, schema)
    const body = queryBodyOf(exploration, viewState, filterTreeOf(viewState.filters), true)
    return { path: PATH, parameters: {}, body }
  },
  comparison({ answer, schema }) {
    if (!answer?.comparison) return undefined
    const hasEngagement = answer.query.metrics.some((name) => metricOf(schema, name).kind === 'engagement')
    return { ...answer.comparison, ...(hasEngagement && { engagement: true }) }
  },
  Content: ExplorerView,
}

/** A place that belongs to another query, as after a change of the range, is the first page of this one. */
async function readAnswer({ api, viewState, signal }: LoadRequest, schema: QuerySchema, exploration: Exploration) {
  const isWhole = chartOf(schema, exploration) === 'line'
  const filter = filterTreeOf(viewState.filters)
  const read = (asked: Exploration) =>
    api.revalidated<QueryData>(apiPath(PATH, {}), signal, queryBodyOf(asked, viewState, filter, isWhole))
  try {
    return await read(exploration)
  } catch (error) {
    const isOfOtherQuery = error instanceof ApiError && error.details.some(({ path }) => path === 'cursor')
    if (!isOfOtherQuery || exploration.page === undefined) throw error
    return read({ ...exploration, page: undefined })
  }
}

function ExplorerView({ data: { schema, answer, refusal }, viewState, asOf }: ViewProps<ExplorerData>) {
  const { address } = useApp()
  // The editor follows the address at once, the result when it is loaded.
  const { definition, filters } = address.viewState.value
  const edited = parseExploration(definition, schema)
  const change = (next: Partial<Exploration>) =>
    address.navigate({ definition: formatExploration(changed(edited, next)) })
  const exploration = parseExploration(viewState.definition, schema)
  return (
    <>
      <QueryEditor schema={schema} exploration={edited} filters={filters} asOf={asOf} onChange={change} />
      <AddToReport block={blockOf(schema, exploration, viewState)} />
      {answer ? (
        <ExplorerResult {...{ schema, exploration, answer, viewState, asOf }} onChange={change} />
      ) : (
        <RefusedQuery code={refusal} schema={schema} chosen={{ ...exploration, filters: viewState.filters }} />
      )}
    </>
  )
}

/** The query as a block of a report, from its first page on. */
function blockOf(schema: QuerySchema, exploration: Exploration, viewState: ViewState): BlockRequest {
  const chart = chartOf(schema, exploration)
  const first = { ...exploration, page: undefined }
  const { timezone: _, ...body } = queryBodyOf(first, viewState, filterTreeOf(viewState.filters), chart === 'line')
  return { title: titleOf(schema, exploration), kind: 'query', body: { ...body }, chart }
}
