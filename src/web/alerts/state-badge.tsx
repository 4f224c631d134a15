import type { ShownAlert } from '../../http/alerts/alert-data.ts'
import { alertTexts } from './texts/alert-texts.ts'

export type ShownState = ShownAlert['state'] | 'disabled'

/** The state of a rule, or that it is switched off. */
export function shownStateOf({ enabled, state }: Pick<ShownAlert, 'enabled' | 'state'>): ShownState {
  return enabled === false ? 'disabled' : state
}

/** The state of a rule or of one of its series, in words and with a colour. */
export function StateBadge({ state }: { readonly state: ShownState }) {
  return (
    <span class="state-badge" data-state={state}>
      {alertTexts().states[state]}
    </span>
  )
}
