import type { ShownAlert } from '../../http/alerts/alert-data.ts'
import type { ShownHistory, ShownPresets } from '../../http/alerts/history-data.ts'
import { apiPath } from '../api/api-client.ts'
import { readStored } from '../definitions/stored-definitions.ts'
import { readQuerySchema } from '../explorer/query-schema.ts'
import type { LazyPage } from '../views/lazy/lazy-view.ts'
import type { LoadRequest, ViewProps } from '../views/view.ts'
import type { AlertPresets, AlertsData } from './alerts-data.ts'
import { AlertDetail } from './detail/alert-detail.tsx'
import stylesheet from '../styles/views/alerts.css' with { type: 'file' }
import { RuleEditor } from './editor/rule-editor.tsx'
import { AlertList } from './list/alert-list.tsx'

const LIST = 'alerts'

export const page: LazyPage<AlertsData> = {
  async load(request) {
    const { id, definition } = request.viewState
    const data = await (definition !== undefined
      ? loadEditor(request)
      : id === undefined
        ? loadList(request)
        : loadDetail(request, id))
    return { data, asOf: request.now }
  },
  // The view has none.
  file: () => ({ path: LIST, parameters: {} }),
  entityName: (data) =>
    data.kind === 'detail' ? data.alert.name : data.kind === 'editor' ? data.stored?.rule.name : undefined,
  stylesheet: new URL(stylesheet, import.meta.url).href,
  Content: AlertsView,
}

async function readPresets({ api, signal }: LoadRequest): Promise<AlertPresets> {
  return (await api.revalidated<ShownPresets>(apiPath('alerts/presets', {}), signal)).data
}

async function loadList(request: LoadRequest): Promise<AlertsData> {
  const { api, signal } = request
  const [{ data }, presets] = await Promise.all([
    api.revalidated<{ readonly alerts: readonly ShownAlert[] }>(apiPath(LIST, {}), signal),
    readPresets(request),
  ])
  return { kind: 'list', alerts: data.alerts, presets }
}

async function loadDetail({ api, signal }: LoadRequest, id: string): Promise<AlertsData> {
  const path = `${LIST}/${encodeURIComponent(id)}`
  const [{ data, etag }, history] = await Promise.all([
    readStored<ShownAlert>(api, path, signal),
    api.revalidated<ShownHistory>(apiPath(`${path}/history`, {}), signal),
  ])
  return { kind: 'detail', alert: data, etag, transitions: history.data.transitions }
}

async function loadEditor(request: LoadRequest): Promise<AlertsData> {
  const { api, signal, viewState } = request
  const { id } = viewState
  const [schema, presets, stored] = await Promise.all([
    readQuerySchema(api),
    readPresets(request),
    id === undefined ? undefined : readStored<ShownAlert>(api, `${LIST}/${encodeURIComponent(id)}`, signal),
  ])
  return { kind: 'editor', schema, presets, stored: stored && { rule: stored.data, etag: stored.etag } }
}

function AlertsView({ data, viewState, asOf }: ViewProps<AlertsData>) {
  if (data.kind === 'list') return <AlertList {...data} zone={viewState.zone} asOf={asOf} />
  if (data.kind === 'detail') return <AlertDetail key={data.alert.id} {...data} zone={viewState.zone} asOf={asOf} />
  return <RuleEditor key={viewState.id ?? ''} {...data} id={viewState.id} asOf={asOf} />
}
