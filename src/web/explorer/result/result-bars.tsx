import { Note } from '../../components/note.tsx'
import { NoData } from '../../components/no-data.tsx'
import { DrillLink } from '../../drill-down/drill-link.tsx'
import { formatCount } from '../../format/numbers.ts'
import type { ResultProps } from './result-props.ts'
import { useResultDrills } from './result-drills.ts'
import { metricOf } from '../query-schema.ts'
import { formatterOf, metricTitle, rowKey, rowName } from './result-values.ts'
import { explorerTexts } from '../texts/explorer-texts.ts'

/** More bars are a table. */
const MAX_BARS = 25

/** The first metric of the rows as horizontal bars. */
export function ResultBars({ schema, exploration, answer, title }: ResultProps & { readonly title: string }) {
  const texts = explorerTexts()
  const drills = useResultDrills({ schema, exploration, answer })
  const { dimensions, metrics } = exploration
  const name = metrics[0]!
  const format = formatterOf(metricOf(schema, name))
  const rows = answer.rows.slice(0, MAX_BARS)
  const largest = Math.max(0, ...rows.map(({ values }) => values[name] ?? 0)) || 1
  return (
    <>
      <ul class="bar-list result-bars" role="list" aria-label={title} style={{ '--series': 'var(--series-sent)' }}>
        {rows.map((row) => {
          const value = row.values[name] ?? null
          const label = rowName(dimensions, row)
          return (
            <li key={rowKey(row)}>
              <bdi class="bar-label" title={label}>
                {label}
              </bdi>
              <span class="bar" aria-hidden="true" style={{ '--share': (value ?? 0) / largest }} />
              <span class="bar-value">
                {value === null ? (
                  <NoData />
                ) : (
                  <DrillLink drill={drills?.ofRow(name, row)} label={`${metricTitle(schema, name, metrics)}, ${label}`}>
                    {format(value)}
                  </DrillLink>
                )}
              </span>
            </li>
          )
        })}
      </ul>
      {answer.rowCount > rows.length && (
        <Note>{texts.firstBars(formatCount(rows.length), formatCount(answer.rowCount))}</Note>
      )}
    </>
  )
}
