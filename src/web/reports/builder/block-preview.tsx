import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { type ApiClient, apiPath, type ApiResponse, type Parameters } from '../../api/api-client.ts'
import { ApiError } from '../../api/api-error.ts'
import type { QuerySchema } from '../../explorer/query-schema.ts'
import { describeError } from '../../layout/describe-error.ts'
import { messages } from '../../messages/messages.ts'
import { useApp } from '../../state/app.ts'
import type { DraftBlock } from '../report-draft.ts'
import { SafeBlock } from '../report-view.tsx'

interface BlockPreviewProps {
  readonly block: DraftBlock
  /** The zone of the report. */
  readonly zone: string
  readonly schema: QuerySchema
  /** When the builder was loaded, epoch milliseconds. */
  readonly asOf: number
}

type Preview = { readonly request: string; readonly asOf: number } & (
  { readonly data: object } | { readonly problem: string }
)

/** What a block shows now, saved or not: its request to its own endpoint. */
export function BlockPreview({ block, zone, schema }: BlockPreviewProps) {
  const { api, session } = useApp()
  const { kind, body } = block
  const request = JSON.stringify([kind, zone, body])
  const preview = useSignal<Preview | undefined>(undefined)
  useEffect(() => {
    const abort = new AbortController()
    void (async () => {
      try {
        const { data, meta } = await readBlock(api, block, zone, abort.signal)
        preview.value = { request, data, asOf: Date.parse(meta.asOf) }
      } catch (error) {
        if (abort.signal.aborted) return
        if (error instanceof ApiError && error.status === 401) return session.expire()
        preview.value = { request, problem: problemOf(error), asOf: 0 }
      }
    })()
    return () => abort.abort()
  }, [request])
  const shown = preview.value
  // The data of another request would not fit the block.
  if (shown?.request !== request)
    return (
      <div class="block-preview" aria-busy="true">
        <p class="visually-hidden">{messages().loading}</p>
        <div class="skeleton skeleton-preview" aria-hidden="true" />
      </div>
    )
  return (
    <div class="block-preview">
      {'problem' in shown ? (
        <p class="field-problem">{shown.problem}</p>
      ) : (
        <SafeBlock
          key={`${request} ${block.chart}`}
          {...{ block, zone, schema, asOf: shown.asOf }}
          data={shown.data}
          id={`preview ${block.key}`}
        />
      )}
    </div>
  )
}

const PATHS = { query: 'query', funnel: 'funnels', cohort: 'cohorts' } as const

async function readBlock(
  api: ApiClient,
  { kind, body }: DraftBlock,
  timezone: string,
  signal: AbortSignal,
): Promise<ApiResponse<object>> {
  const request = { timezone, ...body }
  if (kind !== 'dashboard') return api.revalidated<object>(apiPath(PATHS[kind], {}), signal, request)
  const { dashboard, ...parameters } = request as { readonly dashboard?: unknown }
  return api.revalidated<object>(apiPath(String(dashboard), textsOf(parameters)), signal)
}

function textsOf(parameters: object): Parameters {
  return Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, String(value)]))
}

/** Of a refused request, what the service says about it. */
function problemOf(error: unknown): string {
  const { title } = describeError(error, navigator.onLine)
  const details = error instanceof ApiError && error.status === 400 ? error.details : []
  return [`${title}.`, ...details.map(({ path, message }) => `${path}: ${message}`)].join(' ')
}
