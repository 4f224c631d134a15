import { useErrorBoundary } from 'preact/hooks'
import { useSignal } from '@preact/signals'
import type { BlockRequest } from '../../reports/report.ts'
import { Card } from '../components/card.tsx'
import { mayWrite } from '../definitions/write-access.ts'
import type { Stored } from '../definitions/stored-definitions.ts'
import type { QuerySchema } from '../explorer/query-schema.ts'
import { useApp } from '../state/app.ts'
import { BlockContent } from './blocks/block-content.tsx'
import { rangeTextOf } from './blocks/block-range.ts'
import { RemoveDialog } from './remove-dialog.tsx'
import type { Report, ReportRun } from './report-data.ts'
import { ReportPages } from './report-pages.tsx'
import { formatPlace } from './report-place.ts'
import { reportTexts } from './texts/report-texts.ts'

interface ReportViewProps {
  readonly stored: Stored<Report>
  readonly schema: QuerySchema
  readonly run: ReportRun
  readonly asOf: number
}

/** A report with the numbers of now. */
export function ReportView({ stored, schema, run, asOf }: ReportViewProps) {
  const { address, session } = useApp()
  const { data: report } = stored
  const texts = reportTexts()
  const isRemoving = useSignal(false)
  const openWall = () => {
    address.navigate({ definition: formatPlace({ page: 'wall' }) })
    // A browser that refuses it shows the same in its window.
    document.documentElement.requestFullscreen?.().catch(() => undefined)
  }
  return (
    <>
      <ReportPages current="report">
        <button type="button" class="button" onClick={openWall}>
          {texts.wall.open}
        </button>
        {mayWrite(session.state.value) && (
          <button type="button" class="button quiet" onClick={() => (isRemoving.value = true)}>
            {texts.remove.open}
          </button>
        )}
      </ReportPages>
      {report.description !== undefined && <p class="report-description">{report.description}</p>}
      <ReportBlocks {...{ report, schema, run, asOf }} />
      {isRemoving.value && <RemoveDialog stored={stored} onClose={() => (isRemoving.value = false)} />}
    </>
  )
}

interface ReportBlocksProps extends Omit<ReportViewProps, 'stored'> {
  readonly report: Report
}

/** The blocks of a report, each as a card. */
export function ReportBlocks({ report, schema, run, asOf }: ReportBlocksProps) {
  return (
    <div class="report-blocks">
      {run.blocks.map(({ data, kind }, index) => {
        const block = report.blocks[index]
        // The report may have changed between the two requests.
        if (block?.kind !== kind) return null
        const subtitle = rangeTextOf(block.body)
        return (
          <Card
            key={index}
            title={block.title}
            class={`report-block of-${block.chart}`}
            {...(subtitle !== undefined && { subtitle })}
          >
            <SafeBlock {...{ block, data, schema, asOf }} zone={report.timezone} id={`report ${report.id} ${index}`} />
          </Card>
        )
      })}
    </div>
  )
}

interface SafeBlockProps {
  readonly block: BlockRequest
  readonly data: object
  readonly schema: QuerySchema
  readonly zone: string
  readonly asOf: number
  readonly id: string
}

/** A block that cannot be drawn leaves the others on the screen. */
export function SafeBlock(props: SafeBlockProps) {
  const [error] = useErrorBoundary((thrown: unknown) => console.error(thrown))
  if (error !== undefined && error !== null) return <p>{reportTexts().blockFailed}</p>
  return <BlockContent {...props} />
}
