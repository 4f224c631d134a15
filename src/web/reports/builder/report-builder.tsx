import { useSignal } from '@preact/signals'
import { REPORT_LIMITS } from '../../../reports/report-parts.ts'
import type { BlockRequest } from '../../../reports/report.ts'
import { Card } from '../../components/card.tsx'
import { ConflictNotice } from '../../definitions/conflict-notice.tsx'
import type { Stored } from '../../definitions/stored-definitions.ts'
import type { QuerySchema } from '../../explorer/query-schema.ts'
import { formatCount } from '../../format/numbers.ts'
import { useApp } from '../../state/app.ts'
import type { Report } from '../report-data.ts'
import { addBlock, isFull, type Mistakes, mistakesIn, NO_MISTAKES, requestOf } from '../report-draft.ts'
import { ReportPages } from '../report-pages.tsx'
import { formatPlace, NEW } from '../report-place.ts'
import { reportTexts } from '../texts/report-texts.ts'
import { useSaving } from '../use-saving.ts'
import { BlocksEditor } from './blocks-editor.tsx'
import { DashboardForm } from './dashboard-form.tsx'
import { ReportFields } from './report-fields.tsx'
import { useDraft } from './use-draft.ts'

interface ReportBuilderProps {
  /** Undefined for a new report. */
  readonly stored: Stored<Report> | undefined
  readonly schema: QuerySchema
  readonly add: BlockRequest | undefined
  /** The zone of a new report. */
  readonly zone: string
  readonly asOf: number
}

/** Everything that defines a report, with its numbers before it is saved. */
export function ReportBuilder({ stored, schema, add, zone, asOf }: ReportBuilderProps) {
  const { address } = useApp()
  const texts = reportTexts()
  const id = stored?.data.id ?? NEW
  const { draft, base, isDirty, begin } = useDraft({ id, stored, add, zone })
  const mistakes = useSignal<Mistakes>(NO_MISTAKES)
  const hasPreview = useSignal(true)
  const { isBusy, problem, hasConflict, save, loadNewer } = useSaving<Report>({
    collection: 'reports',
    base,
    request: () => requestOf(draft.value),
    begin,
    // The block that came with the address is stored now.
    onSaved: ({ data }) => address.navigate({ id: data.id, definition: formatPlace({ page: 'edit' }) }),
    onMistakes: (details) => (mistakes.value = mistakesIn(draft.value, details)),
    texts: texts.builder,
  })
  const change = (next: typeof draft.value) => {
    // The marks stay at the blocks that they belong to.
    draft.value = next
  }
  const dirty = isDirty()
  return (
    <>
      {stored && <ReportPages current="edit" />}
      <form
        class="report-builder"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        <Card title={texts.builder.about}>
          <ReportFields draft={draft.value} mistakes={mistakes.value.others} onChange={change} />
        </Card>
        <Card title={texts.builder.blocks} {...(hasPreview.value && { subtitle: texts.builder.previewHint })}>
          <BlocksEditor
            draft={draft.value}
            mistakes={mistakes.value.blocks}
            schema={schema}
            asOf={asOf}
            hasPreview={hasPreview.value}
            onChange={change}
          />
          {isFull(draft.value) ? (
            <p class="note">{texts.builder.full(formatCount(REPORT_LIMITS.blocks))}</p>
          ) : (
            <DashboardForm onAdd={(block) => change(addBlock(draft.value, block))} />
          )}
        </Card>
        {hasConflict.value && (
          <ConflictNotice
            texts={texts.conflict}
            onLoad={() => void loadNewer()}
            onKeep={() => (hasConflict.value = false)}
          />
        )}
        <div class="builder-actions">
          <button type="submit" class="button primary" aria-disabled={isBusy.value}>
            {isBusy.value ? texts.builder.saving : texts.builder.save}
          </button>
          {dirty && base.value && (
            <button type="button" class="button" onClick={() => begin(base.value)}>
              {texts.builder.discard}
            </button>
          )}
          <button
            type="button"
            class="button"
            aria-pressed={hasPreview.value}
            onClick={() => (hasPreview.value = !hasPreview.value)}
          >
            {hasPreview.value ? texts.builder.hidePreview : texts.builder.preview}
          </button>
          <span class="note" role="status">
            {dirty ? texts.builder.unsaved : base.value ? texts.builder.unchanged : ''}
          </span>
          <p class="field-problem" role="alert">
            {problem.value}
          </p>
        </div>
      </form>
    </>
  )
}
