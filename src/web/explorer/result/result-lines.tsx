import { useMemo } from 'preact/hooks'
import { LineChart } from '../../charts/line/line-chart.tsx'
import { Note } from '../../components/note.tsx'
import { formatCount } from '../../format/numbers.ts'
import { MAX_ROWS } from '../exploration.ts'
import type { ResultProps } from './result-props.ts'
import { useResultDrills } from './result-drills.ts'
import { MAX_LINES, resultSeries } from './result-series.ts'
import { explorerTexts } from '../texts/explorer-texts.ts'

/** The rows over time as lines. */
export function ResultLines({
  schema,
  exploration,
  answer,
  viewState,
  asOf,
  title,
}: ResultProps & { readonly title: string }) {
  const texts = explorerTexts()
  const drills = useResultDrills({ schema, exploration, answer })
  const series = useMemo(
    () =>
      answer.cursor === null ? resultSeries({ schema, exploration, answer, zone: viewState.zone, asOf }) : undefined,
    [answer, viewState, asOf],
  )
  if (!series) return <Note>{texts.incompleteChart(formatCount(MAX_ROWS))}</Note>
  const { lineCount, ...shown } = series
  const { metrics, dimensions } = exploration
  return (
    <>
      {/* The plot cannot change its unit. */}
      <LineChart
        key={shown.unit}
        title={title}
        {...shown}
        asOf={asOf}
        drills={dimensions.length === 0 && shown.unit === 'count' ? drills?.drills : undefined}
      />
      {lineCount > MAX_LINES && <Note>{texts.largestLines(formatCount(MAX_LINES), formatCount(lineCount))}</Note>}
      {dimensions.length === 0 && lineCount < metrics.length && <Note>{texts.otherUnits}</Note>}
    </>
  )
}
