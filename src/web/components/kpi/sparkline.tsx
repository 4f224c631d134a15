interface SparklineProps {
  /** At least two. */
  readonly values: readonly number[]
  /** The name of the custom property `--series-…` in the style sheet. */
  readonly colour: string
}

const WIDTH = 100
const HEIGHT = 24

/** The course of a number without axes. It is hidden from screen readers, because a chart has the same numbers. */
export function Sparkline({ values, colour }: SparklineProps) {
  const largest = Math.max(1, ...values)
  const points = values.map((value, index) => {
    const x = (index / (values.length - 1)) * WIDTH
    const y = HEIGHT - (value / largest) * HEIGHT
    return `${x.toFixed(2)},${y.toFixed(2)}`
  })
  return (
    <svg
      class="sparkline"
      aria-hidden="true"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      style={{ '--series': `var(--series-${colour})` }}
    >
      <polygon points={`0,${HEIGHT} ${points.join(' ')} ${WIDTH},${HEIGHT}`} />
      <polyline points={points.join(' ')} />
    </svg>
  )
}
