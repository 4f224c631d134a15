import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { Glob } from 'bun'
import { parser } from '@prometheus-io/lezer-promql'
import { parse } from 'yaml'
import { readProcessUsage } from '../../src/host/process/process-usage.ts'
import { createServiceMetrics } from '../../src/base/service-metrics.ts'
import { createProcessMetrics } from '../../src/host/process/process-metrics.ts'
import { Histogram } from '../../src/base/prometheus.ts'

const root = new URL('../..', import.meta.url).pathname
const read = (file: string) => readFileSync(`${root}monitoring/${file}`, 'utf8')

/** Labels of the service's series. Prometheus adds job and instance, and histograms have le. */
const LABELS: Readonly<Record<string, readonly string[]>> = {
  analytics_events_dead_lettered_total: ['reason'],
  analytics_events_missed_total: ['cause'],
  analytics_dashboard_responses_total: ['source'],
  analytics_requests_limited_total: ['reason'],
  analytics_live_messages_total: ['event'],
  analytics_live_resyncs_total: ['reason'],
  analytics_tenant_disk_bytes: ['tenant'],
  analytics_ledger_events: ['outcome'],
  analytics_tenant_events: ['tenant', 'outcome'],
  analytics_http_request_duration_seconds: ['route', 'status'],
  analytics_query_duration_seconds: ['dashboard'],
  analytics_store_query_duration_seconds: ['query'],
  analytics_consistency_mismatches: ['check'],
  analytics_stream_bytes: ['stream'],
  analytics_stream_limit_bytes: ['stream'],
  analytics_unexpected_errors_total: ['where'],
}
const ALWAYS = ['job', 'instance', 'le']
const COUNTER_FUNCTIONS = ['rate', 'increase', 'irate']

const metrics = [...Object.values(createServiceMetrics()), ...createProcessMetrics(readProcessUsage)()]

/** Every series of the service by name: its metric, and whether it is a counter. */
const series = new Map<string, { metric: string; isCounter: boolean }>()
for (const metric of metrics) {
  const { name, type } = metric
  if (metric instanceof Histogram)
    for (const part of ['bucket', 'sum', 'count']) series.set(`${name}_${part}`, { metric: name, isCounter: true })
  else series.set(name, { metric: name, isCounter: type === 'counter' })
}

/** The problems of a PromQL expression as sentences; empty for a correct one. */
function problemsOf(expression: string): string[] {
  // Grafana replaces its variables with durations and texts.
  const text = expression.replaceAll('$__rate_interval', '5m').replaceAll('$job', 'job')
  const problems: string[] = []
  const functions: string[] = []
  let metric: string | undefined
  parser.parse(text).iterate({
    enter(node) {
      const words = text.slice(node.from, node.to)
      if (node.type.isError) problems.push(`is not PromQL near "${text.slice(node.from, node.from + 20)}"`)
      if (node.name === 'FunctionCall') functions.push(/^\w+/.exec(words)![0])
      if (node.name === 'VectorSelector') {
        metric = /^\w+/.exec(words)![0]
        const known = series.get(metric)
        const counts = functions.some((name) => COUNTER_FUNCTIONS.includes(name))
        if (!known) problems.push(`names ${metric}, which does not exist`)
        else if (counts && !known.isCounter) problems.push(`takes the rate of ${metric}, which is not a counter`)
        if (functions.includes('histogram_quantile') && !metric.endsWith('_bucket'))
          problems.push(`takes a quantile of ${metric}, which has no buckets`)
      }
      if (node.name === 'LabelName') {
        const named = [...text.matchAll(/\b(?:analytics|process|nodejs)_\w+/g)].map(
          ([name]) => series.get(name)?.metric ?? name,
        )
        const allowed = [...ALWAYS, ...named.flatMap((name) => LABELS[name] ?? [])]
        if (!allowed.includes(words)) problems.push(`uses the label ${words}, which none of its metrics has`)
      }
    },
    leave(node) {
      if (node.name === 'FunctionCall') functions.pop()
    },
  })
  return problems.map((problem) => `${expression} ${problem}`)
}

interface Panel {
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly targets?: readonly { readonly expr: string }[]
}
const panels = (JSON.parse(read('grafana-dashboard.json')) as { panels: Panel[] }).panels.filter(
  ({ type }) => type !== 'row',
)
interface Rule {
  readonly alert: string
  readonly expr: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}
const rules = (parse(read('prometheus-alerts.yml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
)

describe('the Grafana dashboard and the Prometheus alerts', () => {
  test('uses only existing series and labels, with suitable functions', () => {
    const expressions = [
      ...panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
      ...rules.map(({ expr }) => expr),
    ]
    expect(expressions.length).toBeGreaterThan(40)
    expect(expressions.flatMap(problemsOf)).toEqual([])
  })

  test('shows every metric of the service', () => {
    const shown = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)).join(' ')
    const hidden = metrics.filter(({ name }) => !new RegExp(`\\b${name}(_bucket|_count)?\\b`).test(shown))
    expect(hidden.map(({ name }) => name)).toEqual([])
  })

  test('describes every panel and every alert', () => {
    expect(panels.filter(({ description = '' }) => description.length < 10).map(({ title }) => title)).toEqual([])
    expect(
      rules.filter(
        ({ annotations, labels }) =>
          !annotations['summary'] || !annotations['description'] || !/^(page|warning)$/.test(labels['severity'] ?? ''),
      ),
    ).toEqual([])
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length)
  })

  test('quotes only log messages of the service', async () => {
    const quoted = rules.flatMap(({ annotations }) =>
      [...annotations['description']!.matchAll(/log lines? "([^"]+)"/g)].map(([, message]) => message!),
    )
    const files = [...new Glob('src/**/*.ts').scanSync({ cwd: root, absolute: true })]
    const source = (await Promise.all(files.map((file) => Bun.file(file).text()))).join('\n')
    expect(quoted.length).toBeGreaterThan(5)
    expect(quoted.filter((message) => !source.includes(message))).toEqual([])
  })

  test('restricts alerts on series of every process to this service', () => {
    const foreign = rules.filter(({ expr }) => /\b(process|nodejs)_/.test(expr))
    expect(foreign.length).toBeGreaterThan(0)
    expect(foreign.filter(({ expr }) => !/\band on \(job, instance\) analytics_\w+$/.test(expr))).toEqual([])
  })

  test.each([
    ['sum(rate(analytics_events_gone_total[5m]))', 'does not exist'],
    ['rate(analytics_consumer_lag_messages[5m])', 'is not a counter'],
    ['histogram_quantile(0.9, analytics_events_received_total)', 'no buckets'],
    ['sum by (colour) (analytics_consumer_lag_messages)', 'label colour'],
    ['analytics_consumer_lag_messages{reason="x"}', 'label reason'],
    ['sum(analytics_consumer_lag_messages', 'is not PromQL'],
  ])('control: %s is reported', (expression, problem) => {
    expect(problemsOf(expression).join()).toContain(problem)
  })
})
