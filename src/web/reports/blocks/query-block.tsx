import type { QueryData } from '../../../analytics/custom-query/query-response.ts'
import { ResultBars } from '../../explorer/result/result-bars.tsx'
import { ResultLines } from '../../explorer/result/result-lines.tsx'
import { ResultNumbers } from '../../explorer/result/result-numbers.tsx'
import { ResultTable } from '../../explorer/result/result-table.tsx'
import { explorerTexts } from '../../explorer/texts/explorer-texts.ts'
import { useApp } from '../../state/app.ts'
import { explorationOf } from './query-body.ts'
import type { BlockProps } from './block-props.ts'

/** The answer to a query. */
export function QueryBlock({ block, data, chart, schema, zone, asOf, id }: BlockProps<QueryData>) {
  const { address } = useApp()
  // Links lead from this state of the page; the query takes the place of what it shows.
  const viewState = { ...address.viewState.value, zone, definition: JSON.stringify(block.body) }
  const shared = { schema, exploration: explorationOf(block.body, chart), answer: data, viewState, asOf }
  if (chart === 'number') return <ResultNumbers {...shared} />
  if (data.rows.length === 0) return <p>{explorerTexts().empty}</p>
  if (chart === 'line') return <ResultLines {...shared} title={block.title} />
  if (chart === 'bar') return <ResultBars {...shared} title={block.title} />
  return <ResultTable {...shared} title={block.title} id={id} />
}
