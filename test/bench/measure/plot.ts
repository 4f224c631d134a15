/** Draws a line chart as SVG. */
export interface Line {
  readonly label: string
  readonly points: readonly { readonly x: number; readonly y: number }[]
  readonly isDashed?: boolean
  /** Without a dot at each point, for lines of many points. */
  readonly isPlain?: boolean
}

export interface Axis {
  readonly label: string
  /** The first and the last are the limits of the axis. */
  readonly ticks: readonly number[]
  /** Linear instead of logarithmic. */
  readonly isLinear?: boolean
}

export interface Axes {
  readonly title: string
  readonly x: Axis
  readonly y: Axis
}

const [WIDTH, HEIGHT] = [860, 520]
const FRAME = { left: 70, right: 200, top: 44, bottom: 56 }
/** The colours of Okabe and Ito, which are distinguishable with colour blindness. */
const COLOURS = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#000000']
const LABEL_GAP = 15

export function linesSvg({ title, x, y }: Axes, lines: readonly Line[]): string {
  const across = scale(x, FRAME.left, WIDTH - FRAME.right)
  const up = scale(y, HEIGHT - FRAME.bottom, FRAME.top)
  const grid = [
    ...x.ticks.map((tick) => {
      const at = across(tick)
      return `<path class="grid" d="M${at} ${FRAME.top}V${HEIGHT - FRAME.bottom}"/><text x="${at}" y="${HEIGHT - FRAME.bottom + 20}" text-anchor="middle">${shortened(tick)}</text>`
    }),
    ...y.ticks.map((tick) => {
      const at = up(tick)
      return `<path class="grid" d="M${FRAME.left} ${at}H${WIDTH - FRAME.right}"/><text x="${FRAME.left - 8}" y="${at + 4}" text-anchor="end">${shortened(tick)}</text>`
    }),
  ]
  const ends = lines.map(({ points }) => up(points.at(-1)!.y))
  const drawn = lines.map(({ label, points, isDashed = false, isPlain = false }, index) => {
    const colour = COLOURS[index % COLOURS.length]!
    const path = points.map((point) => `${across(point.x)} ${up(point.y)}`).join('L')
    return [
      `<path d="M${path}" fill="none" stroke="${colour}" stroke-width="2"${isDashed ? ' stroke-dasharray="5 4"' : ''}/>`,
      ...(isPlain ? [] : points).map(
        (point) => `<circle cx="${across(point.x)}" cy="${up(point.y)}" r="3" fill="${colour}"/>`,
      ),
      `<text x="${WIDTH - FRAME.right + 10}" y="${spread(ends)[index]! + 4}" fill="${colour}">${label}</text>`,
    ].join('')
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">
<style>text{font:13px system-ui,sans-serif}.grid{stroke:#ddd;fill:none}</style>
<rect width="100%" height="100%" fill="#fff"/>
<text x="${FRAME.left}" y="24" font-weight="bold">${title}</text>
${[...grid, ...drawn].join('\n')}
<text x="${(FRAME.left + WIDTH - FRAME.right) / 2}" y="${HEIGHT - 12}" text-anchor="middle">${x.label}</text>
<text transform="translate(18 ${HEIGHT / 2}) rotate(-90)" text-anchor="middle">${y.label}</text>
</svg>
`
}

function scale({ ticks, isLinear = false }: Axis, from: number, to: number): (value: number) => number {
  const measure = isLinear ? (value: number) => value : Math.log
  const [low, high] = [measure(ticks[0]!), measure(ticks.at(-1)!)]
  return (value) => Math.round((from + ((measure(value) - low) / (high - low)) * (to - from)) * 10) / 10
}

/** Moves overlapping labels down. */
function spread(heights: readonly number[]): number[] {
  const moved = [...heights]
  const order = heights.map((_, index) => index).toSorted((a, b) => heights[a]! - heights[b]!)
  for (let place = 1; place < order.length; place++) {
    const [above, own] = [order[place - 1]!, order[place]!]
    moved[own] = Math.max(moved[own]!, moved[above]! + LABEL_GAP)
  }
  return moved
}

function shortened(value: number): string {
  return value >= 1_000_000 ? `${value / 1_000_000} M` : String(value)
}
