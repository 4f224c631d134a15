import { type Api, Refusal } from '../api.ts'
import { h, setText } from '../dom.ts'

/** Saves what is shown as a file. Gone for good once the service turns out to know no such thing. */
export function createExportButton(api: Api, path: () => string) {
  const problem = h('span', { class: 'field-problem', role: 'status' })
  const button = h('button', { type: 'button', class: 'button', click: () => void save() }, 'Export CSV')
  const element = h('span', { class: 'export' }, problem, button)

  async function save(): Promise<void> {
    button.disabled = true
    setText(problem, '')
    try {
      const response = await api.open(`${path()}&format=csv`, new AbortController().signal)
      if (!(response.headers.get('content-type') ?? '').includes('csv')) return element.remove()
      download(await response.blob(), nameIn(response.headers.get('content-disposition') ?? '') ?? 'export.csv')
    } catch (error) {
      if (error instanceof Refusal && error.status === 400) element.remove()
      else setText(problem, error instanceof Error ? error.message : 'The export failed.')
    } finally {
      button.disabled = false
    }
  }
  return element
}

/** A safe name of a file: whatever a header says, it is no path. */
function nameIn(disposition: string): string | undefined {
  const name = /filename="?([^";]+)"?/i.exec(disposition)?.[1]?.trim()
  return name?.replaceAll(/[^\w.-]+/g, '-')
}

function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob)
  h('a', { href: url, download: name }).click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
