/**
 * What the docs show: real answers of the service, all about the same three days of one tenant, so that one screen's numbers are found again on another.
 * A test holds each against its schema and its own arithmetic.
 */
import { campaignsData, sequencesData, workflowsData } from './examples/journey-data.ts'
import { messagesData, overviewData, templatesData, trafficData } from './examples/message-data.ts'

/** The correlation id of every example, failures included. */
export const EXAMPLE_CORRELATION_ID = '0c6f7a52-3f0e-4c9b-9d0e-5a4f6f1f2b11'

const answered = (data: object) => ({
  success: true,
  data,
  meta: { correlationId: EXAMPLE_CORRELATION_ID, asOf: '2026-01-29T06:30:15.123Z', timezone: 'UTC' },
})

const parts = ['migrations', 'consumer', 'store'].map((name) => ({ name, message: 'ok' }))

/** Whole answers with status 200, by the operation's id. */
export const EXAMPLES: Readonly<Record<string, object>> = {
  overview: answered(overviewData),
  messages: answered(messagesData),
  campaigns: answered(campaignsData),
  workflows: answered(workflowsData),
  sequences: answered(sequencesData),
  templates: answered(templatesData),
  traffic: answered(trafficData),
  healthLive: { success: true, data: { status: 'live' } },
  healthReady: { success: true, data: { status: 'ready', parts } },
}
