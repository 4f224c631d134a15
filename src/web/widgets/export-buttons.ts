import type { ApiClient } from '../api/api-client.ts'
import { csvParameters } from '../csv-parameters.ts'
import { h, setText } from '../dom.ts'

const FORMATS = [
  ['csv', 'CSV'],
  ['xlsx', 'Excel'],
] as const

/** Buttons that save the shown data as a file, one per format. The CSV file has the separators of the browser's language. */
export function createExportButtons(api: ApiClient, currentPath: () => string): HTMLElement {
  const csvStyle = csvParameters(globalThis.navigator.language)
  const problem = h('span', { class: 'field-problem', role: 'status' })
  const buttons = FORMATS.map(([format, label]) => {
    const click = () => void save(format, button)
    const title = format === 'csv' && csvStyle !== '' ? 'With semicolons and decimal commas' : undefined
    const button = h(
      'button',
      { type: 'button', class: 'button', 'aria-label': `Export ${label}`, title, click },
      label,
    )
    return button
  })

  async function save(format: string, button: HTMLButtonElement): Promise<void> {
    button.disabled = true
    setText(problem, '')
    try {
      const response = await api.request(
        `${currentPath()}&format=${format}${format === 'csv' ? csvStyle : ''}`,
        new AbortController().signal,
      )
      const name = fileNameFrom(response.headers.get('content-disposition') ?? '') ?? `export.${format}`
      download(await response.blob(), name)
    } catch (error) {
      setText(problem, error instanceof Error ? error.message : 'The export failed.')
    } finally {
      button.disabled = false
    }
  }
  return h('span', { class: 'export' }, problem, 'Export', ...buttons)
}

/** Makes a safe file name from a header: it never contains a path. */
function fileNameFrom(disposition: string): string | undefined {
  const name = /filename="?([^";]+)"?/i.exec(disposition)?.[1]?.trim()
  return name?.replaceAll(/[^\w.-]+/g, '-')
}

function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob)
  h('a', { href: url, download: name }).click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
