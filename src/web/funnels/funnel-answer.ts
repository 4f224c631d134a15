/** The answers about funnels, as far as the page shows them. */
import type { FunnelData } from '../../analytics/funnels/funnel-response.ts'
import type { FunnelPreset as ServicePreset } from '../../analytics/funnels/presets.ts'

export type FunnelAnswer = FunnelData
export type FunnelStepAnswer = FunnelAnswer['steps'][number]
export type FunnelPreset = Pick<ServicePreset, 'id' | 'name'> & { readonly request: object }
