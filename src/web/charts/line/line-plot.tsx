import { type Signal, signal, useSignal, useSignalEffect } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useId, useLayoutEffect, useRef } from 'preact/hooks'
import type uPlot from 'uplot'
import { Note } from '../../components/note.tsx'
import { messages } from '../../messages/messages.ts'
import type { LineVisibility } from '../legend.tsx'
import { plotOptionsOf } from './plot-options.ts'
import type { ChartUnit, Line } from '../series.ts'
import { plotDataOf, type SeriesData } from './series-data.ts'
import type { Tick } from './time-ticks.ts'

/** Where a bucket is drawn, in CSS pixels from the left edge of the plot, whose width it names too; and from where to where the lines reach. */
export type PositionOf = (index: number) => {
  readonly left: number
  readonly width: number
  /** The upper edge of the lines, and the height that they have. */
  readonly top: number
  readonly height: number
}

interface LinePlotProps extends LineVisibility {
  readonly title: string
  readonly unit: ChartUnit
  /** Whether small values matter, as in limits of rates: the scale ends near the largest value. */
  readonly isFine?: boolean
  /** The number and the colours of the lines stay the same as long as the component is mounted. */
  readonly lines: readonly Pick<Line<never>, 'id' | 'colour'>[]
  readonly data: SeriesData
  readonly ticks: (maxCount: number) => readonly Tick[]
  /** The index of the bucket under the cursor. */
  readonly cursor: Signal<number | undefined>
  /** Called with a bucket that the user clicks, or chooses with the Enter key. */
  readonly onChoose?: ((index: number, isByKey: boolean) => void) | undefined
  /** Describes a bucket that the user chose with the keyboard. */
  readonly describe: (index: number) => string
  /** The tooltip. */
  readonly children: (positionOf: PositionOf) => ComponentChildren
}

type PlotLibrary = typeof uPlot

/** uPlot is a third of the scripts: it is loaded beside the first data of the page instead of before it. Undefined until then. */
const library = signal<PlotLibrary | 'failed' | undefined>(undefined)
import('uplot').then(
  (module) => (library.value = module.default),
  () => (library.value = 'failed'),
)

/** The plot, as soon as its library is loaded. Its space is kept free before. */
export function LinePlot(props: LinePlotProps) {
  const loaded = library.value
  if (loaded === 'failed') return <Note>{messages().chart.notLoaded}</Note>
  return loaded ? <LoadedPlot {...props} library={loaded} /> : <div class="plot" aria-busy="true" />
}

