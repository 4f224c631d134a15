/** A small drawing beside a text with the same meaning. The path is drawn as a line on an area of 16 × 16. */
export function Icon({ path }: { readonly path: string }) {
  return (
    <svg class="icon-drawing" viewBox="0 0 16 16" aria-hidden="true">
      <path d={path} />
    </svg>
  )
}
