import { useId } from 'preact/hooks'
import { WEEKDAYS } from '../../../reports/schedule/weekdays.ts'
import { SelectField } from '../../controls/select-field.tsx'
import { ZonePicker } from '../../controls/zone-picker.tsx'
import { weekdayName } from '../../format/dates.ts'
import type { Mistake } from '../report-draft.ts'
import { reportTexts } from '../texts/report-texts.ts'
import { ATTACHMENTS, LAST, MONTH_DAYS, RECURRENCE_KINDS, recipientsOf, type ScheduleDraft } from './schedule-draft.ts'

interface ScheduleFieldsProps {
  readonly draft: ScheduleDraft
  readonly mistakes: readonly Mistake[]
  readonly onChange: (draft: ScheduleDraft) => void
}

/** The fields of a schedule, each with what is wrong with it. */
export function ScheduleFields({ draft, mistakes, onChange }: ScheduleFieldsProps) {
  const id = useId()
  const { schedules: texts } = reportTexts()
  const change = (next: Partial<ScheduleDraft>) => onChange({ ...draft, ...next })
  const problems = [...new Set(mistakes.map((mistake) => mistakeText(mistake, draft)))]
  const isWrong = (start: string) => mistakes.some(({ path }) => path.startsWith(start))
  return (
    <>
      <div class="form-field">
        <label for={`${id}-recipients`}>{texts.to}</label>
        <textarea
          id={`${id}-recipients`}
          name="recipients"
          rows={2}
          spellcheck={false}
          autocapitalize="off"
          value={draft.recipients}
          aria-invalid={isWrong('recipients')}
          aria-describedby={`${id}-hint ${id}-problems`}
          onInput={({ currentTarget }) => change({ recipients: currentTarget.value })}
        />
        <span id={`${id}-hint`} class="note">
          {texts.toHint}
        </span>
      </div>
      <div class="filter-bar">
        <SelectField
          label={texts.kind}
          name="kind"
          value={draft.kind}
          options={RECURRENCE_KINDS.map((value) => ({ value, text: texts.kinds[value] }))}
          onChange={(value) => change({ kind: value as ScheduleDraft['kind'] })}
        />
        {draft.kind === 'monthly' && (
          <SelectField
            label={texts.day}
            name="day"
            value={String(draft.day)}
            options={[
              ...Array.from({ length: MONTH_DAYS }, (_, index) => ({
                value: String(index + 1),
                text: String(index + 1),
              })),
              { value: LAST, text: texts.lastDay },
            ]}
            onChange={(value) => change({ day: value === LAST ? value : Number(value) })}
          />
        )}
        <div class="field">
          <label for={`${id}-time`}>{texts.time}</label>
          <input
            id={`${id}-time`}
            type="time"
            name="time"
            value={draft.time}
            aria-invalid={isWrong('every.time')}
            onInput={({ currentTarget }) => change({ time: currentTarget.value })}
          />
        </div>
        <ZonePicker zone={draft.timezone} onChange={(timezone) => change({ timezone })} />
      </div>
      {draft.kind === 'weekly' && (
        <Choices
          label={texts.weekdays}
          choices={WEEKDAYS.map((value, index) => ({ value, text: weekdayName(index, 'long') }))}
          chosen={draft.weekdays}
          onChange={(weekdays) => change({ weekdays })}
        />
      )}
      <Choices
        label={texts.attachments}
        choices={ATTACHMENTS.map((value) => ({ value, text: texts.formats[value] }))}
        chosen={draft.attachments}
        onChange={(attachments) => change({ attachments })}
      />
      <label class="check">
        <input
          type="checkbox"
          name="skipIfEmpty"
          checked={draft.skipIfEmpty}
          onChange={({ currentTarget }) => change({ skipIfEmpty: currentTarget.checked })}
        />
        {texts.skipIfEmpty}
      </label>
      <label class="check">
        <input
          type="checkbox"
          name="enabled"
          checked={draft.enabled}
          onChange={({ currentTarget }) => change({ enabled: currentTarget.checked })}
        />
        {texts.enabled}
      </label>
      <div id={`${id}-problems`}>
        {problems.map((text) => (
          <p key={text} class="field-problem" role="alert">
            {text}
          </p>
        ))}
      </div>
    </>
  )
}

interface ChoicesProps<Value extends string> {
  readonly label: string
  readonly choices: readonly { readonly value: Value; readonly text: string }[]
  readonly chosen: readonly Value[]
  readonly onChange: (chosen: readonly Value[]) => void
}

/** Any of a few choices. */
function Choices<Value extends string>({ label, choices, chosen, onChange }: ChoicesProps<Value>) {
  return (
    <div class="checks" role="group" aria-label={label}>
      <span class="row-label" aria-hidden="true">
        {label}
      </span>
      {choices.map(({ value, text }) => (
        <label key={value} class="check">
          <input
            type="checkbox"
            checked={chosen.includes(value)}
            onChange={({ currentTarget }) =>
              onChange(currentTarget.checked ? [...chosen, value] : chosen.filter((each) => each !== value))
            }
          />
          {text}
        </label>
      ))}
    </div>
  )
}

function mistakeText({ path, message }: Mistake, { recipients }: ScheduleDraft): string {
  const { schedules, mistakes: others } = reportTexts()
  const { mistakes: texts } = schedules
  const index = /^recipients\[(\d+)\]$/.exec(path)?.[1]
  if (index !== undefined) return texts.recipient(recipientsOf(recipients)[Number(index)] ?? '')
  if (path === 'recipients') return texts.recipients
  if (path.startsWith('every.weekdays')) return texts.weekdays
  if (path === 'every.time') return texts.time
  return path === 'timezone' ? texts.timezone : others.other(path, message)
}