/** The plot with its cursor, which the mouse, a finger and the keyboard move from bucket to bucket. */
function LoadedPlot(props: LinePlotProps & { readonly library: PlotLibrary }) {
  const { title, lines, data, cursor, hiddenLines, showsPrevious, describe, children, onChoose } = props
  const hintId = useId()
  const canvas = useRef<HTMLDivElement>(null)
  const announcement = useRef<HTMLParagraphElement>(null)
  const plotRef = useRef<uPlot | undefined>(undefined)
  const latest = useRef(props)
  latest.current = props
  const count = data.starts.length

  /** Counts how often the plot was drawn, because drawing may move its buckets under the tooltip. */
  const drawings = useSignal(0)

  const placeCursor = () => {
    const plot = plotRef.current
    const index = cursor.peek()
    // The plot moves its markers only when the cursor leaves and returns.
    plot?.setCursor({ left: -10, top: -10 }, false)
    if (plot && index !== undefined) plot.setCursor({ left: plot.valToPos(index, 'x'), top: 0 }, false)
  }
  const applyVisibility = () => {
    const plot = plotRef.current
    plot?.batch(() => {
      for (const [line, { id }] of lines.entries()) {
        const isShown = !hiddenLines.value.has(id)
        plot.setSeries(1 + line, { show: isShown && showsPrevious.value })
        plot.setSeries(1 + lines.length + line, { show: isShown })
        plot.setSeries(1 + 2 * lines.length + line, { show: isShown })
      }
    })
  }

  useLayoutEffect(() => {
    const container = canvas.current!
    const options = plotOptionsOf({
      container,
      unit: props.unit,
      isFine: props.isFine === true,
      lines,
      ticks: (maxCount) => latest.current.ticks(maxCount),
      onDraw: () => {
        placeCursor()
        drawings.value = drawings.peek() + 1
      },
    })
    const plot = new props.library(options, plotDataOf(latest.current.data), container)
    plotRef.current = plot
    applyVisibility()
    const observer = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = container
      if (width > 0 && (width !== plot.width || height !== plot.height)) plot.setSize({ width, height })
    })
    observer.observe(container)
    const redraw = () => plot.redraw(false, true)
    const queries = ['(prefers-color-scheme: dark)', '(forced-colors: active)', 'print'].map((query) =>
      matchMedia(query),
    )
    for (const query of queries) query.addEventListener('change', redraw)
    return () => {
      for (const query of queries) query.removeEventListener('change', redraw)
      observer.disconnect()
      plot.destroy()
      plotRef.current = undefined
    }
  }, [])
  const drawnData = useRef(data)
  useLayoutEffect(() => {
    if (drawnData.current === data) return
    drawnData.current = data
    if ((cursor.peek() ?? 0) >= count) cursor.value = undefined
    plotRef.current?.setData(plotDataOf(data))
  }, [data])
  useSignalEffect(applyVisibility)
  useSignalEffect(() => {
    if (cursor.value === undefined && announcement.current) announcement.current.textContent = ''
    placeCursor()
  })
  // A chart that is no longer on the screen has no cursor.
  useEffect(() => () => void (cursor.value = undefined), [])

  const moveToPointer = ({ clientX }: PointerEvent) => {
    const plot = plotRef.current
    if (!plot) return
    const index = plot.posToIdx(clientX - plot.over.getBoundingClientRect().left)
    cursor.value = Math.min(count - 1, Math.max(0, index))
  }
  const chooseCursor = (isByKey: boolean) => {
    const index = cursor.peek()
    if (index !== undefined) onChoose?.(index, isByKey)
  }
  const moveByKey = (event: KeyboardEvent) => {
    if (event.key === 'Enter') chooseCursor(true)
    const next = indexAfterKey(event.key, cursor.peek(), count)
    if (next === 'ignored') return
    event.preventDefault()
    cursor.value = next
    announcement.current!.textContent = next === undefined ? '' : describe(next)
  }
  const positionOf: PositionOf = (index) => {
    const plot = plotRef.current
    if (drawings.value === 0 || !plot) return { left: 0, width: 0, top: 0, height: 0 }
    const { offsetLeft, offsetTop: top, offsetHeight: height } = plot.over
    return { left: offsetLeft + plot.valToPos(index, 'x'), width: plot.width, top, height }
  }
  return (
    <>
      <div
        class="plot"
        // The arrow keys move the cursor instead of the reading position of a screen reader.
        role="application"
        aria-roledescription={messages().chart.lineChart}
        aria-label={title}
        aria-describedby={hintId}
        tabIndex={0}
        onPointerMove={moveToPointer}
        onPointerDown={moveToPointer}
        onClick={() => chooseCursor(false)}
        onPointerLeave={({ pointerType }) => {
          // A finger that is lifted leaves the values on the screen.
          if (pointerType !== 'touch') cursor.value = undefined
        }}
        onBlur={() => (cursor.value = undefined)}
        onKeyDown={moveByKey}
      >
        <div ref={canvas} class="plot-canvas" />
        {children(positionOf)}
      </div>
      <p id={hintId} hidden>
        {messages().chart.keys}
      </p>
      <p ref={announcement} class="visually-hidden" role="status" />
    </>
  )
}

/** The bucket of the cursor after a key; undefined = no cursor. */
function indexAfterKey(key: string, index: number | undefined, count: number): number | undefined | 'ignored' {
  const last = count - 1
  switch (key) {
    case 'ArrowLeft':
      return index === undefined ? last : Math.max(0, index - 1)
    case 'ArrowRight':
      return index === undefined ? 0 : Math.min(last, index + 1)
    case 'Home':
      return 0
    case 'End':
      return last
    case 'Escape':
      return index === undefined ? 'ignored' : undefined
    default:
      return 'ignored'
  }
}
