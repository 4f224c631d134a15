/**
 * Counters, gauges and histograms, and their Prometheus text (exposition format 0.0.4). Own code, as the usual client needs the Node runtime at import.
 */
export type Labels = Readonly<Record<string, string>>

/** The possible values of each label of a metric, where they are known in advance. */
export type LabelSets = Readonly<Record<string, readonly string[]>>

/** Labels with values from closed sets. */
type LabelsOf<Sets extends LabelSets> = { readonly [Name in keyof Sets]: Sets[Name][number] }

/** Labels from closed sets are required; other labels are optional. */
type LabelArguments<Sets extends LabelSets> = string extends keyof Sets ? [labels?: Labels] : [labels: LabelsOf<Sets>]

const NO_LABELS: Labels = {}

interface Series {
  readonly labels: Labels
  value: number
}

abstract class Metric {
  readonly name: string
  readonly help: string
  abstract readonly type: 'counter' | 'gauge' | 'histogram'

  constructor(name: string, help: string) {
    this.name = name
    this.help = help
  }

  abstract sampleLines(): string[]

  render(): string {
    return [`# HELP ${this.name} ${this.help}`, `# TYPE ${this.name} ${this.type}`, ...this.sampleLines()].join('\n')
  }
}

abstract class ValueMetric extends Metric {
  protected readonly series = new Map<string, Series>()

  protected seriesFor(labels: Labels): Series {
    const key = labelText(labels)
    let series = this.series.get(key)
    if (!series) this.series.set(key, (series = { labels, value: 0 }))
    return series
  }

  /** The current value; 0 for labels that were never used. */
  value(labels: Labels = NO_LABELS): number {
    return this.series.get(labelText(labels))?.value ?? 0
  }

  /** The sum over all labels. */
  total(): number {
    let sum = 0
    for (const { value } of this.series.values()) sum += value
    return sum
  }

  sampleLines(): string[] {
    if (this.series.size === 0) return [`${this.name} 0`]
    return [...this.series].map(([key, { value }]) => `${this.name}${key} ${value}`)
  }
}

export class Counter<Sets extends LabelSets = LabelSets> extends ValueMetric {
  readonly type = 'counter'

  /** With `labelSets`, the closed sets of its labels, every series exists from the start at 0, so that the first increase is visible as one. */
  constructor(name: string, help: string, labelSets?: Sets) {
    super(name, help)
    if (labelSets) for (const labels of combinationsOf(labelSets)) this.seriesFor(labels)
  }

  add(amount: number, ...[labels = NO_LABELS]: LabelArguments<Sets>): void {
    this.seriesFor(labels).value += amount
  }
}

export class Gauge extends ValueMetric {
  readonly type = 'gauge'

  set(value: number, labels: Labels = NO_LABELS): void {
    this.seriesFor(labels).value = value
  }

  /** Removes every series. */
  clear(): void {
    this.series.clear()
  }
}

interface Distribution {
  readonly labels: Labels
  readonly counts: number[]
  sum: number
  count: number
}

export class Histogram extends Metric {
  readonly type = 'histogram'
  readonly #bounds: readonly number[]
  readonly #distributions = new Map<string, Distribution>()

  /** `bounds` are the upper bounds of the buckets, ascending, in the unit at the end of the name. */
  constructor(name: string, help: string, bounds: readonly number[]) {
    super(name, help)
    this.#bounds = bounds
  }

  observe(value: number, labels: Labels = NO_LABELS): void {
    const key = labelText(labels)
    let distribution = this.#distributions.get(key)
    if (!distribution) {
      distribution = { labels, counts: this.#bounds.map(() => 0), sum: 0, count: 0 }
      this.#distributions.set(key, distribution)
    }
    distribution.sum += value
    distribution.count++
    for (let i = 0; i < this.#bounds.length; i++) {
      if (value > this.#bounds[i]!) continue
      distribution.counts[i]!++
      break
    }
  }

  sampleLines(): string[] {
    return [...this.#distributions.values()].flatMap(({ labels, counts, sum, count }) => {
      let below = 0
      const buckets = this.#bounds.map((bound, i) => {
        below += counts[i]!
        return `${this.name}_bucket${labelText({ ...labels, le: String(bound) })} ${below}`
      })
      const key = labelText(labels)
      const rest = [
        `${this.name}_bucket${labelText({ ...labels, le: '+Inf' })} ${count}`,
        `${this.name}_sum${key} ${sum}`,
      ]
      return [...buckets, ...rest, `${this.name}_count${key} ${count}`]
    })
  }
}

/** The Prometheus text of `metrics`. */
export function renderPrometheusText(metrics: Iterable<Counter | Gauge | Histogram>): string {
  return `${[...metrics].map((metric) => metric.render()).join('\n')}\n`
}

/** Every combination of one value per label. */
function combinationsOf(sets: LabelSets): Labels[] {
  return Object.entries(sets).reduce<Labels[]>(
    (chosen, [name, values]) => chosen.flatMap((labels) => values.map((value) => ({ ...labels, [name]: value }))),
    [NO_LABELS],
  )
}

/** Cached by the labels object: frequent callers reuse one object. */
const labelTexts = new WeakMap<Labels, string>([[NO_LABELS, '']])

function labelText(labels: Labels): string {
  let text = labelTexts.get(labels)
  if (text === undefined) {
    const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`)
    text = pairs.length === 0 ? '' : `{${pairs.join(',')}}`
    labelTexts.set(labels, text)
  }
  return text
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
