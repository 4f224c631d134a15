import { AddressLink } from '../../components/address-link.tsx'
import { Card } from '../../components/card.tsx'
import { formatCount } from '../../format/numbers.ts'
import { messages } from '../../messages/messages.ts'
import { type Exploration, formatExploration } from '../exploration.ts'
import type { QuerySchema } from '../query-schema.ts'
import { chartOf } from '../restrictions.ts'
import type { ResultProps } from './result-props.ts'
import { ResultBars } from './result-bars.tsx'
import { ResultLines } from './result-lines.tsx'
import { ResultNumbers } from './result-numbers.tsx'
import { ResultTable } from './result-table.tsx'
import { metricTitle } from './result-values.ts'
import { explorerTexts } from '../texts/explorer-texts.ts'

/** The answer to the query: a chart, and the same numbers as a table in pages. */
export function ExplorerResult(props: ResultProps) {
  const { schema, exploration, answer } = props
  const texts = explorerTexts()
  const chart = chartOf(schema, exploration)
  const title = titleOf(schema, exploration)
  if (chart === 'number') return <ResultNumbers {...props} />
  if (answer.rows.length === 0)
    return (
      <Card title={title} metrics={exploration.metrics}>
        <p>{texts.empty}</p>
      </Card>
    )
  const hasChart = chart !== 'table'
  return (
    <>
      {hasChart && (
        <Card title={title} metrics={exploration.metrics}>
          {chart === 'line' ? <ResultLines {...props} title={title} /> : <ResultBars {...props} title={title} />}
        </Card>
      )}
      <Card title={hasChart ? texts.table : title} {...(!hasChart && { metrics: exploration.metrics })}>
        <ResultTable {...props} title={title} />
        <Pages {...props} />
      </Card>
    </>
  )
}

/** Which rows of all are shown, and the way to the next ones. */
function Pages({ schema, exploration, answer }: ResultProps) {
  const texts = explorerTexts()
  const { rows, rowCount, cursor, query } = answer
  const isWhole = chartOf(schema, exploration) === 'line'
  const { page, pageSize } = exploration
  const number = page?.number ?? 1
  // A page that belongs to another query is the first one of this.
  const before = page && rows.length < rowCount && !isWhole ? (number - 1) * pageSize : 0
  const hrefOf = (next: Exploration['page']) => ({ definition: formatExploration({ ...exploration, page: next }) })
  if (rows.length === rowCount && page === undefined) return null
  return (
    <nav class="result-pages" aria-label={texts.pages}>
      <span>{texts.rows(formatCount(before + 1), formatCount(before + rows.length), formatCount(rowCount))}</span>
      {page && <AddressLink next={hrefOf(undefined)}>{texts.firstPage}</AddressLink>}
      {cursor !== null && query.limit === pageSize && (
        <AddressLink next={hrefOf({ cursor, number: number + 1 })}>{texts.nextPage}</AddressLink>
      )}
    </nav>
  )
}

/** Such as "Messages and 2 more by campaign and day". */
export function titleOf(schema: QuerySchema, { metrics, dimensions, granularity }: Exploration): string {
  const texts = explorerTexts()
  const first = metricTitle(schema, metrics[0]!, metrics)
  const numbers = metrics.length > 1 ? texts.andMore(first, formatCount(metrics.length - 1)) : first
  const parts = [
    ...dimensions.map((name) => messages().dimensions[name]),
    ...(granularity ? [texts.timeUnits[granularity]] : []),
  ]
  return parts.length > 0 ? texts.titleBy(numbers, parts.join(', ')) : numbers
}
