import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { REPORT_LIMITS } from '../../reports/report-parts.ts'
import type { BlockRequest } from '../../reports/report.ts'
import { apiPath } from '../api/api-client.ts'
import { AddressLink } from '../components/address-link.tsx'
import { describeError } from '../layout/describe-error.ts'
import { messages } from '../messages/messages.ts'
import { otherView } from '../state/address.ts'
import { useApp } from '../state/app.ts'
import type { ReportList, ReportSummary } from './report-data.ts'
import { formatPlace, NEW } from './report-place.ts'
import { reportTexts } from './texts/report-texts.ts'

/** The reports that can take a block, and a new one. */
export function ReportChoice({ block }: { readonly block: BlockRequest }) {
  const { api } = useApp()
  const { add: texts } = reportTexts()
  const reports = useSignal<readonly ReportSummary[] | undefined>(undefined)
  const problem = useSignal('')
  useEffect(() => {
    const abort = new AbortController()
    api.revalidated<ReportList>(apiPath('reports', {}), abort.signal).then(
      ({ data }) => (reports.value = data.reports),
      (error: unknown) => {
        if (!abort.signal.aborted) problem.value = `${describeError(error, navigator.onLine).title}.`
      },
    )
    return () => abort.abort()
  }, [])
  const { title, kind, body, chart } = block
  const next = (id: string) => ({
    ...otherView('reports'),
    id,
    definition: formatPlace({ page: 'edit', add: { title, kind, body, chart } }),
  })
  return (
    <div class="report-choice">
      <AddressLink class="button primary" next={next(NEW)}>
        {texts.new}
      </AddressLink>
      <p class="row-label">{texts.to}</p>
      <p class="field-problem" role="alert">
        {problem.value}
      </p>
      {reports.value === undefined && problem.value === '' && <p role="status">{messages().loading}</p>}
      {reports.value?.length === 0 && <p class="note">{texts.none}</p>}
      <ul role="list">
        {reports.value?.map(({ id, name, blocks }) => (
          <li key={id}>
            {blocks.length < REPORT_LIMITS.blocks ? (
              <AddressLink next={next(id)}>
                <bdi>{name}</bdi>
              </AddressLink>
            ) : (
              <span class="note">
                <bdi>{name}</bdi> ({texts.full})
              </span>
            )}
          </li>
        ))}
      </ul>
    </div>
  )
}
