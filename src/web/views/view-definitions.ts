/**
 * What the page can show: one entry a view, its dashboard and what that can be asked.
 */
import type { Granularity } from '../../analytics/time/buckets.ts'
import type { Campaigns } from '../../analytics/dashboards/campaigns.ts'
import type { Messages } from '../../analytics/dashboards/messages.ts'
import type { Overview } from '../../analytics/dashboards/overview.ts'
import type { Sequences } from '../../analytics/dashboards/sequences.ts'
import type { Templates } from '../../analytics/dashboards/templates.ts'
import type { Traffic } from '../../analytics/dashboards/traffic.ts'
import type { Workflows } from '../../analytics/dashboards/workflows.ts'

/** The answer of each view's dashboard. */
export interface ViewResponses {
  readonly overview: Overview
  readonly messages: Messages
  readonly campaigns: Campaigns
  readonly workflows: Workflows
  readonly sequences: Sequences
  readonly templates: Templates
  readonly traffic: Traffic
}
export type ViewName = keyof ViewResponses

interface ViewDefinition {
  readonly title: string
  readonly subtitle: string
  readonly takesChannel: boolean
  readonly granularities: readonly Granularity[]
  /** The parameter that narrows it to one thing, and what that is called. */
  readonly entityFilter?: { readonly parameter: string; readonly noun: string }
}

export const VIEW_DEFINITIONS: Readonly<Record<ViewName, ViewDefinition>> = {
  overview: {
    title: 'Overview',
    subtitle: 'What was sent, and what came of it',
    takesChannel: false,
    granularities: [],
  },
  messages: {
    title: 'Messages',
    subtitle: 'Every outcome, by time and by channel',
    takesChannel: true,
    granularities: ['hour', 'day', 'week', 'month'],
  },
  campaigns: {
    title: 'Campaigns',
    subtitle: 'Which campaigns reach people and are read',
    takesChannel: true,
    granularities: [],
    entityFilter: { parameter: 'campaignId', noun: 'campaign' },
  },
  workflows: {
    title: 'Workflows',
    subtitle: 'How runs end, and how many reach their goal',
    takesChannel: false,
    granularities: [],
    entityFilter: { parameter: 'workflowId', noun: 'workflow' },
  },
  sequences: {
    title: 'Sequences',
    subtitle: 'Who is enrolled, who replies, and at which step',
    takesChannel: false,
    granularities: [],
    entityFilter: { parameter: 'sequenceId', noun: 'sequence' },
  },
  templates: {
    title: 'Templates',
    subtitle: 'Which templates are opened, and which are not',
    takesChannel: true,
    granularities: [],
    entityFilter: { parameter: 'templateId', noun: 'template' },
  },
  traffic: {
    title: 'Traffic',
    subtitle: 'When messages are sent',
    takesChannel: false,
    granularities: ['hour', 'day', 'week'],
  },
}
export const VIEW_NAMES = Object.keys(VIEW_DEFINITIONS) as ViewName[]
export const CHANNELS = ['email', 'sms', 'whatsapp', 'push'] as const

const CHANNEL_NAMES: Readonly<Record<string, string>> = {
  email: 'Email',
  sms: 'SMS',
  whatsapp: 'WhatsApp',
  push: 'Push',
  none: 'No channel',
}

/** A channel as people write it. */
export const channelName = (channel: string) => CHANNEL_NAMES[channel] ?? channel
