import { useSignal } from '@preact/signals'
import { type ComponentType, h } from 'preact'
import { useEffect } from 'preact/hooks'
import type { BlockRequest } from '../../reports/report.ts'
import { Popover } from '../components/popover.tsx'
import { mayWrite } from '../definitions/write-access.ts'
import { messages } from '../messages/messages.ts'
import { useApp } from '../state/app.ts'

interface AddToReportProps {
  /** What the view shows, as a block without a zone: it has the one of the report. */
  readonly block: BlockRequest
}

/** A button that takes what a view shows into a new report, or into one that exists. The report is shown in the builder and saved there. */
export function AddToReport({ block }: AddToReportProps) {
  const { session } = useApp()
  if (!mayWrite(session.state.value)) return null
  return (
    <div class="view-links">
      <Popover class="add-to-report" label={messages().addToReport}>
        {() => <Choice block={block} />}
      </Popover>
    </div>
  )
}

/** Its code and its texts are loaded when it is opened first. */
function Choice(props: AddToReportProps) {
  const content = useSignal<{ readonly Content: ComponentType<AddToReportProps> } | undefined>(undefined)
  const hasFailed = useSignal(false)
  useEffect(() => {
    import('./report-choice.tsx').then(
      ({ ReportChoice }) => (content.value = { Content: ReportChoice }),
      () => (hasFailed.value = true),
    )
  }, [])
  if (hasFailed.value) return <p role="alert">{messages().errors.unreachable}</p>
  return content.value ? h(content.value.Content, props) : <p role="status">{messages().loading}</p>
}
