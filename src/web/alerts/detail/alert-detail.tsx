import { useSignal } from '@preact/signals'
import type { ShownAlert } from '../../../http/alerts/alert-data.ts'
import type { ShownHistory } from '../../../http/alerts/history-data.ts'
import { AddressLink } from '../../components/address-link.tsx'
import { Card } from '../../components/card.tsx'
import { mayWrite } from '../../definitions/write-access.ts'
import { createBucketFormatter } from '../../format/dates.ts'
import { useApp } from '../../state/app.ts'
import { storedRuleOf } from '../rule-draft.ts'
import { ruleSentences } from '../rule-sentence.ts'
import { shownStateOf, StateBadge } from '../state-badge.tsx'
import { alertTexts } from '../texts/alert-texts.ts'
import { AlertHistory } from './alert-history.tsx'
import { RemoveDialog } from './remove-dialog.tsx'
import { SeriesTable } from './series-table.tsx'
import { SnoozeControl } from './snooze-control.tsx'

interface AlertDetailProps {
  readonly alert: ShownAlert
  readonly etag: string
  readonly transitions: ShownHistory['transitions']
  readonly zone: string
  readonly asOf: number
}

/** One rule: what it says, the states of its series, and its history. */
export function AlertDetail({ alert, etag, transitions, zone, asOf }: AlertDetailProps) {
  const { session } = useApp()
  const { detail, list, readOnly, stateHints } = alertTexts()
  const mayChange = mayWrite(session.state.value)
  const isRemoving = useSignal(false)
  const state = shownStateOf(alert)
  const { bucket, problem, notify, mail } = alert
  const bucketName = createBucketFormatter(alert.granularity, alert.timezone!)
  return (
    <>
      <Card title={detail.rule} class="alert-rule">
        <p class="alert-state">
          <StateBadge state={state} />
          <span class="note">{bucket === null ? detail.notJudged : detail.bucket(bucketName(Date.parse(bucket)))}</span>
        </p>
        {(state === 'stale' || state === 'noData') && <p class="note">{stateHints[state]}</p>}
        {problem !== null && (
          <p class="field-problem">
            {list.problem} <span lang="en">{problem}</span>
          </p>
        )}
        <p class="rule-sentence">{ruleSentences(storedRuleOf(alert)).join(' ')}</p>
        <Recipients notify={notify} />
        {mail === 'not configured' && (notify.emails ?? []).length > 0 && <p class="field-problem">{list.noMail}</p>}
        {mayChange ? (
          <div class="status-actions">
            <AddressLink class="button primary" next={{ definition: '{}' }}>
              {detail.edit}
            </AddressLink>
            <SnoozeControl alert={alert} zone={zone} asOf={asOf} />
            <button type="button" class="button" onClick={() => (isRemoving.value = true)}>
              {detail.remove}
            </button>
          </div>
        ) : (
          <p class="note">{readOnly}</p>
        )}
        {isRemoving.value && <RemoveDialog alert={alert} etag={etag} onClose={() => (isRemoving.value = false)} />}
      </Card>
      {alert.states.length > 0 && (
        <Card title={detail.series}>
          <SeriesTable alert={alert} bucketName={bucketName} />
        </Card>
      )}
      <Card title={detail.history}>
        <AlertHistory {...{ transitions, bucketName, zone }} metric={alert.metric} />
      </Card>
    </>
  )
}

function Recipients({ notify: { emails = [], webhooks = [], events } }: Pick<ShownAlert, 'notify'>) {
  const { detail } = alertTexts()
  const recipients = [...emails, ...webhooks.map(({ url }) => url), ...(events ? [detail.channels.event] : [])]
  if (recipients.length === 0) return <p class="note">{detail.noRecipients}</p>
  return (
    <ul class="recipients" role="list">
      {recipients.map((each) => (
        <li key={each}>
          <bdi>{each}</bdi>
        </li>
      ))}
    </ul>
  )
}
