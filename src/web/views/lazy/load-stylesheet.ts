const loaded = new Map<string, Promise<void>>()

/** Loads a style sheet once. A page without its styles is better than none when that fails. */
export function loadStylesheet(url: string): Promise<void> {
  const known = loaded.get(url)
  if (known) return known
  const loading = new Promise<void>((resolve) => {
    const link = document.createElement('link')
    link.rel = 'stylesheet'
    link.href = url
    link.addEventListener('load', () => resolve())
    link.addEventListener('error', () => {
      loaded.delete(url)
      resolve()
    })
    document.head.append(link)
  })
  loaded.set(url, loading)
  return loading
}
