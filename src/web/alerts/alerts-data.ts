/** What the view of alerts has loaded. */
import type { ShownAlert } from '../../http/alerts/alert-data.ts'
import type { ShownHistory, ShownPresets } from '../../http/alerts/history-data.ts'
import type { QuerySchema } from '../explorer/query-schema.ts'

export type AlertPresets = ShownPresets

/** All rules, one of them with its history, or the editor: as the address says. */
export type AlertsData =
  | { readonly kind: 'list'; readonly alerts: readonly ShownAlert[]; readonly presets: AlertPresets }
  | {
      readonly kind: 'detail'
      readonly alert: ShownAlert
      readonly etag: string
      readonly transitions: ShownHistory['transitions']
    }
  | {
      readonly kind: 'editor'
      readonly schema: QuerySchema
      readonly presets: AlertPresets
      /** The rule that is changed; undefined for a new one. */
      readonly stored: { readonly rule: ShownAlert; readonly etag: string } | undefined
    }
