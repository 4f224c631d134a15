/** The mail about a change of state, as text and as HTML. */
import { QUERY_METRICS } from '../../analytics/custom-query/metric-sources.ts'
import { findTimeZone } from '../../base/time-zone.ts'
import { oneLine } from '../../base/texts/one-line.ts'
import type { AlertNotification } from './notification.ts'

export interface MailContent {
  readonly subject: string
  readonly text: string
  readonly html: string
}

const WORDS = { firing: 'Firing', resolved: 'Resolved' } as const

/** `pageUrl` is the address of the dashboard page. */
export function mailContent(notification: AlertNotification, pageUrl: string | undefined): MailContent {
  const { transition, name } = notification
  const subject = `${WORDS[transition]}: ${name}`
  const facts = factsOf(notification)
  const lines = [
    subject,
    '',
    ...facts.map(([label, value]) => `${label}: ${value}`),
    ...(pageUrl === undefined ? [] : ['', pageUrl]),
  ]
  return { subject, text: `${lines.join('\n')}\n`, html: htmlOf(subject, transition, facts, pageUrl) }
}

type Fact = readonly [label: string, value: string]

function factsOf(notification: AlertNotification): Fact[] {
  const { metric, series, bucket, timezone, value, expected, ruleId, granularity } = notification
  const { label, unit } = QUERY_METRICS[metric]
  const shown = (each: number) =>
    each.toLocaleString('en') + (unit === 'percent' ? ' %' : unit === 'seconds' ? ' s' : '')
  return [
    [label, value === null ? 'no value' : shown(value)],
    ...(expected ? [['Expected', expectationText(expected, shown)] as const] : []),
    ...Object.entries(series ?? {}).map(([dimension, key]): Fact => [
      dimension,
      key === null ? '(none)' : oneLine(String(key)),
    ]),
    [`The ${granularity}`, `${localTime(bucket.start, timezone)} to ${localTime(bucket.end, timezone)} (${timezone})`],
    ['Rule', ruleId],
  ]
}

function expectationText(
  { lower, upper }: NonNullable<AlertNotification['expected']>,
  shown: (value: number) => string,
): string {
  if (lower !== undefined && upper !== undefined) return `${shown(lower)} to ${shown(upper)}`
  return upper === undefined ? `at least ${shown(lower ?? 0)}` : `at most ${shown(upper)}`
}

function localTime(instant: string, timezone: string): string {
  const local = findTimeZone(timezone)?.wallTime(Date.parse(instant)) ?? new Date(Date.parse(instant))
  return local.toISOString().slice(0, 16).replace('T', ' ')
}

const COLOURS = { firing: '#b42318', resolved: '#067647' } as const

function htmlOf(
  subject: string,
  transition: AlertNotification['transition'],
  facts: readonly Fact[],
  pageUrl: string | undefined,
): string {
  const rows = facts
    .map(
      ([label, value]) =>
        `<tr><th scope="row" style="text-align:left;font-weight:600;padding:4px 16px 4px 0;vertical-align:top">${escaped(label)}</th><td style="padding:4px 0">${escaped(value)}</td></tr>`,
    )
    .join('')
  const link = pageUrl === undefined ? '' : `<p><a href="${escaped(pageUrl)}">${escaped(pageUrl)}</a></p>`
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark"><title>${escaped(subject)}</title></head>
<body style="font-family:system-ui,sans-serif;font-size:15px;line-height:1.5">
<h1 style="font-size:19px;border-left:4px solid ${COLOURS[transition]};padding-left:12px">${escaped(subject)}</h1>
<table role="presentation" style="border-collapse:collapse">${rows}</table>
${link}</body></html>
`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
