/**
 * The tables of dashboards and metrics in docs/api.md and docs/engagement.md, generated from their definitions. `bun test/support/repository/api-tables.ts` rewrites them.
 */
import { ALL_DASHBOARDS } from '../../../src/analytics/dashboards/dashboards.ts'
import { ENGAGEMENT_METRICS } from '../../../src/analytics/engagement/engagement-metrics.ts'
import { METRICS } from '../../../src/analytics/metrics.ts'
import { commonParameters } from '../../../src/analytics/define-dashboard.ts'

const PAGE = new URL('../../../docs/api.md', import.meta.url)
const ENGAGEMENT_PAGE = new URL('../../../docs/engagement.md', import.meta.url)
const DASHBOARD_HEAD = '| dashboard | response | parameters besides the common ones | tables |'
const METRIC_HEAD = '| metric | unit | definition |'

/** Replaces both tables in the text of the page. */
export function withApiTables(page: string): string {
  const dashboards = ALL_DASHBOARDS.map(({ name, docs, preset, parameters, data, mainTable }) => {
    const common = commonParameters(preset)
    const own = Object.keys(parameters.properties).filter((parameter) => !(parameter in common))
    const tables = Object.keys(data.properties).map((table) => (table === mainTable ? `**\`${table}\`**` : code(table)))
    return [code(name), docs.description, own.map(code).join(', '), tables.join(', ')]
  })
  return withTable(withTable(page, DASHBOARD_HEAD, dashboards), METRIC_HEAD, metricRows(METRICS))
}

/** Replaces the table of metrics in the text of docs/engagement.md. */
export function withEngagementTable(page: string): string {
  return withTable(page, METRIC_HEAD, metricRows(ENGAGEMENT_METRICS))
}

function metricRows(metrics: Readonly<Record<string, { readonly unit: string; readonly definition: string }>>) {
  return Object.entries(metrics).map(([name, { unit, definition }]) => [code(name), unit, definition])
}

/** Replaces the table with this head. Throws when there is none. */
function withTable(page: string, head: string, rows: readonly (readonly string[])[]): string {
  const from = page.indexOf(`${head}\n`)
  if (from === -1) throw new Error(`The page has no table with the head ${head}`)
  const until = page.indexOf('\n\n', from)
  const lines = rows.map((cells) => `| ${cells.join(' | ')} |`.replaceAll('|  |', '| |'))
  return `${page.slice(0, from)}${[head, head.replaceAll(/[^|]+/g, ' --- ').trim(), ...lines].join('\n')}${page.slice(until)}`
}

function code(text: string): string {
  return `\`${text}\``
}

if (import.meta.main) {
  await Bun.write(PAGE, withApiTables(await Bun.file(PAGE).text()))
  await Bun.write(ENGAGEMENT_PAGE, withEngagementTable(await Bun.file(ENGAGEMENT_PAGE).text()))
}
