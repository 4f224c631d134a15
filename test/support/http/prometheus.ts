export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface MetricFamily {
  readonly name: string
  readonly help: string
  readonly type: string
  readonly samples: readonly Sample[]
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const LABEL = String.raw`[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\\\|\\"|\\n)*"`
const HELP = new RegExp(`^# HELP (${NAME}) (.+)$`)
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram|summary|untyped)$`)
const SAMPLE = new RegExp(
  String.raw`^(${NAME})(?:\{(${LABEL}(?:,${LABEL})*)\})? ([-+]?(?:\d+(?:\.\d+)?(?:e[-+]?\d+)?|Inf)|NaN)$`,
)

/**
 * Reads the text exposition format 0.0.4 as strictly as Prometheus does: every line one of HELP, TYPE or a sample, a
 * family's lines together, no series twice, histograms whole and cumulative. Throws with the line that breaks a rule.
 */
export function parsePrometheus(text: string): Map<string, MetricFamily> {
  const families = new Map<string, MetricFamily & { samples: Sample[] }>()
  const seen = new Set<string>()
  let help: RegExpExecArray | undefined
  let family: (MetricFamily & { samples: Sample[] }) | undefined
  if (!text.endsWith('\n')) fail('a last line without an end')
  for (const line of text.slice(0, -1).split('\n')) {
    if (line.startsWith('# HELP')) {
      help = HELP.exec(line) ?? fail(line)
    } else if (line.startsWith('#')) {
      const [, name = '', type = ''] = TYPE.exec(line) ?? fail(line)
      if (name !== help?.[1] || families.has(name)) fail(line)
      family = { name, type, help: help?.[2] ?? '', samples: [] }
      families.set(name, family)
    } else {
      const [, name = '', labels = '', value = ''] = SAMPLE.exec(line) ?? fail(line)
      const key = `${name}{${labels}}`
      if (!family || seen.has(key) || !belongs(name, family)) fail(line)
      seen.add(key)
      family?.samples.push({ name, labels: readLabels(labels), value: Number(value.replace('Inf', 'Infinity')) })
    }
  }
  for (const { type, samples, name } of families.values()) if (type === 'histogram') checkHistogram(name, samples)
  return families
}

function belongs(sample: string, { name, type }: MetricFamily): boolean {
  if (type !== 'histogram') return sample === name
  return [`${name}_bucket`, `${name}_sum`, `${name}_count`].includes(sample)
}

function readLabels(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/([^=,]+)="((?:[^"\\]|\\.)*)"/g)].map(([, name = '', value = '']) => [name, value]),
  )
}

function checkHistogram(name: string, samples: readonly Sample[]): void {
  const last = new Map<string, { le: number; value: number }>()
  for (const sample of samples) {
    const { le, ...labels } = sample.labels
    const key = JSON.stringify(labels)
    const before = last.get(key)
    if (le !== undefined) {
      const bound = Number(le.replace('Inf', 'Infinity'))
      if (before && (bound <= before.le || sample.value < before.value)) fail(`${name} ${key} le=${le}`)
      last.set(key, { le: bound, value: sample.value })
    } else if (sample.name === `${name}_count` && (before?.le !== Infinity || before.value !== sample.value)) {
      fail(`${name} ${key}: the last bucket is not the count`)
    }
  }
}

function fail(line: string): never {
  throw new Error(`Prometheus could not read: ${line}`)
}
