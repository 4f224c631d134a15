/** Links of other views to a funnel. They name a preset of the service, which the view of funnels reads. */
import { otherView } from '../state/address.ts'
import type { ViewState } from '../state/view-state.ts'

/** The entities that a preset may be narrowed to. */
export const PRESET_SUBJECTS = ['workflow', 'sequence', 'campaign'] as const
export type PresetSubject = (typeof PRESET_SUBJECTS)[number]

/** A preset of the service, of all or narrowed to one workflow, sequence or campaign. */
export type PresetReference = {
  readonly preset: string
  /** The number of the steps of a sequence. */
  readonly steps?: number | undefined
} & { readonly [Name in PresetSubject]?: string | undefined }

/** The address of a preset in the view of funnels. */
export function presetAddress(reference: PresetReference): Partial<ViewState> {
  return { ...otherView('funnels'), definition: JSON.stringify(reference) }
}
