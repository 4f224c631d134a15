/**
 * The tables of dashboards and metrics in docs/api.md, generated from their definitions. `bun test/support/repository/api-tables.ts` rewrites them.
 */
import { ALL_DASHBOARDS } from '../../../src/analytics/dashboards/dashboards.ts'
import { METRICS } from '../../../src/analytics/metrics.ts'
import { commonParameters } from '../../../src/analytics/define-dashboard.ts'

const PAGE = new URL('../../../docs/api.md', import.meta.url)
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
  const metrics = Object.entries(METRICS).map(([name, { unit, definition }]) => [code(name), unit, definition])
  return withTable(withTable(page, DASHBOARD_HEAD, dashboards), METRIC_HEAD, metrics)
}

/** Replaces the table with this head. Throws when there is none. */
function withTable(page: string, head: string, rows: readonly (readonly string[])[]): string {
  const from = page.indexOf(`${head}\n`)
  if (from === -1) throw new Error(`docs/api.md has no table with the head ${head}`)
  const until = page.indexOf('\n\n', from)
  const lines = rows.map((cells) => `| ${cells.join(' | ')} |`.replaceAll('|  |', '| |'))
  return `${page.slice(0, from)}${[head, head.replaceAll(/[^|]+/g, ' --- ').trim(), ...lines].join('\n')}${page.slice(until)}`
}

function code(text: string): string {
  return `\`${text}\``
}

if (import.meta.main) await Bun.write(PAGE, withApiTables(await Bun.file(PAGE).text()))
