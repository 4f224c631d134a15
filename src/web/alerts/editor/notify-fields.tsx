import { useId } from 'preact/hooks'
import { alertTexts } from '../texts/alert-texts.ts'
import type { NotifyDraft, WebhookDraft } from './notify-draft.ts'
import { type Problems, problemText } from './problems.ts'

interface NotifyFieldsProps {
  readonly notify: NotifyDraft
  readonly problems: Problems
  readonly isMailConfigured: boolean
  readonly onChange: (next: Partial<NotifyDraft>) => void
}

/** Who is told about the begin and the end of an episode. */
export function NotifyFields({ notify, problems, isMailConfigured, onChange }: NotifyFieldsProps) {
  const id = useId()
  const { editor, list } = alertTexts()
  const { emails, webhooks, events } = notify
  const mailProblem = [...problems].some((path) => path.startsWith('notify.emails'))
    ? editor.problems['notify.emails']
    : undefined
  return (
    <>
      <div class="text-field">
        <label for={`${id}-emails`}>{editor.emails}</label>
        <textarea
          id={`${id}-emails`}
          name="emails"
          rows={2}
          spellcheck={false}
          aria-invalid={mailProblem !== undefined}
          aria-describedby={`${id}-emails-problem`}
          value={emails}
          onInput={({ currentTarget }) => onChange({ emails: currentTarget.value })}
        />
        <p id={`${id}-emails-problem`} class="field-problem">
          {mailProblem}
        </p>
        {!isMailConfigured && emails.trim() !== '' && <p class="note">{list.noMail}</p>}
      </div>
      <fieldset class="webhooks">
        <legend>{editor.webhooks}</legend>
        {webhooks.map((webhook, index) => (
          <WebhookFields
            key={index}
            webhook={webhook}
            urlProblem={problemText(problems, `notify.webhooks[${index}].url`)}
            secretProblem={problemText(problems, `notify.webhooks[${index}].secret`)}
            onChange={(next) => onChange({ webhooks: webhooks.with(index, next) })}
            onRemove={() => onChange({ webhooks: webhooks.toSpliced(index, 1) })}
          />
        ))}
        <button
          type="button"
          class="button"
          onClick={() => onChange({ webhooks: [...webhooks, { url: '', secret: '' }] })}
        >
          {editor.addWebhook}
        </button>
      </fieldset>
      <label class="check">
        <input
          type="checkbox"
          name="events"
          checked={events}
          onChange={({ currentTarget }) => onChange({ events: currentTarget.checked })}
        />
        <span>{editor.events}</span>
      </label>
    </>
  )
}

interface WebhookFieldsProps {
  readonly webhook: WebhookDraft
  readonly urlProblem: string | undefined
  readonly secretProblem: string | undefined
  readonly onChange: (next: WebhookDraft) => void
  readonly onRemove: () => void
}

function WebhookFields({ webhook, urlProblem, secretProblem, onChange, onRemove }: WebhookFieldsProps) {
  const id = useId()
  const { editor } = alertTexts()
  const { url, secret } = webhook
  return (
    <div class="webhook">
      <div class="text-field">
        <label for={`${id}-url`}>{editor.webhookUrl}</label>
        <input
          id={`${id}-url`}
          type="url"
          spellcheck={false}
          autocomplete="off"
          aria-invalid={urlProblem !== undefined}
          aria-describedby={`${id}-url-problem`}
          value={url}
          // The stored secret belongs to the stored address.
          onInput={({ currentTarget }) => onChange({ url: currentTarget.value, secret: secret ?? '' })}
        />
        <p id={`${id}-url-problem`} class="field-problem">
          {urlProblem}
        </p>
      </div>
      {secret === undefined ? (
        <p class="note">
          {editor.secretKept}{' '}
          <button type="button" class="button" onClick={() => onChange({ url, secret: '' })}>
            {editor.newSecret}
          </button>
        </p>
      ) : (
        <div class="text-field">
          <label for={`${id}-secret`}>{editor.webhookSecret}</label>
          <input
            id={`${id}-secret`}
            type="password"
            autocomplete="new-password"
            aria-invalid={secretProblem !== undefined}
            aria-describedby={`${id}-secret-hint ${id}-secret-problem`}
            value={secret}
            onInput={({ currentTarget }) => onChange({ url, secret: currentTarget.value })}
          />
          <p id={`${id}-secret-hint`} class="note">
            {editor.secretHint}
          </p>
          <p id={`${id}-secret-problem`} class="field-problem">
            {secretProblem}
          </p>
        </div>
      )}
      <button type="button" class="button quiet" aria-label={editor.removeWebhook(url)} onClick={onRemove}>
        ×
      </button>
    </div>
  )
}
