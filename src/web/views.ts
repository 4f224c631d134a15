/**
 * What the page can show: one entry a view, its dashboard and what that can be asked.
 */
import type { Granularity } from '../analytics/buckets.ts'
import type { Campaigns } from '../analytics/campaigns.ts'
import type { Messages } from '../analytics/messages.ts'
import type { Overview } from '../analytics/overview.ts'
import type { Sequences } from '../analytics/sequences.ts'
import type { Templates } from '../analytics/templates.ts'
import type { Traffic } from '../analytics/traffic.ts'
import type { Workflows } from '../analytics/workflows.ts'

/** The answer of each view's dashboard. */
export interface Answers {
  readonly overview: Overview
  readonly messages: Messages
  readonly campaigns: Campaigns
  readonly workflows: Workflows
  readonly sequences: Sequences
  readonly templates: Templates
  readonly traffic: Traffic
}
export type ViewName = keyof Answers

interface ViewFacts {
  readonly title: string
  readonly says: string
  readonly takesChannel: boolean
  readonly granularities: readonly Granularity[]
  /** The parameter that narrows it to one thing, and what that is called. */
  readonly one?: { readonly parameter: string; readonly noun: string }
}

export const VIEWS: Readonly<Record<ViewName, ViewFacts>> = {
  overview: {
    title: 'Overview',
    says: 'What was sent, and what came of it',
    takesChannel: false,
    granularities: [],
  },
  messages: {
    title: 'Messages',
    says: 'Every outcome, by time and by channel',
    takesChannel: true,
    granularities: ['hour', 'day', 'week', 'month'],
  },
  campaigns: {
    title: 'Campaigns',
    says: 'Which campaigns reach people and are read',
    takesChannel: true,
    granularities: [],
    one: { parameter: 'campaignId', noun: 'campaign' },
  },
  workflows: {
    title: 'Workflows',
    says: 'How runs end, and how many reach their goal',
    takesChannel: false,
    granularities: [],
    one: { parameter: 'workflowId', noun: 'workflow' },
  },
  sequences: {
    title: 'Sequences',
    says: 'Who is enrolled, who replies, and at which step',
    takesChannel: false,
    granularities: [],
    one: { parameter: 'sequenceId', noun: 'sequence' },
  },
  templates: {
    title: 'Templates',
    says: 'Which templates are opened, and which are not',
    takesChannel: true,
    granularities: [],
    one: { parameter: 'templateId', noun: 'template' },
  },
  traffic: {
    title: 'Traffic',
    says: 'When messages are sent',
    takesChannel: false,
    granularities: ['hour', 'day', 'week'],
  },
}
export const VIEW_NAMES = Object.keys(VIEWS) as ViewName[]
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
