import { useSignal } from '@preact/signals'
import type { AlertsData } from '../alerts-data.ts'
import { AddressLink } from '../../components/address-link.tsx'
import { Card } from '../../components/card.tsx'
import { SelectField } from '../../controls/select-field.tsx'
import { mayWrite } from '../../definitions/write-access.ts'
import { rangeOf } from '../../state/dashboard-queries.ts'
import { useApp } from '../../state/app.ts'
import { RulePreview } from '../preview/rule-preview.tsx'
import { useBacktest } from '../preview/use-backtest.ts'
import { formatDraft, parseDraft, type RuleDraft } from '../rule-draft.ts'
import { ruleSentences } from '../rule-sentence.ts'
import { alertTexts } from '../texts/alert-texts.ts'
import { presetTexts } from '../texts/preset-texts.ts'
import { DetectorFields } from './detector-fields.tsx'
import { EvaluationFields } from './evaluation-fields.tsx'
import { notifyDraftOf } from './notify-draft.ts'
import { NotifyFields } from './notify-fields.tsx'
import { SaveActions } from './save-actions.tsx'
import { useSave } from './use-save.ts'
import { WatchedFields } from './watched-fields.tsx'

type RuleEditorProps = Omit<Extract<AlertsData, { kind: 'editor' }>, 'kind'> & {
  /** The rule that is changed; undefined for a new one. */
  readonly id: string | undefined
  readonly asOf: number
}

/** A rule as a form, in sentences, and as what it would have done. The rule is part of the address; who is told is not. */
export function RuleEditor({ schema, presets, stored, id, asOf }: RuleEditorProps) {
  const { address, session } = useApp()
  const { editor, readOnly } = alertTexts()
  const { definition, zone, ...shown } = address.viewState.value
  const named = presets.map((preset) => {
    const { name } = presetTexts(preset)
    return { name: preset.name, text: name, rule: { ...preset.rule, name } }
  })
  const draftOf = (text: string | undefined) => parseDraft(text, { schema, presets: named, stored, zone })
  const draft = draftOf(definition)
  const { rule } = draft
  const notify = useSignal(notifyDraftOf(stored?.rule.notify))
  const mayChange = mayWrite(session.state.value)
  const backtest = useBacktest(rule, rangeOf(shown))
  const save = useSave({ id, notify, draft: () => draftOf(address.viewState.peek().definition) })
  const problems = new Set([...backtest.problems, ...save.problems.value])
  const change = (update: (rule: RuleDraft) => RuleDraft) => {
    save.clear()
    const current = draftOf(address.viewState.peek().definition)
    address.navigate({ definition: formatDraft({ ...current, rule: update(current.rule) }) })
  }
  const parts = { schema, rule, problems, onChange: change }
  return (
    <div class="rule-editor">
      {!mayChange && <p class="note">{readOnly}</p>}
      <Card title={editor.what}>
        {id === undefined && (
          <SelectField
            label={editor.preset}
            name="preset"
            value={named.find(({ text }) => text === rule.name)?.name ?? ''}
            options={[{ value: '', text: editor.own }, ...named.map(({ name, text }) => ({ value: name, text }))]}
            onChange={(preset) => address.navigate({ definition: preset === '' ? '{}' : JSON.stringify({ preset }) })}
          />
        )}
        <WatchedFields {...parts} />
      </Card>
      <Card title={editor.detector}>
        <DetectorFields {...parts} />
        <EvaluationFields {...parts} />
        <p class="rule-sentence" role="status">
          {ruleSentences(rule).join(' ')}
        </p>
      </Card>
      <RulePreview {...{ rule, backtest, asOf }} />
      {mayChange && (
        <Card title={editor.notify}>
          <NotifyFields
            notify={notify.value}
            problems={problems}
            isMailConfigured={stored?.rule.mail !== 'not configured'}
            onChange={(next) => {
              save.clear()
              notify.value = { ...notify.value, ...next }
            }}
          />
          <SaveActions save={save} id={id} />
        </Card>
      )}
      {!mayChange && (
        <p class="status-actions">
          <AddressLink class="button" next={{ definition: undefined }}>
            {editor.cancel}
          </AddressLink>
        </p>
      )}
    </div>
  )
}
