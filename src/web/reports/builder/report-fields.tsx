import { useId } from 'preact/hooks'
import { REPORT_LIMITS } from '../../../reports/report-parts.ts'
import { ZonePicker } from '../../controls/zone-picker.tsx'
import type { Mistake, ReportDraft } from '../report-draft.ts'
import { reportTexts } from '../texts/report-texts.ts'

interface ReportFieldsProps {
  readonly draft: ReportDraft
  readonly mistakes: readonly Mistake[]
  readonly onChange: (draft: ReportDraft) => void
}

const FIELDS = ['name', 'description', 'timezone', 'blocks'] as const

/** The name, the description and the zone of a report, and what is wrong with the report as a whole. */
export function ReportFields({ draft, mistakes, onChange }: ReportFieldsProps) {
  const id = useId()
  const { builder: texts, mistakes: explanations } = reportTexts()
  const isWrong = (field: string) => mistakes.some(({ path }) => path === field)
  const texted = mistakes.map(({ path, message }) => {
    const field = FIELDS.find((each) => each === path)
    return field ? explanations[field] : explanations.other(path, message)
  })
  return (
    <div class="form-fields">
      <div class="form-field">
        <label for={`${id}-name`}>{texts.name}</label>
        <input
          id={`${id}-name`}
          name="report-name"
          maxLength={REPORT_LIMITS.name}
          value={draft.name}
          required
          aria-invalid={isWrong('name')}
          aria-describedby={`${id}-problems`}
          onInput={({ currentTarget }) => onChange({ ...draft, name: currentTarget.value })}
        />
      </div>
      <div class="form-field">
        <label for={`${id}-description`}>{texts.description}</label>
        <textarea
          id={`${id}-description`}
          name="report-description"
          rows={2}
          maxLength={REPORT_LIMITS.description}
          value={draft.description}
          aria-invalid={isWrong('description')}
          aria-describedby={`${id}-problems`}
          onInput={({ currentTarget }) => onChange({ ...draft, description: currentTarget.value })}
        />
      </div>
      <div class="form-zone">
        <ZonePicker zone={draft.timezone} onChange={(timezone) => onChange({ ...draft, timezone })} />
        <span class="note">{texts.zoneHint}</span>
      </div>
      <div id={`${id}-problems`}>
        {[...new Set(texted)].map((text) => (
          <p key={text} class="field-problem" role="alert">
            {text}
          </p>
        ))}
      </div>
    </div>
  )
}
