import type { DimensionName } from '../../analytics/dimensions.ts'
import { type Drill, itemKeys } from '../../analytics/drill-down/drill.ts'
import type { CellLink, Column } from '../components/table/column.ts'
import { messages } from '../messages/messages.ts'
import { useApp } from '../state/app.ts'
import type { ViewState } from '../state/view-state.ts'
import { maySeeContacts } from './drill-access.ts'
import { drillAddress } from './drill-link.tsx'
import { type Drills, drillsOf } from './drills.ts'

/** The searches behind the numbers of a response, from its own search; undefined where it has none, and for users who may not see single contacts. */
export function useDrills(drill: Drill | undefined): Drills | undefined {
  const { session } = useApp()
  return drill && maySeeContacts(session.state.value) ? drillsOf(drill) : undefined
}

/** The columns with what is behind their counts. `metricOf` gives the metric of a column whose id is another word. */
export function drilledColumns<Row>(
  columns: readonly Column<Row>[],
  drills: Drills | undefined,
  { dimension, keyOf, metricOf = {}, hasTotals = true }: DrilledRows<Row>,
): Column<Row>[] {
  if (!drills) return [...columns]
  const { show } = messages().drillDown
  return columns.map((column) => {
    const { id, kind, label, value, total } = column
    const metric = metricOf[id] ?? id
    if (kind !== 'count' || drills.of(metric) === undefined) return column
    const link: CellLink<Row> = {
      key: drills.key,
      title: show(label),
      to(row) {
        const drill = drills.of(metric, { value: Number(value(row) ?? 0), keys: itemKeys(dimension, keyOf(row)) })
        return drill && drillAddress(drill, label)
      },
    }
    return {
      ...column,
      link,
      totalLink: totalLinkOf(hasTotals ? drills.of(metric, { value: total ?? null }) : undefined, label),
    }
  })
}

interface DrilledRows<Row> {
  /** The dimension that divides the rows. */
  readonly dimension: DimensionName
  readonly keyOf: (row: Row) => string | number
  readonly metricOf?: Readonly<Record<string, string>>
  /** Whether the totals are those of the whole range. */
  readonly hasTotals?: boolean
}

function totalLinkOf(drill: Drill | undefined, label: string): Partial<ViewState> | undefined {
  return drill && drillAddress(drill, label)
}
